"""Titles in the words of a task: with a verb in front where the document is English."""

from __future__ import annotations

import re
from collections import Counter

from taskmaster.planners.outline.titles import PARENTHESES, shortened

_ASCII_WORD = re.compile(r"[A-Za-z]+")
_MID_SENTENCE = re.compile(r"\b[a-z]+,? ([A-Z][a-z]+(?: [A-Z][a-z]+){0,3})\b")
_ENGLISH = frozenset(
    "the and of to a is for with that be on in as are it by this or from can when must".split()
)
_VERBS = frozenset(
    """
    accept accelerate access achieve adapt add address adjust adopt aggregate alert align allow
    analyze answer apply archive assign assess assist associate attach audit authenticate authorize
    auto auto-create auto-generate automate automatically avoid backfill block book borrow
    bootstrap break bring browse build bundle cache calculate call cancel capture cap carry change
    check choose clean clear collect combine compare complete compute configure confirm connect
    construct consolidate containerize continue convert copy create customize cut debug decide
    declare define delete deliver deploy deprecate describe design detect determine develop disable
    discover display distribute document download draft edit eliminate embed emit enable encrypt
    enforce ensure establish estimate evaluate execute expand explain expose extend extract fall
    fetch fill filter find finish fix flag follow force format gate gather generate get give grant
    group hand handle help hide highlight identify implement import improve include increase index
    inform initialize input insert inspect install integrate invite issue iterate join keep launch
    lay learn let limit link list load localize lock log look maintain make manage map mark match
    measure merge migrate minimize mirror mock modify monitor move navigate notify obtain offer
    onboard open optimize orchestrate order organize override package parse pass patch pay perform
    persist pick plan play polish populate port prepare preserve prevent print prioritize process
    produce profile prompt propagate protect prototype prove provide provision publish pull purge
    push put query queue quote rank rate read rebuild receive recommend record recover redact
    redesign reduce refactor refine refresh register reject release reload remember remind remove
    rename render renew reorder replace report request require research reserve reset resolve
    respond restart restore restrict resume retain retrieve retry return reuse review revise revoke
    roll rotate route run sanitize save scaffold scale scan schedule score search secure see seed
    select send separate serve set share ship show shut sign simplify simulate sort spin split
    stabilize standardize start stop store stream strip structure submit subscribe suggest
    summarize support surface switch sync synchronize tag take tap test throttle track train
    transfer transform translate trigger truncate tune turn undo unify update upgrade upload use
    validate verify version view visualize warn watch wire wrap write
    """.split()
)
# Verbs that are as often nouns: they open a request only when an object follows them.
_NOUNS_TOO = frozenset(
    """
    access address alert answer archive audit auto backup block book break bug bundle cache call
    cap change check copy cut design display document download draft edit estimate export fall
    filter fix flag follow force format gate group hand help import index input issue join launch
    lay limit link list load lock log look map mark match measure merge mirror mock monitor move
    offer order override package pass patch pay pick plan play port process produce profile prompt
    prototype pull push query queue quote rank rate read record release reload remind report
    request research reserve reset restart result return review roll rotate route run scale
    schedule score search seed send set share ship show sign sort spin split start stop store
    stream strip structure support surface switch sync tag take tap test track train transfer
    trigger turn undo update upgrade upload use version view watch wire wrap release research
    secure open
    """.split()
)
_TAIL = re.compile(r" (?:with|for|of|via|by|in|on|from|to|using|at|across|per) ")
_CALENDAR = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July
    August September October November December English French German Spanish Chinese Japanese
    Korean Russian
    """.split()
)
_ARTICLES = frozenset(("the", "a", "an"))
_OBJECT = re.compile(
    r"(?:an?|the|all|any|each|every|up|out|off|to|existing|new|at|on|in|from|for|with|its|their|how|which|what|when)\b"
    r"|\w+s (?:as|by|in|on|from|to|with|for|across|per|at|into|and)\b"
)
_BUILT = frozenset(
    """
    page pages screen screens dashboard ui interface panel form forms view views site website
    server client cli app manager parser generator handler engine module modules wizard editor
    viewer calendar board launcher plugin widget service api apis endpoint endpoints tool tools
    library adapter layer menu header footer catalogue catalog system portal uploader downloader
    scheduler pipeline planner tracker reader processor console gallery timeline inbox orchestrator
    runner mode loop bot
    """.split()
)
_DEFINED = frozenset(
    "model models schema schemas types data-model contract contracts policy policies format rules".split()
)
_WRITTEN = frozenset(
    "documentation docs readme guide guides tutorial manual handbook tests".split()
)
_ACTIONS = {
    "optimization": "Optimize",
    "optimisation": "Optimise",
    "setup": "Set up",
    "set-up": "Set up",
    "deployment": "Deploy",
    "migration": "Migrate",
}
_CARRIED_OUT = frozenset(
    """
    optimization optimisation refinement review research planning analysis audit training testing
    rollout launch submission polish refactoring evaluation interviews migration
    """.split()
)
_PREPARED = frozenset(
    "mockups mockup document documents diagram diagrams plan prototype prototypes wireframes".split()
)
_PARTICIPLES = {
    "finalized": "Finalize",
    "completed": "Complete",
    "defined": "Define",
    "implemented": "Implement",
    "deployed": "Deploy",
    "published": "Publish",
    "created": "Create",
    "documented": "Document",
    "tested": "Test",
    "approved": "Get approval for",
    "fixed": "Fix",
    "fixes": "Make",
}
_ADVERBS = re.compile(
    r"^(?:automatically|auto-\w+|securely|optionally|possibly|gracefully|quickly)$"
)


class Wording:
    """How this document writes: its language, and which of its words are names."""

    def __init__(self, text: str) -> None:
        words = re.findall(r"[^\W\d_]+", text[:400_000])
        lowered = Counter(word.lower() for word in words[:4000])
        latin = sum(n for word, n in lowered.items() if word.isascii())
        english = sum(lowered[word] for word in _ENGLISH)
        self.english = latin * 2 >= sum(lowered.values()) and (
            english * 12 >= latin or (latin < 60 and word_share(lowered) > 0)
        )
        self.lower = Counter(word for word in words if word.islower())
        self.named = Counter(name for run in _names(text[:400_000]) for name in run.split())

    def task(self, title: str) -> str:
        """``title`` as the title of a task; only English titles get a verb in front."""
        title = shortened(title)
        if not self.english or not title or not title[0].isascii():
            return _capital(title)
        if opens_with_verb(title):
            return _capital(title)
        return shortened(self._with_verb(title))

    def capital(self, title: str) -> str:
        """``title`` with a capital first letter, unless it opens with code."""
        return _capital(title)

    def group(self, title: str) -> str:
        """The title of a task that gathers what a phase or a group holds."""
        if opens_with_verb(title) or title.endswith("…"):
            return _capital(shortened(title))
        return shortened(f"Complete {self.mid(title)}")

    def _with_verb(self, title: str) -> str:
        core = PARENTHESES.sub("", title)
        words = core.split()
        head = _TAIL.split(core, maxsplit=1)[0].split() or words
        last = head[-1].lower().strip(".,:")
        rest, tail = " ".join(head[:-1]), title[len(" ".join(head)) :]
        if last in _ACTIONS and rest and "&" not in core and " and " not in core and len(head) <= 5:
            return f"{_ACTIONS[last]} {self.mid(rest)}{self.mid(tail)}"
        if last in _PARTICIPLES and rest and head == words:
            kept = words if last == "fixes" else words[:-1]
            return f"{_PARTICIPLES[last]} {self.mid(' '.join(kept))}"
        if last == "implementation" and rest:
            return f"Implement {self.mid(rest)}{self.mid(tail)}"
        verb = "Implement"
        if last in _CARRIED_OUT:
            verb = "Carry out"
        elif last in _PREPARED:
            verb = "Prepare"
        elif last in _WRITTEN:
            verb = "Write"
        elif last in _DEFINED:
            verb = "Define"
        elif last in _BUILT:
            one = not last.endswith("s") and len(words) <= 4 and words[0].lower() not in _ARTICLES
            verb = "Build the" if one else "Build"
        return f"{verb} {self.mid(title)}"

    def mid(self, title: str) -> str:
        """``title`` for the middle of a sentence: names keep their capitals."""
        return " ".join(self._lowered(word) for word in title.split(" "))

    def _lowered(self, word: str) -> str:
        letters = re.sub(r"[^\w]", "", word)
        if not letters[1:].islower() and len(letters) > 1:
            parts = word.split("-")
            if len(parts) > 1 and all(part for part in parts):
                return "-".join(self._lowered(part) for part in parts)
            return word
        if letters in _CALENDAR or letters == "I" or any(char.isdigit() for char in letters):
            return word
        if len(letters) == 1:
            return word.lower() if letters == "A" else word
        if self.named[letters] > self.lower[letters.lower()]:
            return word
        return word.lower()


def _names(text: str) -> list[str]:
    """Runs of capitalised words in the middle of sentences."""
    found: list[str] = []
    for line in text.split("\n"):
        words = _ASCII_WORD.findall(line)
        if sum(word.islower() for word in words) * 2 > len(words) and not line.startswith("#"):
            found += _MID_SENTENCE.findall(line)
    return found


def word_share(lowered: Counter[str]) -> int:
    """How many English function words or task verbs a short text holds."""
    return sum(n for word, n in lowered.items() if word in _ENGLISH or word in _VERBS)


def opens_with_verb(title: str) -> bool:
    """Whether an English title already asks for something: ``Add …``, ``Set up …``."""
    words = [word.strip(".,:()\"'").lower() for word in title.split()]
    if words and _ADVERBS.match(words[0]):
        words = words[1:] or words
    if not words or words[0] not in _VERBS:
        return False
    if words[0] in _NOUNS_TOO:
        return bool(_OBJECT.match(" ".join(words[1:]))) or _is_sentence(title)
    return True


def _is_sentence(title: str) -> bool:
    """Whether a longer title is written in sentence case, so that it is no name."""
    words = PARENTHESES.sub("", title).split()
    return len(words) > 3 and words[-1].islower() and sum(word.islower() for word in words) > 1


def _capital(title: str) -> str:
    first = title.split(" ", 1)[0]
    if not first.islower() or not first.isalpha():
        return title
    return title[:1].upper() + title[1:]
