"""What engines say when something is not there, or is there already."""

from __future__ import annotations

from taskmaster.errors import Conflict, Invalid, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


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
