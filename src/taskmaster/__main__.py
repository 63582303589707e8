"""``python -m taskmaster`` is the command ``tamp``."""

from __future__ import annotations

from taskmaster.cli.main import command

if __name__ == "__main__":
    command()
