"""How many tasks: small works gathered under a common name, or merged down to a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.domain.plan import Passage
from taskmaster.planners.outline.asks import Ask, Step, summary
from taskmaster.planners.outline.roles import Role
from taskmaster.planners.outline.signals import FEATURE_LAYER
from taskmaster.planners.outline.titles import shortened
from taskmaster.planners.outline.works import Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from taskmaster.planners.outline.words import Weights

MOST_TASKS = 40
CROWDED = 24


def bounded(works: list[Work]) -> list[Work]:
    """Not more works than a person can oversee: what shares a phase or a group becomes one."""
    if len(works) > CROWDED:
        works = _gathered(works, lambda work: work.ask.role is Role.PHASE)
    if len(works) > MOST_TASKS:
        works = _gathered(works, lambda work: work.ask.role in (Role.PHASE, Role.ORDER))
    if len(works) > MOST_TASKS:
        works = _gathered(works, lambda _: True)
    return _in_runs(works) if len(works) > MOST_TASKS else works


def narrowed(works: list[Work], number: int, weights: Weights) -> tuple[list[Work], list[str]]:
    """About ``number`` works, the smallest merged into their likest; and what was merged."""
    works = list(works)
    notes: list[str] = []
    while len(works) > max(1, number):
        small = min(works, key=_size)
        works.remove(small)
        partner = max(works, key=lambda work: _kinship(small, work, weights))
        _merge(partner, small)
        notes.append(
            f"Merged “{shortened(small.ask.title)}” into “{shortened(partner.ask.title)}”."
        )
    return works, notes


def _size(work: Work) -> tuple[int, int, int]:
    priorities = [ask.priority for ask in work.asks]
    urgent = 2 if "high" in priorities else 0 if "low" in priorities else 1
    return len(work.asks) + len(work.steps), urgent, -work.line


def _kinship(small: Work, other: Work, weights: Weights) -> tuple[float, int, int]:
    kin = weights.of(small.title_words & other.words) + weights.of(other.title_words & small.words)
    if small.phase and other.phase and small.phase.index == other.phase.index:
        kin += 3.0
    if small.ask.role is other.ask.role:
        kin += 2.0
    kin -= abs(small.layer - other.layer)
    return kin, -abs(small.line - other.line), -other.line


def _merge(work: Work, other: Work) -> None:
    work.folded += other.asks
    if not other.together:
        work.steps.append(_as_step(other))
    else:
        work.steps += other.steps
    work.words |= other.words


def _as_step(work: Work) -> Step:
    texts = [summary(work.ask)]
    own = {step.title for step in work.ask.steps}
    texts += [f"- {step.title}: {step.text}" for step in work.steps if step.title not in own]
    depends = [phrase for ask in work.asks for phrase in ask.depends]
    return Step(
        work.ask.title, "\n".join(filter(None, texts)), work.ask.done, work.ask.ident, depends
    )


def _gathered(works: list[Work], eligible: Callable[[Work], bool]) -> list[Work]:
    groups: dict[str, list[Work]] = {}
    for work in works:
        if eligible(work) and (key := _key(work)):
            groups.setdefault(key, []).append(work)
    found: list[Work] = []
    for work in works:
        group = groups.get(_key(work), []) if eligible(work) else []
        if len(group) < 2:
            found.append(work)
        elif group[0] is work:
            found.append(_together(_name(work), group))
    return found


def _key(work: Work) -> str:
    if work.ask.role is Role.PHASE and work.phase:
        return f"{work.phase.index} {work.phase.title}"
    if work.ask.role is Role.ORDER:
        return f"order {work.tier}"
    if work.ask.role is Role.QUALITY:
        return "quality"
    return f"{work.ask.role.value} {work.ask.group}" if work.ask.group else ""


def _name(work: Work) -> str:
    if work.ask.role is Role.PHASE and work.phase:
        return work.phase.label
    if work.ask.role is Role.ORDER and work.ask.phase:
        return work.ask.phase.label
    return work.ask.group or f"{work.ask.title} …"


def _together(name: str, group: list[Work]) -> Work:
    first, last = min(w.line for w in group), max(a.passage.last for w in group for a in w.asks)
    work = Work(Ask(group[0].ask.role, name, Passage(first, last)), together=True)
    for part in group:
        work.folded += part.asks
        work.steps += part.steps if part.together else [_as_step(part)]
        work.words |= part.words
        work.title_words |= part.title_words
    work.phase = group[0].phase
    work.order = min(part.order for part in group)
    work.tier = group[0].tier
    layers = {part.layer for part in group}
    work.layer = layers.pop() if len(layers) == 1 else FEATURE_LAYER
    return work


def _in_runs(works: list[Work]) -> list[Work]:
    """A list without any structure is cut into runs of equal length."""
    run = -(-len(works) // MOST_TASKS)
    runs = [works[at : at + run] for at in range(0, len(works), run)]
    return [
        _together(f"{part[0].ask.title} …", part) if len(part) > 1 else part[0] for part in runs
    ]
