"""Asking a person on the terminal before work that takes something away."""

from __future__ import annotations

import sys


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes; anything else means no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
