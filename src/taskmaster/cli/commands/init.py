"""``tamp init``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli.answer import Answer
from taskmaster.cli.parser import accepted
from taskmaster.errors import NotFound, TampError, Unavailable, Usage
from taskmaster.usecases import project
from taskmaster.usecases.project import Wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project, Storage
    from taskmaster.usecases.project import Piece
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp init",
    'tamp init --name="Note keeper" --description="Notes with a search"',
    "tamp init --dry-run",
    "tamp init --git --no-git-tasks",
    "tamp init --storage=postgresql://ann@db.example/tasks --project-name=notes",
)
LEAVES = ("--tag", "--file")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("-y", "--yes", action="store_true", help="accepted; nothing is ever asked")
    parser.add_argument("-n", "--name", default="", metavar="TEXT", help="what it is called")
    parser.add_argument("-d", "--description", default="", metavar="TEXT", help="what it is about")
    parser.add_argument("-v", "--version", default="", metavar="TEXT", help="the project's version")
    parser.add_argument("-a", "--author", default="", metavar="NAME", help="who makes it")
    parser.add_argument(
        "-r", "--rules", nargs="+", default=[], metavar="NAME", help="accepted; see the note"
    )
    parser.add_argument(
        "--storage", default="", metavar="URL",
        help="keep the tasks in a new project there: sqlite:PATH or postgresql://…",
    )  # fmt: skip
    parser.add_argument(
        "--project-name", default="", metavar="NAME",
        help="--storage: what the project is called there (default: as its folder)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only say what would be made")
    _switch(parser, "--git", "run `git init` where there is no repository (default: no)")
    _switch(parser, "--git-tasks", "keep the task file in version control, or out of it")
    _switch(parser, "--aliases", "accepted; see the note")
    accepted(parser, "--skip-install", why="nothing is ever installed")


def _switch(parser: ArgumentParser, name: str, text: str) -> None:
    from argparse import BooleanOptionalAction

    parser.add_argument(name, action=BooleanOptionalAction, default=None, help=text)


def run(args: Namespace) -> Answer:
    root = os.path.abspath(os.path.expanduser(args.project or os.getcwd()))
    if not os.path.isdir(root):
        raise NotFound(f"there is no folder {args.project}", code="no-folder")
    wishes = Wishes(args.name, args.description, args.version, args.author)
    place = _place(root)
    kept = _storage(args, place)
    ws = app.workspace(place, os.environ, tag=config.DEFAULT_TAG, via="cli")
    pieces = _missing(ws, root, wishes, here=bool(args.storage) or kept.address == place.tasks)
    tasks = config.TASKS if kept.address == place.tasks else config.place(place, kept)
    made = [tasks if piece.path == config.TASKS else piece.path for piece in pieces]
    head = "made a project" if made else "changed"
    notes = [*_notes(args), *(_nested(args, root) if pieces else ())]
    if not args.dry_run:
        project.create(ws, root, pieces, wishes)
    made += _git(args, root)
    data = {"success": True, "created": made, "root": root, "dryRun": args.dry_run}
    return Answer("init.v1", data, _lines(root, head, made, dry_run=args.dry_run), notes=notes)


def _storage(args: Namespace, place: Project) -> Storage:
    """Where the tasks are or will be. What is asked for is made first: a name that somebody else
    has taken in the database ends it before there is anything here.
    """
    if not args.storage:
        return config.storage(place, os.environ)
    if any(os.path.exists(os.path.join(place.root, one)) for one in (config.TASKS, config.STORAGE)):
        raise Usage(
            f"{place.root} is a project already; nothing was changed",
            hint=f"`tamp storage move --to={config.without_password(args.storage)}` takes its"
            " tasks there",
            code="project-exists",
        )
    there = config.storage_at(place, args.storage, args.project_name)
    if there.engine not in app.DATABASES:
        raise Usage("--storage takes a database", hint="say sqlite:PATH or postgresql://…")
    if not args.dry_run:
        app.create_project(place, there)
        config.use_storage(place, args.storage, there)
    return there


def _missing(ws: Workspace, root: str, wishes: Wishes, *, here: bool) -> list[Piece]:
    """What is to be made; a task list only *here*, or where it is new."""
    found = project.missing(root, wishes, ws.clock())
    return [piece for piece in found if here or piece.path != config.TASKS]


def _place(root: str) -> Project:
    home = os.path.join(root, config.FOLDER)
    return config.Project(root, os.path.join(root, config.TASKS), home, "", legacy=False)


def _git(args: Namespace, root: str) -> list[str]:
    """What was explicitly asked for beside the project's own folder; the paths touched."""
    touched = []
    if args.git and not os.path.exists(os.path.join(root, ".git")):
        touched.append(".git")
        if not args.dry_run:
            _init_repository(root)
    if args.git_tasks is not None:
        path = os.path.join(root, ".gitignore")
        old = _text_of(path)
        new = project.git_rules(old, keep_tasks=args.git_tasks)
        if new != old:
            touched.append(".gitignore")
            if not args.dry_run:
                with open(path, "w", encoding="utf-8", newline="") as file:
                    file.write(new)
    return touched


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise Usage(f"{path} is not UTF-8", hint="edit it yourself") from error


def _init_repository(root: str) -> None:
    import subprocess

    try:
        subprocess.run(["git", "init", "--quiet", root], check=True, capture_output=True)  # noqa: S603, S607  # asked for by name, with a path as the only argument
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(
            f"the project was made, but `git init` failed: {error}",
            hint="run it yourself; nothing else is missing",
            code="git-failed",
        ) from error


def _notes(args: Namespace) -> list[str]:
    notes = []
    if args.rules:
        notes.append("--rules has no effect: this release writes no rules for editors and agents")
    if args.aliases:
        notes.append("--aliases has no effect: the files of your shell are never edited")
    return notes


def _nested(args: Namespace, root: str) -> list[str]:
    """A word about a project further up, which commands in this folder will no longer see."""
    if args.project:
        return []
    try:
        above = config.locate({}).root
    except TampError:
        return []
    return [f"{above} holds a project too; commands in here use this one"] if above != root else []


def _lines(root: str, head: str, made: Sequence[str], *, dry_run: bool) -> list[str]:
    if not made:
        return [f"{root} is a project already; nothing was changed", *_first_steps()]
    if dry_run:
        return [f"in {root} these would be made or changed:", *(f"  {path}" for path in made)]
    return [f"{head} in {root}:", *(f"  {path}" for path in made), *_first_steps()]


def _first_steps() -> list[str]:
    return [
        'next: tamp add-task "The first thing to do"',
        "  or: tamp parse-prd FILE, with a document like .taskmaster/templates/example_prd.md",
    ]
