"""Which words two pieces of a document share, and how much that says."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENDING = re.compile(r"(?:ations?|ions?|ings?|ers?|ors?|ies|ed|es|s|e|y|al)$")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LONE_SYLLABLE = re.compile(r"(?<![\uac00-\ud7af])(?!및)([\uac00-\ud7af]) (?=[\uac00-\ud7af])")
_STEM = 6
_CYRILLIC_STEM = 5
_WEAK = frozenset(
    """
    a an and are as at based be by can for from how if in into is it its of on or our per so
    that the their them then they this to up use used user users using via we when where which
    will with you your not no new all any each only other more must should could shall may
    implement implements implementation build create add support provide enable allow allows
    define develop design make write set setup ensure handle include includes complete
    driven powered enhanced advanced basic simple core feature features system systems module
    modules workflow functionality component components phase task tasks story requirement
    ai app application platform key main full initial general
    le la les des de du et un une pour avec dans sur par en au aux système
    и в на по для от из к не или как система системы
    """.split()
)


def _stem(word: str) -> str:
    if "\u0400" <= word[0] <= "\u04ff":
        return word[:_CYRILLIC_STEM]
    if len(word) > 4:
        word = _ENDING.sub("", word)
    return word[:_STEM]


def stems(text: str) -> frozenset[str]:
    """What ``text`` is about: stems of its telling words, pairs of characters for CJK."""
    found: set[str] = set()
    text = _LONE_SYLLABLE.sub(r"\1", text)
    for match in _WORD.finditer(text):
        for part in _CAMEL.split(match[0]):
            word = part.lower()
            if _WIDE.search(word):
                found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
            elif word not in _WEAK and (len(word) > 2 or (len(word) == 2 and part.isupper())):
                found.add(_stem(word))
    return frozenset(found)


def is_wide(text: str) -> bool:
    """Whether ``text`` is written without telling word from word, as Chinese is."""
    return bool(_WIDE.search(text))


class Weights:
    """How much it says that two texts share a word, given all titles of the document."""

    def __init__(self, texts: Iterable[frozenset[str]]) -> None:
        counted: Counter[str] = Counter()
        self.count = 0
        for words in texts:
            counted.update(words)
            self.count += 1
        self.counted = counted

    def of(self, words: Iterable[str]) -> float:
        """The sum of the words' weights; a rare word weighs more."""
        return sum(self._weight(word) for word in words)

    def _weight(self, word: str) -> float:
        return math.log(1.5 + self.count / (1 + self.counted.get(word, 0)))

    def rare(self, word: str) -> bool:
        """Whether few titles hold the word."""
        return self.counted.get(word, 0) <= max(2, self.count // 8)

    def share(self, part: frozenset[str], whole: frozenset[str]) -> float:
        """How much of ``part`` is found in ``whole``: 0 to 1."""
        own = self.of(part)
        return self.of(part & whole) / own if own else 0.0

    def alike(self, one: frozenset[str], other: frozenset[str]) -> float:
        """How much of the poorer title the richer one holds: 0 to 1.

        A single shared word only counts when it is rare or nearly the whole of both titles.
        """
        shared = one & other
        if not shared:
            return 0.0
        poorer = min(self.of(one), self.of(other))
        if len(shared) == 1:
            longest = max(len(one), len(other))
            rare = self.rare(next(iter(shared)))
            if longest > (5 if rare and min(len(one), len(other)) == 1 else 3):
                return 0.0
            if longest > 1 and not rare:
                return 0.0
        return self.of(shared) / poorer
