"""Looking for everything that is wrong in a project, and mending what has one clear mend."""

from __future__ import annotations

import os
from collections import namedtuple

from taskmaster import config
from taskmaster.errors import CorruptStore, NotFound
from taskmaster.usecases import backups, checks, files, surroundings
from taskmaster.usecases.backups import has_good_copy
from taskmaster.usecases.checks import ERROR, INFO, Finding
from taskmaster.usecases.repairs import repaired

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.config import Project
    from taskmaster.domain.task import Task
    from taskmaster.ports import Archive, Writer
    from taskmaster.workspace import Workspace

    class Mended(NamedTuple):
        """``copy`` is the name of the copy kept before, ``left`` what is found now."""

        copy: str
        left: list[Finding]

else:
    Mended = namedtuple("Mended", "copy left")

UNREADABLE, MISSING, GONE = "unreadable", "missing-file", "missing-project"
_COPIES_NAMED = 3
_FLAWS = {"repeated-key": "take the earlier one out of the file"}


def examine(ws: Workspace, archive: Archive, project: Project) -> list[Finding]:
    """Everything that is wrong or unusual, the gravest first; nothing is changed.

    Raises what keeps a database from being asked: then nothing can be told about the tasks.
    """
    found = [
        *_of_tasks(ws, archive, project),
        *surroundings.of_project(project, archive, in_file=_in_file(ws)),
    ]
    order = (checks.ERROR, checks.WARNING, checks.INFO)
    return sorted(found, key=lambda one: order.index(one.severity))


def readable(found: Sequence[Finding]) -> bool:
    return not any(one.code == UNREADABLE for one in found)


def healthy(found: Sequence[Finding]) -> bool:
    return not any(one.severity == ERROR for one in found)


def _of_tasks(ws: Workspace, archive: Archive, project: Project) -> list[Finding]:
    if _in_file(ws) and not os.path.exists(project.tasks):
        return [_missing(archive)]
    try:
        with ws.reading() as reader:
            found = [
                one
                for tag in reader.tags()
                for one in (
                    *checks.of_tag(tag, reader.tasks(tag), reader.metadata(tag)),
                    *checks.strangers(tag, reader.entries(tag)),
                )
            ]
            found += surroundings.of_current_tag(project, ws.tag, reader.tags())
        return [*found, *_of_text(ws, archive)]
    except CorruptStore as error:
        return [(_unreadable if _in_file(ws) else _damaged)(error, archive, project)]
    except NotFound as error:
        return [_gone(error, archive)]


def _in_file(ws: Workspace) -> bool:
    """Whether the tasks are in a file that people and other programs may write."""
    return ws.store.kind == "file"


def _of_text(ws: Workspace, archive: Archive) -> list[Finding]:
    """What is unusual about the text that the tasks were read from."""
    found = [
        Finding(code, checks.WARNING, tag, task, sentence, by_hand=_FLAWS[code])
        for code, tag, task, sentence in archive.flaws()
    ]
    found += [Finding("unusual-form", INFO, "", "", sentence) for sentence in ws.store.oddities()]
    shape = archive.shape()
    if shape:
        sentence = f"the task file has an older shape: {shape}"
        found.append(Finding("older-shape", INFO, "", "", sentence, by_hand="tamp migrate"))
    return found


def _missing(archive: Archive) -> Finding:
    if not has_good_copy(archive):
        return Finding(
            MISSING, INFO, "", "", "there is no task file yet; the first task makes it",
            by_hand="tamp init",
        )  # fmt: skip
    return Finding(
        MISSING, ERROR, "", "", "the task file is gone", "bring the last good copy back",
        f"tamp restore; {_listed(archive)}",
    )  # fmt: skip


def _gone(error: NotFound, archive: Archive) -> Finding:
    """That a database is there no more, or the project in it."""
    fix = "make it from the last good copy" if has_good_copy(archive) else ""
    by_hand = f"tamp restore; {_listed(archive)}" if fix else error.hint
    return Finding(GONE, ERROR, "", "", error.message, fix, by_hand)


