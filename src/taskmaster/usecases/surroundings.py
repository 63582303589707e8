"""What is wrong with the files around the tasks: settings, current tag, reports, leftovers."""

from __future__ import annotations

import json
import os
import re

from taskmaster import config
from taskmaster.usecases import files
from taskmaster.usecases.checks import ERROR, INFO, WARNING, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.config import Project
    from taskmaster.ports import Archive

_MARKER = re.compile(r"^(?:<{7}|={7}|>{7})(?: |\r?$)", re.MULTILINE)
_REPORT = re.compile(r"(task-complexity-report|task-complexity|complexity-report)(_.+)?\.json")
_LEFTOVER = re.compile(r"tasks\.json\.(lock|tmp(\..*)?)")
_HARM = {
    "config.json": (ERROR, "the defaults count instead"),
    ".taskmasterconfig": (ERROR, "the defaults count instead"),
    "state.json": (ERROR, "the current tag is not known, so the default one counts"),
}


def of_project(project: Project, archive: Archive, *, in_file: bool) -> list[Finding]:
    """What is wrong beside the tasks, which are *in_file* or in a database."""
    found = [*_settings(project), *_leftovers(project)]
    return [*found, *(_older_places if in_file else _files_beside)(project, archive)]


def of_current_tag(project: Project, tag: str, tags: Sequence[str]) -> Iterator[Finding]:
    """Whether *tag*, which commands work on by default, is there."""
    if tag in tags:
        return
    message = f"the current tag is {tag}, which is not there; there are: {', '.join(tags)}"
    if os.environ.get("TAMP_TAG") or os.environ.get("TASKMASTER_TAG"):
        yield Finding(
            "missing-current-tag", ERROR, "", "", message,
            by_hand="correct TAMP_TAG (or TASKMASTER_TAG) in the environment",
        )  # fmt: skip
    elif problem(_state(project)):
        yield Finding(
            "missing-current-tag", ERROR, "", "", message, by_hand="mend or delete state.json first"
        )
    else:
        yield Finding(
            "missing-current-tag", ERROR, "", "", message, f"make {tags[0]} the current tag"
        )


def problem(path: str) -> str:
    """Why a settings file cannot be read, ``""`` when it can or is not there."""
    text = ""
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
        found = json.loads(text)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return str(error.strerror)
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except (ValueError, RecursionError) as error:
        return _explained(text, error)
    return "" if isinstance(found, dict) else "it holds no JSON object"


def _explained(text: str, error: Exception) -> str:
    if not text.strip():
        return "it is empty"
    if match := _MARKER.search(text):
        line = text.count("\n", 0, match.start()) + 1
        return f"git conflict markers, the first at line {line}"
    return f"not JSON: {error}"


def _state(project: Project) -> str:
    return os.path.join(project.root, config.FOLDER, "state.json")


def _settings(project: Project) -> Iterator[Finding]:
    home = os.path.join(project.root, config.FOLDER)
    reports = [
        os.path.join(folder, name)
        for folder in (os.path.join(home, "reports"), os.path.join(project.root, "scripts"))
        for name in _names(folder)
        if _REPORT.fullmatch(name)
    ]
    own = [os.path.join(home, "config.json"), os.path.join(home, "state.json")]
    for path in (*own, os.path.join(project.root, ".taskmasterconfig"), *reports):
        why = problem(path)
        if why:
            severity, harm = _HARM.get(os.path.basename(path), (WARNING, "it is passed over"))
            yield Finding(
                "unreadable-settings" if severity == ERROR else "unreadable-report",
                severity, "", "", f"{_shown(project, path)} cannot be read: {why}; {harm}",
                by_hand="correct the file, or delete it when nothing in it matters",
            )  # fmt: skip


def _leftovers(project: Project) -> Iterator[Finding]:
    folder = os.path.dirname(project.tasks)
    for name in _names(folder):
        if _LEFTOVER.fullmatch(name):
            yield Finding(
                "leftover", INFO, "", "",
                f"{_shown(project, os.path.join(folder, name))} was left behind by another tool",
                by_hand="delete it when that tool is not running",
            )  # fmt: skip


def _older_places(project: Project, archive: Archive) -> Iterator[Finding]:
    older = os.path.join(project.root, config.LEGACY_TASKS)
    if project.legacy:
        yield Finding(
            "older-layout", INFO, "", "", "the tasks lie where older releases kept them: tasks/",
            by_hand="tamp migrate",
        )  # fmt: skip
    elif os.path.isfile(older) and project.tasks != older:
        with open(older, "rb") as file:
            known = archive.holds(file.read())
        what = "was brought over and is no longer read" if known else "is not read"
        yield Finding(
            "older-file-beside", INFO if known else WARNING, "", "",
            f"{config.LEGACY_TASKS} lies beside the newer place; it {what}",
            by_hand="tamp migrate --cleanup" if known else "tamp migrate brings its tasks over",
        )  # fmt: skip


def _files_beside(project: Project, archive: Archive) -> Iterator[Finding]:
    """Older releases' task file: the one in today's place is known to have moved."""
    path = os.path.join(project.root, config.LEGACY_TASKS)
    data = files.read(path)
    if data is not None and not archive.holds(data):
        yield Finding(
            "older-file-beside", WARNING, "", "",
            f"{config.LEGACY_TASKS} is not read: the tasks are in a database",
            by_hand=f"tamp import {config.LEGACY_TASKS} brings its tasks over",
        )  # fmt: skip


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _shown(project: Project, path: str) -> str:
    return os.path.relpath(path, project.root)
