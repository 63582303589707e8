"""``tamp init``"""

from __future__ import annotations

import os

from taskmaster import app, config
from taskmaster.cli.answer import Answer, printable
from taskmaster.cli.parser import accepted
from taskmaster.errors import Conflict, NotFound, TampError, Unavailable, Usage
from taskmaster.usecases import files, project
from taskmaster.usecases.project import Piece, Wishes
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project, Storage

EXAMPLES = (
    "tamp init",
    'tamp init --name="Note keeper" --description="Notes with a search"',
    "tamp init --dry-run",
    "tamp init --git --no-git-tasks",
    "tamp init --storage=sqlite:.taskmaster/tasks/tasks.db",
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
        help="keep the tasks there: sqlite:PATH or postgresql://USER@HOST/DATABASE",
    )  # fmt: skip
    parser.add_argument(
        "--project-name", default="", metavar="NAME",
        help="what the project is called in a database that holds many (default: as its folder)",
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
    kept = _kept(args, place)
    tasks = os.path.relpath(kept.address, root) if kept.engine == "file" else ""
    pieces = project.missing(root, wishes, utc_now(), tasks)
    notes = [*_notes(args), *(_nested(args, root) if pieces else ())]
    if kept.engine != "file":
        pieces += _database_pieces(args, place, kept)
        tasks = _label(place, kept)
    if not args.dry_run:
        _make(args, place, kept, pieces, wishes, tasks)
    made = [piece.path for piece in pieces]
    head = "made a project" if made else "changed"
    made += _git(args, root)
    data = {"success": True, "created": made, "root": root, "dryRun": args.dry_run}
    lines = _lines(root, head, made, dry_run=args.dry_run)
    if kept.engine != "file":
        data["storage"] = config.place(place, kept)
        lines.append(f"the tasks are in {printable(config.place(place, kept))}")
    return Answer("init.v1", data, lines, notes=notes)


def _kept(args: Namespace, place: Project) -> Storage:
    """Where the tasks are kept, or are to be."""
    before = config.storage(place, os.environ)
    if not args.storage:
        if args.project_name:
            raise Usage("--project-name means nothing without --storage", hint="leave it out")
        return before
    kept = config.storage_at(place, args.storage, args.project_name)
    if config.place(place, kept) == config.place(place, before):
        return kept._replace(redis=before.redis, replica=before.replica)
    if os.environ.get("TAMP_STORAGE"):
        raise Usage("TAMP_STORAGE goes before --storage and says another place", hint="unset it")
    if before.engine != "file" or os.path.exists(before.address):
        raise Conflict(
            f"the project keeps its tasks in {config.place(place, before)}; nothing was changed",
            hint=f"`tamp storage move --to={config.without_password(args.storage)}` moves them",
            code="kept-elsewhere",
        )
    return kept


def _database_pieces(args: Namespace, place: Project, kept: Storage) -> list[Piece]:
    """What a project lacks whose tasks are in a database."""
    standing = _standing(place, kept)
    known = os.path.exists(os.path.join(place.root, config.STORAGE))
    if args.storage and not known and standing == project.USED:
        raise Conflict(
            f"{config.place(place, kept)}, is there already; nothing was changed",
            hint="--project-name=NAME makes another one; to work on this one, make"
            " a project with `tamp init` and then `tamp storage use` it",
            code="project-exists",
        )
    wanted = [] if known or not args.storage else [Piece(config.STORAGE, "")]
    return wanted + ([] if standing == project.USED else [Piece(_label(place, kept), "")])


def _standing(place: Project, kept: Storage) -> str:
    try:
        return project.standing(app.store_at(place, kept))
    except Unavailable as error:
        if error.code != "schema-too-old":
            raise
    # Somebody may be making the tables at this very moment.
    app.prepare(kept)
    return project.standing(app.store_at(place, kept))


def _label(place: Project, kept: Storage) -> str:
    """What is made for the tasks: the path of a database in the project's folder, or a place."""
    folder = os.path.join(place.root, "")
    inside = kept.engine == "sqlite" and os.path.normpath(kept.address).startswith(folder)
    return os.path.relpath(kept.address, place.root) if inside else config.place(place, kept)


def _make(
    args: Namespace, place: Project, kept: Storage, pieces: list[Piece], wishes: Wishes, tasks: str
) -> None:
    ws = app.workspace(place, os.environ, tag=config.DEFAULT_TAG, via="cli")
    ws.store = app.store_at(place, kept)
    if kept.engine != "file":
        if any(piece.path == tasks for piece in pieces):
            _make_project(place, kept)
        try:
            config.keep_out_of_git(place.home)
            if any(piece.path == config.STORAGE for piece in pieces):
                config.use_storage(place, args.storage, kept)
        except OSError as error:
            raise files.refused(error, place.home) from error
    own = [piece for piece in pieces if piece.path != config.STORAGE]
    project.create(ws, place.root, own, wishes, tasks)


def _make_project(place: Project, kept: Storage) -> None:
    """Make the project in its database, unless somebody did at this very moment."""
    try:
        app.create_project(place, kept)
    except Conflict as error:
        if error.code != "project-exists":
            raise


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
    if config.without_password(args.storage) != args.storage:
        notes.append("the password is not kept: give it in TAMP_STORAGE, PGPASSWORD or ~/.pgpass")
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
