"""``python -m taskmaster`` is the command ``tamp``."""

from __future__ import annotations

from taskmaster.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
