"""What stands in a task file and no Reader shows: it stays behind when the tasks move."""

from __future__ import annotations

import json
import os

from taskmaster.stores.file.layout import METADATA_KEYS, NESTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from taskmaster.stores.file.layout import Layout

_SHOWN = 3


def unseen(layout: Layout) -> list[str]:
    """In sentences, each about one key or one kind of value."""
    found = [one for one in layout.oddities if one != NESTED and "twice" not in one]
    owners = {tag: _owner(layout, tag) for tag in layout.states}
    root = layout.root
    if isinstance(root, dict) and not any(owner is root for owner in owners.values()):
        found += [f"the top-level key {key!r} is not a tag" for key in METADATA_KEYS if key in root]
    for tag, owner in owners.items():
        found += [f"the key {key!r} stands beside the tasks of tag {tag}"
                  for key in _beside(owner, layout)]  # fmt: skip
    return [*found, *_of_values(layout.text)]


def _owner(layout: Layout, tag: str) -> Mapping[str, object]:
    """The object that holds the tag's task list, an empty one where the list stands alone."""
    path = [step for step in layout.path_of(tag) if step != 0]
    value = layout.root
    for step in path[:-1]:
        value = value[step]  # type: ignore[index]  # the path was found in this very value
    return value if path[-1:] == ["tasks"] and isinstance(value, dict) else {}


def _beside(owner: Mapping[str, object], layout: Layout) -> Iterator[str]:
    shown = next((key for key in METADATA_KEYS if isinstance(owner.get(key), dict)), "")
    for key in owner:
        # Of the other keys at the top level, the oddities tell.
        if key not in ("tasks", shown) and (owner is not layout.root or key in METADATA_KEYS):
            yield key


def _of_values(text: str) -> Iterator[str]:
    """What reading the text as values loses."""
    repeated: list[str] = []
    longer: list[str] = []

    def pairs(found: list[tuple[str, object]]) -> None:
        if len(dict(found)) < len(found):
            keys = [key for key, _value in found]
            repeated.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)

    def fraction(digits: str) -> float:
        from decimal import Decimal

        number = float(digits)
        if Decimal(digits) != Decimal(repr(number)):
            longer.append(digits)
        return number

    json.loads(text, object_pairs_hook=pairs, parse_float=fraction)
    if repeated:
        yield f"{_times(repeated)} written twice in one object; the last one counts"
    if longer:
        yield f"{_times(longer)} more exact than numbers are kept"


def _times(found: list[str]) -> str:
    known = list(dict.fromkeys(found))
    names = ", ".join(known[:_SHOWN]) + ", …" * (len(known) > _SHOWN)
    return f"{names} is" if len(found) == 1 else f"{names} ({len(found)} of them) are"


def size(path: str, home: str) -> int:
    """How many bytes the task file, its log and its copies take."""
    found = [path]
    for folder in ("log", "backups"):
        for above, _folders, names in os.walk(os.path.join(home, folder)):
            found += [os.path.join(above, name) for name in names]
    return sum(os.path.getsize(one) for one in found if os.path.exists(one))
