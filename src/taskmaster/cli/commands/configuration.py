"""``tamp config``"""

from __future__ import annotations

import json
import os

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, printable
from taskmaster.domain.settings import meant, secret
from taskmaster.errors import Invalid, Unavailable, Usage
from taskmaster.usecases import files, settings
from taskmaster.workspace import utc_now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.config import Project
    from taskmaster.usecases.settings import Setting

EXAMPLES = (
    "tamp config show --origin",
    "tamp config get global.defaultPriority",
    "tamp config set global.defaultPriority high",
    "tamp config set models.main.maxTokens 32000",
    "tamp config unset models.main.baseURL",
    "tamp config edit",
)
LEAVES = ("--tag",)
_ACTIONS = {
    "show": (),
    "get": ("KEY",),
    "set": ("KEY", "VALUE"),
    "unset": ("KEY",),
    "edit": (),
}
_HIDDEN = "(set, not shown)"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION …",
        help="show (default), get KEY, set KEY VALUE, unset KEY, edit",
    )
    parser.add_argument("--origin", action="store_true", help="show: where each value comes from")
    parser.add_argument(
        "--force", action="store_true", help="set, unset: also keys nobody knows, whole sections"
    )


def run(args: Namespace) -> Answer:
    action, *rest = args.words or ["show"]
    if action not in _ACTIONS:
        raise Usage(
            f"tamp config has no action {action}", hint=f"the actions are: {', '.join(_ACTIONS)}"
        )
    if len(rest) != len(_ACTIONS[action]):
        takes = " ".join(_ACTIONS[action]) or "no more words"
        example = next(line for line in EXAMPLES if line.startswith(f"tamp config {action}"))
        raise Usage(f"tamp config {action} takes {takes}", hint=f"for example: {example}")
    return _RUN[action](session.project(args), args, rest)


def _show(project: Project, args: Namespace, _rest: Sequence[str]) -> Answer:
    found = settings.every(project, os.environ)
    data = {"settings": [_entry(one) for one in found], "file": settings.path_of(project)}
    room = max(len(one.origin) for one in found)
    lines = [
        printable((f"{one.origin.ljust(room)}  " if args.origin else "") + _line(one))
        for one in found
    ]
    return Answer("settings.v1", data, lines)


def _entry(one: Setting) -> dict[str, object]:
    entry: dict[str, object] = {"key": one.path, "origin": one.origin}
    return entry | ({"hidden": True} if secret(one.path) else {"value": _open(one.value)})


def _line(one: Setting) -> str:
    return f"{one.path} = {_HIDDEN if secret(one.path) else _text(_open(one.value))}"


def _open(value: object) -> object:
    """*value* without what is for nobody's eyes anywhere inside it."""
    if isinstance(value, dict):
        return {key: _HIDDEN if secret(str(key)) else _open(inner) for key, inner in value.items()}
    return [_open(one) for one in value] if isinstance(value, list) else value


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _get(project: Project, args: Namespace, rest: Sequence[str]) -> Answer:
    found = settings.one(project, os.environ, rest[0])
    shown = _HIDDEN if secret(found.path) else _text(_open(found.value))
    prefix = f"{found.origin}  " if args.origin else ""
    return Answer("setting.v1", _entry(found), [printable(prefix + shown)])


def _set(project: Project, args: Namespace, rest: Sequence[str]) -> Answer:
    path, text = rest
    changed = settings.set_values(project, {path: meant(path, text)}, force=args.force)
    data = {"success": True, "key": path, "changed": bool(changed)}
    if not changed:
        return Answer("setting-changed.v1", data, [f"{path} was that already"])
    (_, before, after), *_ = changed
    if secret(path):
        return Answer("setting-changed.v1", data, [f"{path} is set"])
    data |= {"before": before, "after": after}
    was = "" if before is None else f" (was {_text(before)})"
    return Answer("setting-changed.v1", data, [printable(f"{path} = {_text(after)}{was}")])


def _unset(project: Project, args: Namespace, rest: Sequence[str]) -> Answer:
    before = settings.unset(project, rest[0], force=args.force)
    data: dict[str, object] = {"success": True, "key": rest[0], "changed": True}
    if secret(rest[0]):
        return Answer("setting-changed.v1", data, [f"{rest[0]} is no longer set"])
    data["before"] = _open(before)
    shown = _text(_open(before))
    return Answer(
        "setting-changed.v1", data, [printable(f"{rest[0]} is no longer set (was {shown})")]
    )


def _edit(project: Project, _args: Namespace, _rest: Sequence[str]) -> Answer:
    path = settings.path_of(project)
    before = files.read(path)
    editor, copy = _editor(), f"{path}.edited"
    if not os.path.exists(copy):
        # One that is there holds what somebody wrote and could not be used yet: they go on there.
        files.replace(copy, before or b"{}\n")
    _run_editor(editor, copy)
    text = files.read(copy) or b""
    data: dict[str, object] = {"success": True, "file": path}
    if text == (before or b"{}\n"):
        os.unlink(copy)
        return Answer("settings-edited.v1", data | {"changed": False}, ["nothing was changed"])
    try:
        aside = settings.replace_text(project, before, text, utc_now())
    except Invalid as error:
        error.message = f"{error.message}; {path} was not changed"
        error.hint = f"what you wrote is kept in {copy}: `tamp config edit` opens it again"
        raise
    os.unlink(copy)
    lines = [f"changed {path}", *([f"what it was is in {aside}"] if aside else [])]
    return Answer("settings-edited.v1", data | {"changed": True, "previous": aside}, lines)


def _editor() -> str:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not editor.strip():
        raise Usage(
            "no editor is named in the environment",
            hint="for example: EDITOR=nano tamp config edit, or: tamp config set KEY VALUE",
            code="no-editor",
        )
    return editor


def _run_editor(editor: str, path: str) -> None:
    import shlex
    import subprocess

    try:
        subprocess.run([*shlex.split(editor), path], check=True)  # noqa: S603  # the person's own editor
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(
            f"the editor {editor} failed: {error}; nothing was changed",
            hint=f"what it left is in {path}",
            code="editor-failed",
        ) from error


_RUN = {"show": _show, "get": _get, "set": _set, "unset": _unset, "edit": _edit}
