"""Task ids as people write them: ``5``, ``5.2``, ``T-001``, lists ``1,3``, ranges ``2.1-2.4``.

Inside the program an id is always text: ``"5"`` names a task, ``"5.2"`` subtask 2 of task 5.
"""

from __future__ import annotations

import re

from taskmaster.errors import Invalid, NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Numbered = dict[str, dict[int, tuple[int, str]]]

_RANGE = re.compile(r"(?:(\d+)\.)?(\d+)\s*-\s*(?:(\d+)\.)?(\d+)")
LONGEST = 200


def normal(raw: object) -> str:
    """A stored id as text; ``3``, ``3.0`` and ``" 3 "`` are ``"3"``, an absent one is ``""``."""
    if type(raw) is int:
        return str(raw)
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, str):
        text = raw.strip()
        return text.lstrip("0") or "0" if text.isdecimal() and text.isascii() else text
    return ""


def local(raw: object, parent: str) -> str:
    """The part of a stored subtask id after its parent's: ``2`` for ``2``, ``"5.2"``, ``"5-2"``."""
    text = normal(raw)
    for mark in (".", "-"):
        if parent and text.startswith(parent + mark) and len(text) > len(parent) + 1:
            return text[len(parent) + 1 :]
    return text


def stored(task_id: str, like: object) -> object:
    """*task_id* as the file wants it: a number unless it is no number or *like* is text."""
    if isinstance(like, str) or not (task_id.isascii() and task_id.isdecimal()):
        return task_id
    return int(task_id)


def next_number(used: Iterable[str]) -> int:
    """One more than the largest numeric id in use."""
    numbers = [int(one) for one in used if one.isascii() and one.isdecimal()]
    return max(numbers, default=0) + 1


def words(text: str | Iterable[str]) -> list[str]:
    """Split a comma or space separated list of ids; refuse an empty one."""
    joined = text if isinstance(text, str) else ",".join(text)
    found = [word for word in re.split(r"[,\s]+", joined.strip()) if word]
    if not found:
        raise Usage("no task id was given", hint="for example: --id=3 or --id=3,5-7,9.2")
    for word in found:
        if len(word) > LONGEST:
            raise Invalid(f"{word[:20]}… is too long to be a task id ({len(word)} characters)")
    return found


def select(text: str | Iterable[str], known: Callable[[], Sequence[str]]) -> list[str]:
    """The ids that *text* names, each once, in the order named.

    A single id is returned whether it exists or not; a range stands for those of the *known* ids
    that lie in it, in their own order. ``known`` is called once, when a range is there.

    Raises NotFound when a range holds no task, Usage when nothing is named or a range runs
    backwards.
    """
    chosen: dict[str, None] = {}
    every: dict[str, None] | None = None
    numbered: Numbered = {}
    for word in words(text):
        match = _RANGE.fullmatch(word)
        if match and every is None:
            every = dict.fromkeys(known())
            numbered = _numbered(every)
        if match and every is not None and word not in every:
            chosen.update(dict.fromkeys(_within(word, numbered)))
        else:
            chosen[_single(word)] = None
    return list(chosen)


def _single(word: str) -> str:
    found = normal(word.removeprefix("#"))
    if not found:
        raise Usage(f"{word} names no task", hint="for example: --id=3 or --id=#3")
    return found


def _numbered(known: Iterable[str]) -> Numbered:
    """The ids that end in a number, by what stands before it and by that number, with places."""
    found: Numbered = {}
    for place, one in enumerate(known):
        above, _, rest = one.rpartition(".")
        if _is_number(rest):
            found.setdefault(above, {}).setdefault(int(rest), (place, one))
    return found


def interval(word: str) -> tuple[str, range] | None:
    """What a range such as ``3-5`` or ``2.1-2.4`` spans: the id above, and the numbers.

    None for a word that is no range. Raises Usage for a range that makes no sense.
    """
    match = _RANGE.fullmatch(word)
    if not match:
        return None
    parent, low, parent_again, high = match.groups()
    if parent_again and parent_again != parent:
        raise Usage(
            f"the range {word} spans two tasks",
            hint="a range stays inside one: 2.1-2.4",
            code="bad-range",
        )
    if int(low) > int(high):
        raise Usage(
            f"the range {word} runs backwards",
            hint="write the smaller number first",
            code="bad-range",
        )
    return parent or "", range(int(low), int(high) + 1)


def inside(task_id: str, span: tuple[str, range]) -> bool:
    """Whether the id lies in what ``interval`` gave."""
    above, _, rest = task_id.rpartition(".")
    parent, numbers = span
    return above == parent and _is_number(rest) and int(rest) in numbers


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST


def _within(word: str, numbered: Numbered) -> list[str]:
    parent, span = interval(word) or ("", range(0))
    own = numbered.get(parent, {})
    if span.stop - span.start <= len(own):
        found = [own[number] for number in span if number in own]
    else:
        found = [one for number, one in own.items() if number in span]
    if not found:
        raise NotFound(f"no task lies in the range {word}")
    return [one for _place, one in sorted(found)]
