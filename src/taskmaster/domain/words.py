"""Comparing words as people do: case and accents do not count."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from taskmaster.domain.task import Task


def folded(text: str) -> str:
    """*text* in the form in which two texts that mean the same are equal."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded, text))


def spaced(text: str) -> str:
    """*text* on one line with single blanks, so that a phrase is found across the ends of lines."""
    return " ".join(text.split())


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, where in *text* it came from."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = _folded(character)
        pieces.append(piece)
        places += [place] * len(piece)
    return "".join(pieces), places


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    import unicodedata

    parts = unicodedata.normalize("NFKD", character)
    return "".join(one for one in parts if not unicodedata.combining(one)).casefold()


def texts_of(task: Task) -> dict[str, str]:
    """The texts that are searched, the weightiest first, each on one line."""
    texts = {
        "title": task.title,
        "labels": ", ".join(task.labels),
        "description": task.description,
        "details": task.details,
        "testStrategy": task.test_strategy,
        "acceptanceCriteria": " ".join(task.acceptance),
    }
    return {name: spaced(text) for name, text in texts.items() if text}


def nearest(word: str, known: tuple[str, ...], likeness: float = 0.6) -> str:
    """The one of *known* that *word* was probably meant to be, ``""`` when none is near."""
    import difflib

    near = difflib.get_close_matches(word[:100], known, 1, likeness)
    return near[0] if near else ""


def meant(word: str, known: Iterable[str]) -> str:
    """The beginning of a hint: which of *known* was probably meant, ``""`` when none is near."""
    near = nearest(word, tuple(known))
    return f"did you mean {near}? " if near else ""
