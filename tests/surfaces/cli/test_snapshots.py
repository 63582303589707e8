"""What a person sees on screens of 40, 80 and 200 columns, compared with what was looked over.

``TAMP_SNAPSHOTS=update pytest tests/surfaces/cli/test_snapshots.py`` writes the files anew:
read the difference before you keep it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Project, Tamp, step, task

from taskmaster.workspace import Workspace

if os.name == "nt":
    pytest.skip("needs a terminal's idea of columns", allow_module_level=True)

from tests.surfaces.cli.screens import columns

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = os.environ.get("TAMP_SNAPSHOTS") == "update"
WIDTHS = (40, 80, 200)
COMMANDS = {
    "list": ("list", "all"),
    "list-columns": ("list", "--columns=id,status,title,label,due", "--sort=-priority,id"),
    "list-plain": ("list", "--plain"),
    "show": ("show", "3,9"),
    "next": ("next",),
    "why": ("why", "9"),
    "search": ("search", "設定"),
    "history": ("history",),
    "tree": ("tree",),
    "tree-dependencies": ("tree", "--dependencies"),
    "graph": ("graph",),
    "waves": ("waves",),
    "stats": ("stats",),
    "tags": ("tags", "list", "--show-metadata"),
    "doctor": ("doctor",),
    "help": ("help",),
    "help-list": ("help", "list"),
    "coverage": ("coverage", "prd.md"),
    "validate": ("validate-dependencies",),
    "undo": ("undo", "--dry-run"),
}
WIDE = "設定ファイルを読み込んで検証し、誤りを利用者に示す処理を書く"
LEFTWARDS = "כתיבת המסמך הראשון של הפרויקט ובדיקתו לפני הפרסום"
MIXED = "Translate the page «الصفحة الرئيسية» and its menus into العربية"
LONG = (
    "Write down what happens when the connection is lost in the middle of a transfer, and mend it"
)
EMOJI = "Ship it 🚀 with cafe\u0301 names and a family 👩‍👩‍👧 in the logo"


class Days:
    """A clock in the test's hand."""

    def __init__(self) -> None:
        self.day = 1

    def __call__(self) -> str:
        return f"2026-03-{self.day:02d}T09:30:00.000Z"


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Days:
    found = Days()
    defaults = Workspace.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "clock", found)
    return found


@pytest.fixture
def worked(project: Project, tamp: Tamp, days: Days, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with all kinds of texts, on which somebody has worked for some days."""
    monkeypatch.setenv("USER", "ann")
    many = list(range(1, 9))
    project.write(
        task(1, title="Set up the project", priority="high"),
        task(2, title=WIDE, dependencies=[1], priority="critical", details=WIDE * 3),
        task(
            3, title=LONG, dependencies=[1, 2], description=f"{LONG}. {LONG}.",
            labels=["network", "backend"], dueDate="2026-04-01", assignee="ann", effort=3,
            subtasks=[step(1, title=WIDE), step(2, title=LEFTWARDS, dependencies=[1])],
        ),
        task(4, title=LEFTWARDS, dependencies=[1], details=f"{LEFTWARDS}\n\n- {MIXED}\n- {LONG}"),
        task(5, title=MIXED, status="in-progress"),
        task(6, title=EMOJI, status="review"),
        task(7, title="Short", status="deferred"),
        task(8, title=LONG, dependencies=[77]),
        task(9, title=LONG, dependencies=many, priority="low", testStrategy=LONG,
             acceptanceCriteria=[LONG, WIDE], notes=LONG),
        task(10, title="Wait for one", dependencies=[9]),
        **{"other-things": [task(1)], "設定": [task(1)]},
    )  # fmt: skip
    for day, words in (
        (2, ("set-status", "1", "done")), (4, ("set-status", "2", "in-progress")),
        (5, ("edit", "4", "--title", f"{LEFTWARDS} {LONG}")), (9, ("set-status", "2", "done")),
        (10, ("add-task", "--title", LONG, "--description", WIDE)),
    ):  # fmt: skip
        days.day = day
        assert tamp(*words).code == 0
    days.day = 12
    return project


def steady(text: str) -> str:
    """*text* without what no clock of ours decides."""
    text = re.sub(r"\b[0-9a-f]{12}\b", "0123456789ab", text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.usefixtures("worked")
def test_what_a_person_sees(
    tamp: Tamp, monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    said = tamp(*COMMANDS[name])

    shown = steady(said.out)
    path = SNAPSHOTS / f"{name}-{width}.txt"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert [line for line in shown.splitlines() if columns(line) > width] == []
    assert shown == path.read_text(encoding="utf-8"), "TAMP_SNAPSHOTS=update writes it anew"
    if name.endswith("-plain"):
        assert not re.search("[✓►○⊘⏸✗◎…→]", shown)


def test_no_snapshot_is_left_over() -> None:
    expected = {f"{name}-{width}.txt" for name in COMMANDS for width in WIDTHS}

    assert {path.name for path in SNAPSHOTS.iterdir()} == expected
