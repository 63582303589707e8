"""``tamp doctor``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli import session
from taskmaster.cli.answer import Answer, painted, printable
from taskmaster.cli.confirm import agreed, offered
from taskmaster.cli.progress import Progress
from taskmaster.errors import CorruptStore, Invalid
from taskmaster.usecases import doctor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

    from taskmaster.config import Project
    from taskmaster.ports import Movable
    from taskmaster.usecases.checks import Finding
    from taskmaster.usecases.doctor import Mended
    from taskmaster.workspace import Workspace

EXAMPLES = ("tamp doctor", "tamp doctor --json", "tamp doctor --fix --dry-run", "tamp doctor --fix")
LEAVES = ("--tag",)
_SHOWN = 5
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what has one clear mend")
    parser.add_argument("--dry-run", action="store_true", help="with --fix: only look")
    offered(parser, "with --fix: do not ask")


def run(args: Namespace) -> Answer:
    project = session.project(args)
    ws = app.workspace(project, os.environ, via="cli")
    archive = app.open_archive(project)
    with Progress("looking"):
        found = doctor.examine(ws, archive, project)
    plan = [one for one in found if one.fix]
    if not args.fix:
        return _answer(ws, project, found, [*_lines(found), *_advice(plan)], {})
    if not plan:
        lines = [*_lines(found), "there is nothing that --fix could mend"]
        return _answer(ws, project, found, lines, {"success": doctor.healthy(found), "mended": 0})
    if args.dry_run:
        lines = [*_plan(plan), "nothing was changed"]
        return _answer(ws, project, found, lines, {"success": True, "dryRun": True})
    if not _agreed(args, plan):
        lines = ["nothing was changed"]
        return _answer(ws, project, found, lines, {"success": False, "mended": 0})
    mended = doctor.fix(ws, archive, project, found, lambda: _prepare(project))
    return _mended_answer(ws, project, len(found) - len(mended.left), mended)


def _prepare(project: Project) -> None:
    app.prepare(config.storage(project, os.environ))


def _agreed(args: Namespace, plan: Sequence[Finding]) -> bool:
    return agreed(
        args, lambda: "\n".join([*_plan(plan), "Go on?"]), without="--fix changes the tasks"
    )


def _mended_answer(ws: Workspace, project: Project, mended: int, result: Mended) -> Answer:
    left = result.left
    extra = {"success": doctor.healthy(left), "mended": max(mended, 0), "copy": result.copy}
    lines = [f"mended {mended} of {mended + len(left)}"]
    if result.copy:
        lines[0] += f"; what was there before is kept: tamp restore {result.copy}"
    return _answer(ws, project, left, [*lines, *(_lines(left) if left else ())], extra)


def _answer(
    ws: Workspace,
    project: Project,
    found: Sequence[Finding],
    lines: Sequence[str],
    extra: dict[str, object],
) -> Answer:
    about, state = _state(ws, project, found)
    data = {
        **extra,
        "healthy": doctor.healthy(found),
        "readable": doctor.readable(found),
        "findings": [_entry(one) for one in found],
        "counts": doctor.counts(found),
        **about,
    }
    code = 0 if doctor.healthy(found) else Invalid.exit_code
    if not doctor.readable(found):
        code = CorruptStore.exit_code
    if extra.get("dryRun"):
        code = 0
    return Answer("doctor.v1", data, [*lines, *state], code)


def _state(
    ws: Workspace, project: Project, found: Sequence[Finding]
) -> tuple[dict[str, object], list[str]]:
    """Where the tasks are, and of a database how its tables are; as data and in words."""
    place = config.storage(project, os.environ)
    if place.engine == "file":
        return {"file": place.address}, []
    store: Movable = ws.store  # type: ignore[assignment]  # as every engine of ours is
    about: dict[str, object] = {"storage": config.place(project, place)}
    if not doctor.readable(found) or any(one.code == doctor.GONE for one in found):
        return about, []
    about["migration"] = store.facts()["migration"]
    return about, [
        printable(f"the tasks are in {about['storage']}, migration {about['migration']}")
    ]


def _entry(one: Finding) -> dict[str, str]:
    return {
        "code": one.code,
        "severity": one.severity,
        "tag": one.tag,
        "task": one.task,
        "message": one.message,
        "fix": one.fix,
        "byHand": one.by_hand,
    }


def _lines(found: Sequence[Finding]) -> list[str]:
    if not found:
        return [painted("nothing is wrong", "green")]
    lines = []
    for group in _groups(found):
        first = group[0]
        count = f" ({len(group)})" if len(group) > 1 else ""
        lines.append(f"{painted(first.severity, _COLOURS[first.severity])}  {first.code}{count}")
        same = len({one.fix for one in group}) == 1
        for one in group[:_SHOWN]:
            fix = "" if same else f" → {one.fix}"
            lines.append(f"    {_where(one)}{printable(one.message)}{fix}")
        if len(group) > _SHOWN:
            lines.append(f"    … and {len(group) - _SHOWN} more; --json names all")
        if same and (remedy := _remedy(first)):
            lines.append(f"    {remedy}")
    return [*lines, _total(found)]


def _remedy(one: Finding) -> str:
    return f"--fix: {one.fix}" if one.fix else f"by hand: {one.by_hand}" if one.by_hand else ""


def _groups(found: Iterable[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        groups.setdefault((one.severity, one.code), []).append(one)
    return list(groups.values())


def _where(one: Finding) -> str:
    where = " ".join(word for word in (one.tag, one.task) if word)
    return f"{where}: " if where else ""


def _total(found: Sequence[Finding]) -> str:
    words = [
        f"{count} {severity}{'s' if count > 1 and severity != 'info' else ''}"
        for severity, count in doctor.counts(found).items()
        if count
    ]
    return ", ".join(words)


def _advice(plan: Sequence[Finding]) -> list[str]:
    if not plan:
        return []
    return [f"`tamp doctor --fix` mends {len(plan)} of them; --dry-run shows how"]


def _plan(plan: Sequence[Finding]) -> list[str]:
    lines = ["This would be mended, in one change, after keeping a copy:"]
    for group in _groups(plan):
        lines += [f"  {_where(one)}{printable(one.message)} → {one.fix}" for one in group[:_SHOWN]]
        if len(group) > _SHOWN:
            lines.append(f"  … and {len(group) - _SHOWN} more of this kind ({group[0].code})")
    return lines
