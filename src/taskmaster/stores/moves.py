"""What every engine says when tasks move: they are elsewhere, there are some already, one of two
moves is over.
"""

from __future__ import annotations

from taskmaster.errors import Conflict, NotFound


def moved(where: str, successor: str) -> Conflict:
    """The tasks of *where* are at *successor* now."""
    return Conflict(
        f"the tasks of {where} have moved to {successor}; nothing was changed",
        hint="run the command again, which looks for them anew; `tamp storage show` tells where"
        " they are; a move that was cut short is completed by the same `tamp storage move`",
        code="moved",
        details={"to": successor},
    )


def not_empty(where: str) -> Conflict:
    """Nothing can be moved into *where*."""
    return Conflict(
        f"{where} holds tasks or a history already; nothing was changed",
        hint="move to another place, or `tamp storage use` if these are the project's own tasks",
        code="not-empty",
    )


def not_begun(where: str) -> Conflict:
    """Whoever fills *where* has not begun, or is not the last who has."""
    return Conflict(
        f"another move into {where} has begun, or this one was given up; nothing was changed",
        hint="see who else moves tasks there; the command can be repeated",
        code="not-begun",
    )


def unknown_tag(tag: str) -> NotFound:
    return NotFound(f"no tag {tag} was received", code="tag-not-found")


def taken_tag(tag: str) -> Conflict:
    return Conflict(f"the tag {tag} was received already", code="tag-exists")
