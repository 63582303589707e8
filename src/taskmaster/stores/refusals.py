"""What engines say when something is not there, is there already, or is somewhere else by now."""

from __future__ import annotations

from taskmaster.errors import Conflict, Invalid, NotFound, Unavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def missing_extra(what: str, extra: str, error: ImportError) -> Unavailable:
    """That a package is not installed, or not fit for use, which *what* needs."""
    reason = str(error).partition("\n")[0].rstrip(".")
    return Unavailable(
        f"{what} needs packages that are not installed ({reason})",
        hint=f"pip install 'task-master-pro[{extra}]'",
        code="missing-extra",
    )


def missing_task(tag: str, task_id: str) -> NotFound:
    return NotFound(f"there is no task {task_id} in tag {tag}")


def missing_tag(tag: str, tags: Iterable[str]) -> NotFound:
    """That *tag* is none of *tags*, with the one that was probably meant."""
    from taskmaster.domain.words import meant

    known = list(tags)
    return NotFound(
        f"there is no tag {tag}",
        hint=f"{meant(tag, known)}the tags are: {', '.join(known)}",
        code="tag-not-found",
        details={"tag": tag, "tags": known},
    )


def taken_tag(tag: str) -> Conflict:
    return Conflict(f"the tag {tag} exists already", code="tag-exists")


def not_an_order(tag: str) -> Invalid:
    return Invalid(f"an order must name every task of tag {tag} once")


def moved(where: str, successor: str) -> Conflict:
    """The tasks of *where* are at *successor* now."""
    return Conflict(
        f"the tasks of {where} have moved to {successor}; nothing was changed",
        hint="run the command again, which looks for them anew; `tamp storage show` tells where"
        " they are; the same `tamp storage move` completes a move that was cut short",
        code="moved",
        details={"to": successor},
    )


def not_empty(where: str) -> Conflict:
    """Nothing can be moved into *where*."""
    return Conflict(
        f"{where} holds tasks or a history already; nothing was changed",
        hint="move to another place or under another name; if these are the project's own tasks,"
        " `tamp storage use` takes them",
        code="not-empty",
    )


def not_begun(where: str) -> Conflict:
    """Whoever fills *where* has not begun, or is not the last who has."""
    return Conflict(
        f"another move into {where} has begun, or this one was given up",
        hint="see who else moves tasks there; the command can be repeated",
        code="not-begun",
    )
