"""Titles in the words of a task: with a verb in front where the document is English."""

from __future__ import annotations

import re
from collections import Counter

from taskmaster.planners.outline.titles import PARENTHESES, shortened
from taskmaster.planners.outline.vocabulary import (
    ACTIONS,
    ADVERB,
    ARTICLES,
    BUILT,
    CALENDAR,
    NOUNS_TOO,
    OBJECT,
    PARTICIPLES,
    TAIL,
    VERB_FOR,
    VERBS,
)

_ASCII_WORD = re.compile(r"[A-Za-z]+")
_MID_SENTENCE = re.compile(r"\b[a-z]+,? ([A-Z][a-z]+(?: [A-Z][a-z]+){0,3})\b")
_ENGLISH = frozenset(
    "the and of to a is for with that be on in as are it by this or from can when must".split()
)


class Wording:
    """How this document writes: its language, and which of its words are names."""

    def __init__(self, text: str) -> None:
        words = re.findall(r"[^\W\d_]+", text[:400_000])
        lowered = Counter(word.lower() for word in words[:4000])
        latin = sum(n for word, n in lowered.items() if word.isascii())
        english = sum(lowered[word] for word in _ENGLISH)
        self.english = latin * 2 >= sum(lowered.values()) and (
            english * 12 >= latin or (latin < 60 and word_share(lowered) > 0)
        )
        self.lower = Counter(word for word in words if word.islower())
        self.named = Counter(name for run in _names(text[:400_000]) for name in run.split())

    def task(self, title: str) -> str:
        """``title`` as the title of a task; only English titles get a verb in front."""
        title = shortened(title)
        if not self.english or not title or not title[0].isascii():
            return _capital(title)
        if opens_with_verb(title):
            return _capital(title)
        return shortened(self._with_verb(title))

    def capital(self, title: str) -> str:
        """``title`` with a capital first letter, unless it opens with code."""
        return _capital(title)

    def group(self, title: str) -> str:
        """The title of a task that gathers what a phase or a group holds."""
        if opens_with_verb(title) or title.endswith("…"):
            return _capital(shortened(title))
        return shortened(f"Complete {self.mid(title)}")

    def _with_verb(self, title: str) -> str:
        core = PARENTHESES.sub("", title).strip() or title
        words = core.split()
        head = TAIL.split(core, maxsplit=1)[0].split() or words
        last = head[-1].lower().strip(".,:")
        rest, tail = " ".join(head[:-1]), title[len(" ".join(head)) :]
        if last in ACTIONS and rest and "&" not in core and " and " not in core and len(head) <= 5:
            return f"{ACTIONS[last]} {self.mid(rest)}{self.mid(tail)}"
        if last in PARTICIPLES and rest and head == words:
            kept = words if last == "fixes" else words[:-1]
            return f"{PARTICIPLES[last]} {self.mid(' '.join(kept))}"
        if last == "implementation" and rest:
            return f"Implement {self.mid(rest)}{self.mid(tail)}"
        return f"{_verb_for(last, words)} {self.mid(title)}"

    def mid(self, title: str) -> str:
        """``title`` for the middle of a sentence: names keep their capitals."""
        return " ".join(self._lowered(word) for word in title.split(" "))

    def _lowered(self, word: str) -> str:
        letters = re.sub(r"[^\w]", "", word)
        if not letters[1:].islower() and len(letters) > 1:
            parts = word.split("-")
            if len(parts) > 1 and all(part for part in parts):
                return "-".join(self._lowered(part) for part in parts)
            return word
        if letters in CALENDAR or letters == "I" or any(char.isdigit() for char in letters):
            return word
        if len(letters) == 1:
            return word.lower() if letters == "A" else word
        if self.named[letters] > self.lower[letters.lower()]:
            return word
        return word.lower()


def _verb_for(noun: str, words: list[str]) -> str:
    """What one does with what a title of these words names."""
    for verb, nouns in VERB_FOR.items():
        if noun in nouns:
            return verb
    if noun in BUILT:
        one = not noun.endswith("s") and len(words) <= 4 and words[0].lower() not in ARTICLES
        return "Build the" if one else "Build"
    return "Implement"


def _names(text: str) -> list[str]:
    """Runs of capitalised words in the middle of sentences."""
    found: list[str] = []
    for line in text.split("\n"):
        words = _ASCII_WORD.findall(line)
        if sum(word.islower() for word in words) * 2 > len(words) and not line.startswith("#"):
            found += _MID_SENTENCE.findall(line)
    return found


def word_share(lowered: Counter[str]) -> int:
    """How many English function words or task verbs a short text holds."""
    return sum(n for word, n in lowered.items() if word in _ENGLISH or word in VERBS)


def opens_with_verb(title: str) -> bool:
    """Whether an English title already asks for something: ``Add …``, ``Set up …``."""
    words = [word.strip(".,:()\"'").lower() for word in title.split()]
    if words and ADVERB.match(words[0]):
        words = words[1:] or words
    if not words or words[0] not in VERBS:
        return False
    if words[0] in NOUNS_TOO:
        return bool(OBJECT.match(" ".join(words[1:]))) or _is_sentence(title)
    return True


def _is_sentence(title: str) -> bool:
    """Whether a longer title is written in sentence case, so that it is no name."""
    words = PARENTHESES.sub("", title).split()
    return len(words) > 3 and words[-1].islower() and sum(word.islower() for word in words) > 1


def _capital(title: str) -> str:
    first = title.split(" ", 1)[0]
    if not first.islower() or not first.isalpha():
        return title
    return title[:1].upper() + title[1:]
