"""Asks put together: what several places of a document say about one piece of work."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from taskmaster.planners.outline.asks import Ask, Phase, Step, summary
from taskmaster.planners.outline.roles import Role
from taskmaster.planners.outline.signals import FEATURE_LAYER, layer_of
from taskmaster.planners.outline.words import Weights, is_wide, stems

if TYPE_CHECKING:
    from collections.abc import Iterable

SAME = 0.62  # titles that share this much mean the same work
LIKELY = 0.5  # the same for titles in a build order, and where words are pairs of characters
TWIN = 0.99  # the same, for neighbours in one list, which their author told apart
TOLD = 0.8  # a title whose words another ask's text holds is a part of that ask
_LISTING = re.compile(r",|;|、|，|/|:\s|→|\s(?:and|&|и|et|und|y|及)\s|及|与|및")
_COMMON = 24  # a word in more works than this cannot find its partner


@dataclass(slots=True, eq=False)
class Work:
    """A task in the making: the ask it grew from and everything folded into it."""

    ask: Ask
    folded: list[Ask] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    title_words: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    phase: Phase | None = None
    order: int = 0
    layer: int = FEATURE_LAYER
    tier: int = 0  # the layer of the build order, where the document draws layers
    together: bool = False  # only a name for several works: ``ask`` is not the document's own

    @property
    def asks(self) -> list[Ask]:
        return self.folded if self.together else [self.ask, *self.folded]

    @property
    def line(self) -> int:
        return min(ask.passage.first for ask in self.asks)

    def learn(self, ask: Ask) -> None:
        """Take phase and order from an ask that says the same."""
        if (
            ask.role is Role.PHASE
            and ask.phase
            and (not self.phase or ask.phase.index < self.phase.index)
        ):
            self.phase = ask.phase
        if ask.order and not self.order:
            self.order = ask.order
            self.tier = ask.phase.index if ask.phase else 0

    def fold(self, ask: Ask, *, part: bool) -> None:
        """Take over an ask that says the same, or that is a ``part`` of this work."""
        self.folded.append(ask)
        self.learn(ask)
        steps = ask.steps
        if part:
            steps = [Step(ask.title, summary(ask), ask.done, ask.ident, list(ask.depends))]
        for step in steps:
            self.take(step)
        self.words |= stems(ask.title)

    def take(self, step: Step) -> None:
        """Add a step that has a name, unless there is one of that name."""
        step.title = step.title.strip() or step.text.partition("\n")[0].strip()
        name = step.title.casefold()
        if name and name not in self.known:
            self.known.add(name)
            self.steps.append(step)


def start(ask: Ask) -> Work:
    """A work that so far holds one ask."""
    titled = stems(f"{ask.title} {ask.ident if not any(c.isdigit() for c in ask.ident) else ''}")
    work = Work(ask, title_words=titled)
    for step in ask.steps:
        work.take(step)
    work.words = titled | stems(ask.body()[:6000])
    work.layer = _layer(ask)
    work.learn(ask)
    return work


def _layer(ask: Ask) -> int:
    if ask.role is Role.TESTING:
        return 4
    if ask.role is Role.QUALITY:
        return 3
    return layer_of(ask.title)


class Assembly:
    """Asks on their way to becoming works."""

    def __init__(self, asks: Iterable[Ask]) -> None:
        self.asks = list(asks)
        self.weights = Weights(stems(ask.title) for ask in self.asks)
        self.works: list[Work] = []
        self.index: dict[str, list[Work]] = defaultdict(list)
        self.told = {id(ask): stems(ask.story[:600]) for ask in self.asks if ask.story}

    def works_of(self) -> list[Work]:
        """All asks as works: requirements first, the plans of the document folded into them."""
        roles = {ask.role for ask in self.asks}
        for role in (Role.FEATURE, Role.STORY, Role.PHASE, Role.ORDER, Role.QUALITY, Role.TESTING):
            primary = role is Role.FEATURE or (
                Role.FEATURE not in roles and role in (Role.STORY, Role.PHASE)
            )
            for ask in self.asks:
                if ask.role is role:
                    self._place(ask, primary=primary)
        return self.works

    def _place(self, ask: Ask, *, primary: bool) -> None:
        if self._lists_others(ask):
            return
        words = stems(ask.title)
        best, score, told = self._nearest(ask, words)
        if best is None or score <= 0:
            self._add(ask)
            return
        part = ask.role in (Role.PHASE, Role.ORDER) and (told or not self._equal(best, words))
        part = part or (primary and ask.role is Role.PHASE)
        best.fold(ask, part=part)
        self._remember(best, stems(ask.title))

    def _equal(self, work: Work, words: frozenset[str]) -> bool:
        return self.weights.share(work.title_words, words) >= SAME

    def _add(self, ask: Ask) -> None:
        work = start(ask)
        self.works.append(work)
        self._remember(work, work.words)

    def _remember(self, work: Work, words: frozenset[str]) -> None:
        for word in words:
            found = self.index[word]
            if len(found) < _COMMON and not (found and found[-1] is work):
                found.append(work)

    def _lists_others(self, ask: Ask) -> bool:
        """``Phase 1: Login, Search, Export`` names works instead of being one."""
        if ask.role not in (Role.PHASE, Role.ORDER) or ask.steps or ask.depends:
            return False
        texts = [ask.title] + [f"{ask.title}: {text}" for text in ask.what[:1] if len(text) < 200]
        for text in texts:
            parts = [part for part in _LISTING.split(text) if part.strip()]
            named = [self._named(stems(part)) for part in parts]
            found = {id(work): work for work in named if work is not None}
            named_parts = sum(work is not None for work in named)
            if len(found) > 1 and named_parts * 5 >= len(parts) * (3 if len(parts) > 2 else 5):
                return self._spread(ask, list(found.values()))
        return False

    def _spread(self, ask: Ask, works: list[Work]) -> bool:
        for work in works:
            work.folded.append(ask)
            work.learn(ask)
        return True

    def _named(self, words: frozenset[str]) -> Work | None:
        scored = [(self._naming(words, work), work) for work in self._near(words)]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best[1] if best[0] >= SAME else None

    def _naming(self, words: frozenset[str], work: Work) -> float:
        alike = self.weights.alike(words, work.title_words)
        if any(self.weights.rare(word) for word in words & work.title_words):
            return max(alike, self.weights.share(words, work.title_words))
        return alike

    def _near(self, words: frozenset[str]) -> list[Work]:
        """The works that share a word, each once, in the order they came."""
        near: dict[int, Work] = {}
        for word in sorted(words):
            for work in self.index.get(word, ()):
                near[id(work)] = work
        return list(near.values())

    def _nearest(self, ask: Ask, words: frozenset[str]) -> tuple[Work | None, float, bool]:
        best: Work | None = None
        best_score, best_told = 0.0, False
        for work in self._near(words | self.told.get(id(ask), frozenset())):
            score, told = self._likeness(ask, words, work)
            if score > best_score:
                best, best_score, best_told = work, score, told
        return best, best_score, best_told

    def _likeness(self, ask: Ask, words: frozenset[str], work: Work) -> tuple[float, bool]:
        """How surely ``ask`` is about ``work`` (0: not), and whether only its text says so."""
        if self._told_apart(ask, work):
            return 0.0, False
        alike = self.weights.alike(words, work.title_words)
        needed = TWIN if self._neighbours(ask, work) else SAME
        if needed == SAME and (ask.role is Role.ORDER or is_wide(ask.title)):
            needed = LIKELY
        if alike >= needed:
            both = self.weights.share(work.title_words, words) + self.weights.share(
                words, work.title_words
            )
            return alike + both / 2, False
        if needed == TWIN or ask.role in (Role.FEATURE, Role.QUALITY):
            return 0.0, False
        if ask.role is Role.STORY and self._is_story_of(ask, work):
            return SAME, False
        told = self.weights.share(words, work.words)
        enough = TOLD
        if ask.role is Role.STORY:
            enough = 0.4 if not ask.acceptance and not ask.steps else 0.6
        shared = len(words & work.words)
        return (told * 0.9, True) if told >= enough and shared >= 2 else (0.0, False)

    def _is_story_of(self, ask: Ask, work: Work) -> bool:
        """Whether the story speaks of the work by its name."""
        told = self.told.get(id(ask), frozenset())
        shared = told & work.title_words
        return self.weights.share(work.title_words, told) >= TOLD and any(
            self.weights.rare(word) for word in shared
        )

    def _neighbours(self, ask: Ask, work: Work) -> bool:
        return ask.role is work.ask.role and not (
            ask.role is Role.STORY and bool(ask.ident) != bool(work.ask.ident)
        )

    def _told_apart(self, ask: Ask, work: Work) -> bool:
        """Whether the document gives both an id of the same kind, or a place in one sequence."""
        kind = ask.ident.rstrip("0123456789.")
        if ask.ident and any(
            known.ident.rstrip("0123456789.") == kind for known in work.asks if known.ident
        ):
            return True
        if ask.role is Role.ORDER:
            return work.ask.role is Role.ORDER
        if ask.role is Role.PHASE and work.ask.role is Role.PHASE:
            return True
        return (ask.role is Role.TESTING and work.layer != 4) or (
            ask.role is Role.QUALITY and work.ask.role is not Role.QUALITY
        )
