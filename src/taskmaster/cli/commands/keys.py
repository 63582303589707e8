"""``tamp keys``"""

from __future__ import annotations

from taskmaster.cli import session
from taskmaster.cli.answer import Answer, cells, fitted, painted, printable
from taskmaster.cli.confirm import agreed, offered
from taskmaster.domain import keys as domain
from taskmaster.errors import Usage
from taskmaster.usecases import keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from taskmaster.domain.keys import Denial, Key
    from taskmaster.workspace import Workspace

EXAMPLES = (
    "tamp keys create bot --role=agent",
    "tamp keys create ci --role=editor --scopes=read,write --expires=90d --quiet",
    "tamp keys list",
    "tamp keys rotate 4fGh27Kq --overlap=2d",
    "tamp keys revoke 4fGh27Kq",
    "tamp keys revoke --subject=ann@example.org --yes",
)
# What each action takes: the names after it, and the options that mean something there.
_ACTIONS = {
    "list": ((), ()),
    "create": (("NAME",), ("role", "scopes", "tier", "expires", "rotate_days")),
    "rotate": (("ID",), ("overlap",)),
    "revoke": (("ID",), ("jwt", "subject", "yes")),
}
_FOR_GOOD = "what is revoked cannot be brought back"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="ACTION NAME…",
        help="list (default), create NAME, rotate ID, revoke ID",
    )
    parser.add_argument(
        "--role", metavar="ROLE", default="", help=f"create: {', '.join(domain.ROLES)}"
    )
    parser.add_argument(
        "--scopes",
        metavar="NAMES",
        default="",
        help=f"create: only these of what the role permits: {','.join(domain.SCOPES)}",
    )
    parser.add_argument(
        "--tier",
        metavar="TIER",
        help=f"create: how much it may ask: {', '.join(domain.TIERS)} (default: standard)",
    )
    parser.add_argument(
        "--expires", metavar="WHEN", default="", help="create: 90d, 12w or 2027-12-31"
    )
    parser.add_argument(
        "--rotate-days",
        metavar="N",
        type=int,
        help=f"create: have it rotated every N days (default: {domain.ROTATE_DAYS}; 0: never)",
    )
    parser.add_argument(
        "--overlap", metavar="SPAN", help="rotate: how long the old text is good yet (default: 7d)"
    )
    parser.add_argument("--jwt", metavar="JTI", default="", help="revoke: the token with this id")
    parser.add_argument(
        "--subject", metavar="SUB", default="", help="revoke: every token of this subject so far"
    )
    offered(parser, "revoke: do not ask")


def run(args: Namespace) -> Answer:
    action, *names = args.words or ["list"]
    if action not in _ACTIONS:
        raise _unknown(action)
    _check(action, names, args)
    return _RUN[action](session.workspace(args), args, names)


def _unknown(action: str) -> Usage:
    from taskmaster.domain.words import nearest

    near = nearest(action, tuple(_ACTIONS))
    return Usage(
        f"tamp keys has no action {action}",
        hint=f"did you mean {near}?" if near else f"the actions are: {', '.join(_ACTIONS)}",
    )


def _check(action: str, names: Sequence[str], args: Namespace) -> None:
    """Refuse names and options that the action has no use for."""
    wanted, options = _ACTIONS[action]
    if args.jwt or args.subject:
        wanted = ()
    for every in dict.fromkeys(option for _, them in _ACTIONS.values() for option in them):
        if getattr(args, every) not in (None, "", False) and every not in options:
            flag = f"--{every.replace('_', '-')}"
            raise Usage(f"{flag} means nothing to tamp keys {action}", hint="leave it out")
    if len(names) != len(wanted):
        takes = " ".join(wanted) or "no name"
        raise Usage(f"tamp keys {action} takes {takes}", hint=f"for example: {_example(action)}")


def _example(action: str) -> str:
    return next(line for line in EXAMPLES if line.startswith(f"tamp keys {action}"))


def _list(ws: Workspace, _args: Namespace, _names: Sequence[str]) -> Answer:
    found, denials = keys.listed(ws)
    now = ws.clock()
    data = {
        "keys": [keys.key_to_json(one, now) for one in found],
        "denied": [one._asdict() for one in denials],
        "total": len(found),
    }
    return Answer("keys.v1", data, _table(found, denials, now))


