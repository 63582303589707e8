"""User stories: ``As a member, I want …`` as what somebody is to build."""

from __future__ import annotations

import re

from taskmaster.planners.outline.titles import bare, plain

_STORY = re.compile(
    r"^\W*as an?\s+(?P<who>[^,]{2,60}?)\W*,?\s*"
    r"i\s+(?:want|need|would like|wish|should be able)(?P<to>\s+to)?(?:\s+be able to)?"
    r"(?P<what>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_REASON = re.compile(
    r"[,.]?\s+(?:so that|so i can|so we can|in order to|so (?=i |the |they |each |we |it ))",
    re.IGNORECASE,
)
_MINE = (
    (r"\bmy\b", "their"),
    (r"\bI(?:'m| am)\b", "they are"),
    (r"\bI\b", "they"),
    (r"\bme\b", "them"),
    (r"\bmyself\b", "themselves"),
)


def is_story(text: str) -> bool:
    """Whether ``text`` is written as ``As a …, I want …``."""
    return bool(_STORY.match(plain(text)[:400]))


def story_title(text: str) -> str:
    """What a user story asks for, said of the user: ``Let a player spin the wheel``."""
    found = _STORY.match(plain(text)[:600])
    if not found:
        return bare(text)
    wanted = _REASON.split(found["what"].strip(" .…:"), maxsplit=1)[0].strip(" ,.…")
    for mine, theirs in _MINE:
        wanted = re.sub(mine, theirs, wanted)
    who = found["who"].strip(" *").lower() if found["who"].istitle() else found["who"].strip(" *")
    if wanted.startswith("be unable to "):
        return f"Do not let {_article(who)} {who} {wanted[13:]}"
    if not found["to"]:
        deed = re.match(r"(?P<it>.{3,50}?) to (?P<do>[a-z].*)", wanted)
        if deed and " " in deed["do"]:
            return f"Make {deed['it']} {deed['do']}"
        return f"Give {_article(who)} {who} {wanted}"
    return f"Let {_article(who)} {who} {wanted}"


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeio" else "a"
