"""Which work waits for which, and the order that follows.

What the document says in so many words comes first: ids, names after "depends on". Only a work
it says nothing about waits for what its phase, its layer or its words imply, and never for
more than a few.
"""

from __future__ import annotations

import heapq
import re

from taskmaster.planners.outline.signals import phase_number
from taskmaster.planners.outline.titles import IDENTIFIER
from taskmaster.planners.outline.words import Weights, stems
from taskmaster.planners.outline.works import SAME, Work

MOST = 4
_FEW = 3
_NOTHING = re.compile(
    r"^\W*(none|no\b|n/a|nothing|нет|无|없음|aucune?|keine|ninguna)", re.IGNORECASE
)
_PARTS = re.compile(r"[,;+&，、；\n\[\]()（）]|\s/\s|\s(?:and|or|und|et|y|и|и/или)\s|및|和")
_LISTED = re.compile(r"\d{1,3}(?:\.\d{1,3})+")
_SECTION = re.compile(
    r"(?:section|sec\.|§|раздел|섹션|第)\s*(\d{1,3}(?:\.\d{1,3})*)", re.IGNORECASE
)
_UNLOCKED = 0.45

Edge = tuple[int, int, int]  # strength, the waiting work, the work it waits for


class Ordering:
    """Works in an order in which they can be done, each with what it waits for."""

    def __init__(self, works: list[Work], weights: Weights) -> None:
        self.weights = weights
        self.works = works
        self.last_phase = max((w.phase.index for w in works if w.phase), default=0)
        self.places = _places(works)
        self.after: list[set[int]] = [set() for _ in works]
        self.strength: dict[tuple[int, int], int] = {}
        self.dropped = 0

    def arranged(self) -> tuple[list[Work], list[tuple[int, ...]]]:
        """The works in order, and per work the places (from 0) of the works before it."""
        for edge in sorted(self._explicit(), key=lambda edge: -edge[0]):
            self._add(*edge)
        order = self._sequence()
        self._imply(order)
        self._reduce(order)
        place = {index: at for at, index in enumerate(order)}
        waits = [tuple(sorted(place[one] for one in self._strongest(index))) for index in order]
        return [self.works[index] for index in order], waits

    def _strongest(self, index: int) -> list[int]:
        ranked = sorted(self.after[index], key=lambda one: (-self.strength[index, one], one))
        return ranked[:MOST]

    # What the document says.

    def _explicit(self) -> list[Edge]:
        edges: list[Edge] = []
        for index, work in enumerate(self.works):
            phrases = [phrase for ask in work.asks for phrase in ask.depends]
            for phrase in phrases:
                edges += [(grade, index, one) for one, grade in self._meant(phrase, index)]
            inner = [phrase for step in work.steps for phrase in step.depends]
            edges += [(4, index, one) for phrase in inner for one in self._identified(phrase)]
            for phrase in (phrase for ask in work.asks for phrase in ask.required_by):
                edges += [(grade, one, index) for one, grade in self._meant(phrase, index)]
            edges += [(2, index, one) for one in self._mentioned(work, index)]
        return [edge for edge in edges if edge[1] != edge[2] and self._plausible(edge)]

    def _plausible(self, edge: Edge) -> bool:
        """Names are only likely meant: they do not turn the order of phases and layers round."""
        strength, later, earlier = edge
        if strength > 3:
            return True
        one, other = self.works[later], self.works[earlier]
        if self._stage(other) > self._stage(one):
            return False
        return other.layer <= max(one.layer, 2)

    def _meant(self, phrase: str, index: int) -> list[tuple[int, int]]:
        """The works a phrase behind "depends on" means, with how surely."""
        if _NOTHING.match(phrase):
            return []
        found = [(one, 4) for one in self._identified(phrase)]
        number = phase_number(phrase)
        if number is not None and not found:
            return [(one, 3) for one in self._ends_of_phase(number, index)]
        if found:
            return found
        for part in _PARTS.split(phrase)[:8]:
            one = self._called(stems(part), index)
            if one is not None:
                found.append((one, 3))
        return found

    def _identified(self, text: str) -> list[int]:
        names: list[str] = []
        for match in IDENTIFIER.finditer(text):
            names.append(_place_name(match["code"] or f"{match['kind']} {match['n']}"))
            if match["kind"]:  # Tasks 1.1, 1.2 and 1.4
                names += [_place_name(f"{match['kind']} {n}") for n in _LISTED.findall(text)]
        names += [f"§{number}" for number in _SECTION.findall(text)]
        return [self.places[name] for name in dict.fromkeys(names) if name in self.places]

    def _called(self, words: frozenset[str], index: int) -> int | None:
        best, score = None, 0.0
        for other, work in enumerate(self.works):
            if other == index or not words & work.words:
                continue
            alike = 2 * self.weights.alike(words, work.title_words)
            told = self.weights.share(words, work.words)
            found = alike if alike >= 2 * SAME else told if told > 0.95 and len(words) > 1 else 0.0
            if found > score:
                best, score = other, found
        return best

    def _mentioned(self, work: Work, index: int) -> list[int]:
        found = [one for ask in work.asks for one in self._identified(ask.body()[:4000])]
        return [one for one in found if self.works[one].line < work.line and one != index][:_FEW]

    def _ends_of_phase(self, number: int, index: int) -> list[int]:
        inside = [
            at
            for at, work in enumerate(self.works)
            if at != index and work.phase and work.phase.index == number
        ]
        shared = sorted(inside, key=lambda at: (-self._kin(self.works[index], self.works[at]), -at))
        return shared[:2]

    def _add(self, strength: int, later: int, earlier: int) -> None:
        if later == earlier or self._reaches(earlier, later):
            self.dropped += later != earlier
            return
        self.after[later].add(earlier)
        known = self.strength.get((later, earlier), 0)
        self.strength[later, earlier] = max(known, strength)

    def _reaches(self, start: int, goal: int) -> bool:
        """Whether ``start`` already waits, directly or not, for ``goal``."""
        seen = {start}
        pending = [start]
        while pending:
            for one in self.after[pending.pop()]:
                if one == goal:
                    return True
                if one not in seen:
                    seen.add(one)
                    pending.append(one)
        return False

    def _sequence(self) -> list[int]:
        waiting = [len(after) for after in self.after]
        unlocks: list[list[int]] = [[] for _ in self.works]
        for later, after in enumerate(self.after):
            for earlier in after:
                unlocks[earlier].append(later)
        ready = [(self._rank(at), at) for at, left in enumerate(waiting) if not left]
        heapq.heapify(ready)
        order: list[int] = []
        while ready:
            _, at = heapq.heappop(ready)
            order.append(at)
            for later in unlocks[at]:
                waiting[later] -= 1
                if not waiting[later]:
                    heapq.heappush(ready, (self._rank(later), later))
        return order

    def _rank(self, index: int) -> tuple[int, int, int, int]:
        work = self.works[index]
        return self._stage(work), work.layer, work.order or 10_000, work.line

    def _stage(self, work: Work) -> int:
        """The phase of a work; one without a phase belongs to the first, or to the end."""
        if not self.last_phase:
            return work.tier
        if work.phase:
            return work.phase.index
        if work.layer > 2:
            return self.last_phase + 1
        late = {"low": self.last_phase, "medium": (self.last_phase + 1) // 2}
        return late.get(work.ask.priority or "", 1)

    # What phases, layers and words imply.

    def _imply(self, order: list[int]) -> None:
        for place, index in enumerate(order):
            if self.after[index] and self.works[index].layer < 4:
                continue
            for one in self._implied(index, order[:place]):
                self._add(1, index, one)

    def _implied(self, index: int, before: list[int]) -> list[int]:
        work = self.works[index]
        if work.layer > 2:
            return self._finished(work, before)
        stage = self._stage(work)
        own = [at for at in before if self._stage(self.works[at]) == stage]
        roots = [at for at in own if self.works[at].layer < work.layer]
        if work.order and not self.last_phase and not work.tier:
            roots = roots or [at for at in own if self.works[at].order]
        if not roots:
            earlier = [at for at in before if self._stage(self.works[at]) < stage]
            latest = max((self._stage(self.works[at]) for at in earlier), default=0)
            roots = [at for at in earlier if self._stage(self.works[at]) == latest]
            roots = [at for at in roots if self.works[at].layer <= work.layer] or roots
        return self._nearest(work, own, 1) or self._nearest(work, roots, 2) or self._first(roots)

    def _first(self, roots: list[int]) -> list[int]:
        return sorted(roots, key=lambda at: (self.works[at].layer, self._rank(at)))[:1]

    def _nearest(self, work: Work, candidates: list[int], most: int) -> list[int]:
        scored = [(self._kin(work, self.works[at]), at) for at in candidates]
        found = sorted((pair for pair in scored if pair[0] >= _UNLOCKED), key=lambda p: -p[0])
        return [at for _, at in found[:most]]

    def _finished(self, work: Work, before: list[int]) -> list[int]:
        """Polish, tests and delivery wait for what they name, else for the ends so far."""
        done = [at for at in before if self.works[at].layer < work.layer]
        if not work.phase and self.last_phase > 2:  # the last phase is often only wishes
            done = [at for at in done if self._stage(self.works[at]) < self.last_phase] or done
        near = self._nearest(work, done, _FEW)
        if near:
            return near
        needed = {one for at in before for one in self.after[at]}
        ends = [at for at in done if at not in needed]
        top = max((self.works[at].layer for at in ends), default=0)
        late = [at for at in ends if self.works[at].layer == top] if top > 2 else ends
        return (late or done)[-_FEW:]

    def _kin(self, work: Work, other: Work) -> float:
        """How much of the other's title this work talks about: 0 to 1."""
        shared = work.words & other.title_words
        if not any(self.weights.rare(word) for word in shared):
            return 0.0
        if len(shared) == 1 and len(other.title_words) > 2:
            return 0.0
        return self.weights.share(other.title_words, work.words)

    def _reduce(self, order: list[int]) -> None:
        """Leave out what already follows from another dependency."""
        reach: dict[int, set[int]] = {}
        for index in order:
            beyond: set[int] = set()
            for one in self.after[index]:
                beyond |= reach[one]
            self.after[index] -= beyond
            reach[index] = beyond | self.after[index]


def _place_name(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.casefold())


def _places(works: list[Work]) -> dict[str, int]:
    """Where each id, section number and folded ask of the document has gone."""
    places: dict[str, int] = {}
    for index, work in enumerate(works):
        for ask in work.asks:
            if ask.ident:
                places.setdefault(_place_name(ask.ident), index)
            if "." in ask.number:
                places.setdefault(f"§{ask.number}", index)
        for step in work.steps:
            if step.ident:
                places.setdefault(_place_name(step.ident), index)
    return places