def _damaged(error: CorruptStore, archive: Archive, _project: Project) -> Finding:
    """That a database cannot be read. What is wrong with its tables, no copy of tasks mends."""
    message = error.message.removesuffix("; nothing was changed")
    if error.code.startswith("schema-"):
        return Finding(UNREADABLE, ERROR, "", "", message, by_hand=error.hint)
    good = has_good_copy(archive)
    fix = "bring the last good copy back, keeping the damaged database" if good else ""
    by_hand = f"{error.hint}; {_listed(archive)}"
    return Finding(UNREADABLE, ERROR, "", "", message, fix, by_hand)


def _unreadable(error: CorruptStore, archive: Archive, project: Project) -> Finding:
    fix = ""
    if has_good_copy(archive):
        fix = "bring the last good copy back, keeping the unreadable file"
    elif _blank(project):
        fix = "write an empty task list: there never was a copy with tasks"
    by_hand = "correct it there, or take an older version: git log -- .taskmaster/tasks/tasks.json"
    if error.code == "conflict-markers":
        by_hand = "resolve the conflict; `git checkout --ours` or `--theirs` takes a side"
    message = error.message.removesuffix("; nothing was changed")
    return Finding(UNREADABLE, ERROR, "", "", message, fix, f"{by_hand}; {_listed(archive)}")


def _blank(project: Project) -> bool:
    data = files.read(project.tasks)
    return data is not None and not data.strip()


def _listed(archive: Archive) -> str:
    names = [copy.name for copy in archive.copies() if copy.why != "broken"]
    if not names:
        return "no copies are kept"
    more = f" and {len(names) - _COPIES_NAMED} more" if len(names) > _COPIES_NAMED else ""
    return f"kept copies: {', '.join(names[:_COPIES_NAMED])}{more}"


def fix(
    ws: Workspace,
    archive: Archive,
    project: Project,
    found: Sequence[Finding],
    make_room: Callable[[], None],
) -> Mended:
    """Mend what has one clear mend, after keeping a copy, and look again.

    Tasks are mended in one transaction; what cannot be read is only brought back: *make_room*
    makes a database fit to be filled.
    """
    codes = {one.code for one in found if one.fix}
    if codes & {UNREADABLE, MISSING, GONE}:
        _bring_back(ws, archive, make_room)
        copy = next((copy.name for copy in archive.copies() if copy.why == "broken"), "")
        return Mended(copy, examine(ws, archive, project))
    copy = ""
    if codes - {"missing-current-tag"}:
        copy = archive.keep(ws.stamp("fix")).name
        mend(ws)
    if "missing-current-tag" in codes:
        with ws.reading() as reader:
            ws.tag = reader.tags()[0]
        config.use_tag(project, ws.tag, ws.clock())
    return Mended(copy, examine(ws, archive, project))


def _bring_back(ws: Workspace, archive: Archive, make_room: Callable[[], None]) -> None:
    stamp = ws.stamp("fix")
    if not _in_file(ws):
        backups.restore(ws, archive, "last-good", make_room)
    elif has_good_copy(archive):
        ws.announce(archive.restore("last-good", stamp))
    else:
        ws.announce(archive.adopt(None, stamp))


def mend(ws: Workspace) -> None:
    """Repair the tasks of every tag, in one transaction."""
    with ws.writing("fix") as writer:
        for tag in writer.tags():
            before = writer.tasks(tag)
            after = repaired(before)
            _store(writer, tag, before, after)
            _count(writer, tag)


def _store(writer: Writer, tag: str, before: Sequence[Task], after: Sequence[Task]) -> None:
    """Write what differs. Tasks that share an id can only be told apart once all are out."""
    pairs = list(zip(before, after, strict=True))
    shared = {old.id for old, new in pairs if old.id != new.id}
    for old, _new in pairs:
        if old.id in shared:
            writer.remove(tag, old.id)
    for place, (old, new) in enumerate(pairs):
        if old.id in shared:
            writer.put(tag, new, place=place)
    for old, new in pairs:
        if old.id not in shared and new.doc is not old.doc:
            writer.put(tag, new)


def _count(writer: Writer, tag: str) -> None:
    metadata = writer.metadata(tag)
    right = checks.wrong_counts(writer.tasks(tag), metadata)
    if right:
        writer.describe_tag(tag, {**metadata, **right})


def counts(found: Sequence[Finding]) -> Mapping[str, int]:
    """How many findings there are of each severity."""
    return {
        severity: sum(one.severity == severity for one in found)
        for severity in (checks.ERROR, checks.WARNING, checks.INFO)
    }
