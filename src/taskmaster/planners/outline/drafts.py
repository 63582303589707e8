"""Works as drafts of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskmaster.domain.plan import Draft, DraftStep, Passage, Requirement
from taskmaster.planners.outline.asks import Ask, Phase, Step, digest, slug
from taskmaster.planners.outline.roles import Role
from taskmaster.planners.outline.signals import priority_in
from taskmaster.planners.outline.titles import bare, shortened
from taskmaster.planners.outline.words import Weights, is_wide, stems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from taskmaster.planners.outline.reader import Section
    from taskmaster.planners.outline.wording import Wording
    from taskmaster.planners.outline.works import Work

_LONG = 600
_MOST_STEPS = 30
_MOST_CONTEXT = 3
_RELATED = 0.7


def requirements_of(asks: list[Ask], lines: list[str]) -> tuple[Requirement, ...]:
    """Every ask as a requirement with a key of its own, in the order of ``asks``."""
    taken: dict[str, int] = {}
    found: list[Requirement] = []
    for ask in asks:
        wanted = ask.ident or slug(ask.title)
        key = wanted
        while key in taken:
            taken[wanted] += 1
            key = f"{wanted}-{taken[wanted]}"
        taken[key] = 1
        text = "\n".join(lines[ask.passage.first - 1 : ask.passage.last])
        found.append(Requirement(key, shortened(ask.title), ask.passage, digest(text + ask.title)))
    return tuple(found)


class Drafting:
    """Turns works into drafts, in the words of one document."""

    def __init__(self, wording: Wording, phases: Iterable[int], keys: dict[int, str]) -> None:
        self.wording = wording
        self.phases = sorted(set(phases))
        self.keys = keys
        self.titles: set[str] = set()

    def draft(self, work: Work, waits: tuple[int, ...]) -> Draft:
        """The draft of a work that waits for the drafts at the places ``waits`` (from 0)."""
        told = [text for ask in work.asks for text in ask.what]
        description = work.ask.story or next(iter(told), "") or self._from_parts(work)
        return Draft(
            title=self._title(work),
            description=shortened(description, _LONG),
            details="\n".join(self._details(work, description)),
            test_strategy="\n".join(_unique(t for ask in work.asks for t in ask.tests)),
            priority=self._priority(work),
            acceptance=_unique(text for ask in work.asks for text in self._criteria(ask, work)),
            after=tuple(place + 1 for place in waits),
            steps=self._steps(work),
            passages=_passages(work.asks),
            covers=tuple(dict.fromkeys(self.keys[id(ask)] for ask in work.asks)),
        )

    def _from_parts(self, work: Work) -> str:
        return "; ".join(step.title for step in work.steps[:6]) if work.together else ""

    def _criteria(self, ask: Ask, work: Work) -> list[str]:
        story = [ask.story] if ask.story and ask is not work.ask else []
        return [*story, *ask.acceptance]

    def _title(self, work: Work) -> str:
        title = self._named(work)
        for suffix in (work.ask.group, work.ask.ident, str(work.line)):
            if title.casefold() not in self.titles:
                break
            title = f"{shortened(title, 80)} ({shortened(suffix, 16)})" if suffix else title
        self.titles.add(title.casefold())
        return title

    def _named(self, work: Work) -> str:
        title = work.ask.title
        if self.wording.english and work.ask.role is Role.QUALITY and not work.together:
            if len(title.split()) <= 4 and "requirement" not in title.lower():
                return f"Meet the {self.wording.mid(title)} requirements"
            if title.lower().endswith("requirements"):
                return f"Meet the {self.wording.mid(title)}"
        if self.wording.english and work.ask.role is Role.TESTING:
            return "Write and run the tests"
        if self.wording.english and work.together:
            return self.wording.group(title)
        short = 5 if is_wide(title) else 20
        terse = len(title.split()) == 1 and len(title) < short and not self.wording.english
        if terse and work.ask.what and not work.ask.depends:
            told = f"{title}: {work.ask.what[0].rstrip('.。')}"
            return self.wording.capital(shortened(told, 80))
        return self.wording.task(title)

    def _priority(self, work: Work) -> str:
        said = [ask.priority for ask in work.asks if ask.priority]
        for priority in ("high", "medium", "low"):
            if priority in said and (work.ask.priority in (priority, None)):
                return priority
        if work.phase is None or not self.phases:
            return "medium"
        place = self.phases.index(work.phase.index)
        named = priority_in(work.phase.title) if len(self.phases) > 1 else None
        if named:
            return named
        if place == 0 and len(self.phases) > 1:
            return "high"
        return "low" if place == len(self.phases) - 1 and place > 1 else "medium"

    def _details(self, work: Work, description: str) -> list[str]:
        lines: list[str] = []
        for ask in work.asks:
            lines += [text for text in ask.what if text not in (description, ask.story)]
            lines += ask.details
        if len(description) > _LONG:
            lines.insert(0, description)
        lines += [f"Already done: {step.title}" for step in work.steps if step.done]
        if work.ask.done:
            lines.append("The document ticks this off as already done.")
        if work.phase:
            lines += _of_phase(work.phase, whole=work.together)
        lines += [f"See also: {name} (lines {p.first}–{p.last})" for name, p in work.ask.context]
        return list(_unique(lines))

    def _steps(self, work: Work) -> tuple[DraftStep, ...]:
        found = [self._step(step) for step in work.steps[:_MOST_STEPS]]
        rest = work.steps[_MOST_STEPS:]
        if rest:
            named = "\n".join(f"- {step.title}" for step in rest)
            found.append(DraftStep(shortened(f"{rest[0].title} …"), details=named))
        return tuple(found)

    def _step(self, step: Step) -> DraftStep:
        title = shortened(step.title)
        text = (
            step.text if title == step.title else "\n".join(filter(None, (step.title, step.text)))
        )
        first, _, more = text.partition("\n")
        done = "The document ticks this off as already done." if step.done else ""
        return DraftStep(self.wording.capital(title), first, "\n".join(filter(None, (more, done))))


def _of_phase(phase: Phase, *, whole: bool) -> list[str]:
    lines = [f"Phase: {phase.title}"]
    lines += [f"Goal of the phase: {note}" for note in phase.notes[:2]]
    if whole:
        lines += [f"The phase is done when: {check}" for check in phase.checks]
    return lines


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text.strip()))


def _passages(asks: list[Ask]) -> tuple[Passage, ...]:
    found: list[Passage] = []
    for passage in sorted((ask.passage for ask in asks), key=lambda p: (p.first, -p.last)):
        if found and passage.first <= found[-1].last + 1:
            found[-1] = Passage(found[-1].first, max(found[-1].last, passage.last))
        else:
            found.append(passage)
    return tuple(found)


def attach_context(works: list[Work], context: list[Section], weights: Weights) -> None:
    """Point works at the sections that explain them: architecture, data, interfaces."""
    for section in context[:400]:
        name = bare(section.title)
        words = stems(name)
        if not words:
            continue
        passage = Passage(section.first, max(section.first, section.last))
        scored = [(weights.share(words, work.words), at) for at, work in enumerate(works)]
        best = max(scored, default=(0.0, 0))
        work = works[best[1]] if works else None
        if work and best[0] >= _RELATED and len(work.ask.context) < _MOST_CONTEXT:
            work.ask.context.append((shortened(name, 60), passage))