def _table(found: Sequence[Key], denials: Sequence[Denial], now: str) -> list[str]:
    room = max((cells(printable(one.name)) for one in found), default=0)
    lines = [
        f"{one.id}  {painted(fitted(one.name, room), 'bold')}  {printable(one.role):6}  "
        f"{' '.join(keys.permitted(one))}  {_standing(one, now)}"
        for one in found
    ]
    lines += [
        printable(f"{one.of}  counts no more from before {one.before[:19] or 'now'}")
        for one in denials
    ]
    return lines or ["there are no keys yet: tamp keys create NAME --role=agent"]


def _standing(key: Key, now: str) -> str:
    state = domain.state(key, now)
    if state != "active":
        return painted(f"{state} {(key.revoked or key.expires)[:10]}".rstrip(), "dim")
    ends = f"expires {key.expires[:10]}" if key.expires else ""
    notice = domain.rotation(key, now)[0]
    return ", ".join(filter(None, (painted(state, "green"), ends, painted(notice, "yellow"))))


def _create(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    if not args.role:
        raise Usage("what may the key do?", hint=f"--role is one of {', '.join(domain.ROLES)}")
    days = domain.ROTATE_DAYS if args.rotate_days is None else args.rotate_days
    key, text = keys.create(
        ws,
        names[0],
        args.role,
        scopes=[one.strip() for one in args.scopes.split(",") if one.strip()],
        tier=args.tier or "standard",
        expires=keys.expiry(args.expires, ws.clock()),
        rotate_days=days,
    )
    made = (
        f"made key {key.id} for {printable(key.name)}, which may {', '.join(keys.permitted(key))}"
    )
    return _shown_once(ws, key, text, [made])


def _rotate(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    key, text = keys.rotate(ws, names[0], _days(args.overlap))
    notes = [f"key {key.id} of {printable(key.name)} has a new text"]
    if len(key.versions) > 1:
        notes.append(f"the old one is good until {key.versions[-2].until[:16]} UTC")
    return _shown_once(ws, key, text, notes)


def _days(overlap: str | None) -> float:
    from taskmaster.domain import moments, spans

    if overlap is None:
        return keys.OVERLAP_DAYS
    found = spans.seconds(overlap)
    if not found and overlap.strip("smhdw") != "0":
        raise Usage(f"--overlap={overlap} is no span", hint="say 7d, 12h or 0")
    return found / moments.DAY


def _shown_once(ws: Workspace, key: Key, text: str, notes: Sequence[str]) -> Answer:
    data = {"success": True, "key": keys.key_to_json(key, ws.clock()), "token": text}
    return Answer("key.v1", data, [text], notes=[*notes, "its text is shown only this once"])


def _revoke(ws: Workspace, args: Namespace, names: Sequence[str]) -> Answer:
    if not names:
        return _revoke_token(ws, args)
    key = keys.find(ws, names[0])
    shown = f"key {key.id} of {printable(key.name)}"
    if not agreed(args, lambda: f"Revoke {shown} for good?", without=_FOR_GOOD, hint=_HINT):
        return Answer("key.v1", {"success": False}, [_NOTHING])
    key = keys.revoke(ws, key.id)
    data = {"success": True, "key": keys.key_to_json(key, ws.clock())}
    return Answer("key.v1", data, [f"revoked {shown}"])


_HINT = "run it with --yes"
_NOTHING = "nothing was changed"


def _revoke_token(ws: Workspace, args: Namespace) -> Answer:
    what = f"token {args.jwt}" if args.jwt else f"every token of {args.subject} so far"
    shown = printable(what)
    if not agreed(args, lambda: f"Revoke {shown} for good?", without=_FOR_GOOD, hint=_HINT):
        return Answer("key.v1", {"success": False}, [_NOTHING])
    denial = keys.revoke_token(ws, jti=args.jwt, subject=args.subject)
    return Answer("key.v1", {"success": True, "denied": denial._asdict()}, [f"revoked {shown}"])


_RUN = {"list": _list, "create": _create, "rotate": _rotate, "revoke": _revoke}
