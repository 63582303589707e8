"""Titles: out of the markup and numbering of a document, and into the words of a task."""

from __future__ import annotations

import re
from collections import Counter

LONGEST = 100

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|<>$])")
_MARKS = re.compile(r"\*\*|__|`|~~|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
_HTML = re.compile(r"</?[a-zA-Z][\w-]{0,20}(?: [^<>]{0,80})?/?>")
_EMOJI = re.compile(r"^[\W_]*?(?=[\w(\[/`'\"“«.$<\-–]|$)")
_NUMBER = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3})*[.)、．:]?\s+|\d{1,3}[.)、．]\s*)(?=\S)")
_KIND = re.compile(
    r"^(?:feature|capability|module|epic|requirement|(?:user )?story|use case|task|subtask|step|phase|"
    r"stage|sprint|iteration|milestone|этап|фаза|задача|шаг|phase|étape|etapa|fase|阶段|任务)"
    r"(?:\s*#?\d{1,3}(?:\.\d{1,3})*)?\s*[:：\-–—]\s*",
    re.IGNORECASE,
)
_BARE_PHASE = re.compile(
    r"^(?:phase|stage|sprint|milestone|этап|étape|fase)\s*\d{1,3}\s*", re.IGNORECASE
)
IDENTIFIER = re.compile(
    r"(?<![\w-])(?:(?P<code>[A-Z]{1,5}[A-Z0-9]{0,3}[-_ ]?\d{1,4}(?:\.\d{1,3})*)"
    r"|(?P<kind>Story|Task|Feature|Epic|Requirement|Use Case|Subtask)s? #?(?P<n>\d{1,3}(?:\.\d{1,3})*))(?![\w-])"
)
_PARENTHESES = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]\s*$")
_DEPENDS_NOTE = re.compile(
    r"\s*[(\[（](?:depends?(?: on)?|requires|uses|needs|after|blocked by|зависит|依赖|의존|dépend)[^()]*(?:\([^()]*\)[^()]*)*[)\]）]",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(
    r"\s*[:\-–—]?\s*(?:(?:small|medium|large)\s*)?\(~?\d+(?:\.\d+)?\s*(?:h|hours?|d|days?|w|weeks?|pts?|points?)[^()]{0,20}\)\s*$",
    re.IGNORECASE,
)
_BREAKS = (
    " — ",
    " – ",
    " - ",
    "; ",
    ". ",
    "。",
    "；",
    " so that ",
    " so I can ",
    ", ",
    "，",
    "、",
    ": ",
    " (",
)
_SEPARATOR = re.compile(r"\s+[–—→⇒]\s+|\s+->\s+|\s+-\s+|\s*[:：]\s+|：")
_LEAD = re.compile(
    r"^\s*(?:\*\*|__)(?P<lead>[^*]{1,120}?)[:：]?\s*(?:\*\*|__)\s*(?P<rest>.*)$", re.DOTALL
)
_BROKEN = re.compile(r"^[\s:：.…,;–—→\-]+|[\s:：,;–—→\-]+$")
_ASCII_WORD = re.compile(r"[A-Za-z]+")
_MID_SENTENCE = re.compile(r"\b[a-z]+,? ([A-Z][a-z]+(?: [A-Z][a-z]+){0,3})\b")
_ENGLISH = frozenset(
    "the and of to a is for with that be on in as are it by this or from can when must".split()
)


def plain(text: str) -> str:
    """``text`` without Markdown and without line breaks."""
    text = _ESCAPED.sub(r"\1", _LINK.sub(r"\1", text))
    parts = text.split("`")
    for at in range(0, len(parts), 2):  # what stands between backticks is code
        part = _HTML.sub("", parts[at]) if "<" in parts[at] else parts[at]
        parts[at] = _MARKS.sub("", part)
    return " ".join("".join(parts).split())


def identifier(text: str) -> str:
    """The id that opens ``text``: ``FR-3``, ``REQ-001``, ``Story 2``; "" when there is none."""
    found = IDENTIFIER.match(_NUMBER.sub("", plain(text).lstrip("[(*# ")))
    if not found:
        return ""
    return found["code"] or f"{found['kind']} {found['n']}"


def bare(text: str) -> str:
    """A title without markup, numbering, id, kind and estimate: what is asked, as written."""
    title = _EMOJI.sub("", plain(text))
    for _ in range(3):
        before = title
        title = _NUMBER.sub("", title)
        title = _KIND.sub("", title)
        found = IDENTIFIER.match(title.lstrip("[("))
        if found and found.end() < len(title.lstrip("[(")):
            rest = title.lstrip("[(")[found.end() :].lstrip(")]")
            if rest[:1] in ":：-–— .)|" or rest[:1] == "":
                title = _BROKEN.sub("", rest)
        if title == before:
            break
    title = _ESTIMATE.sub("", _DEPENDS_NOTE.sub("", title))
    return _BROKEN.sub("", title).rstrip(".。") or _BROKEN.sub("", plain(text))


def phase_name(text: str) -> str:
    """What a phase is called besides its number: ``Foundation`` for ``Phase 1: Foundation (w1)``."""
    title = bare(text)
    name = _BROKEN.sub("", _BARE_PHASE.sub("", title)) or title
    without = _PARENTHESES.sub("", name)
    return without if len(without) >= 3 else name


def split_lead(text: str) -> tuple[str, str]:
    """``text`` as a title and what explains it: ``**Name:** what`` or ``Name – what``."""
    found = _LEAD.match(text)
    if found and bare_identifier(found["lead"]):
        first, _, more = found["rest"].partition("\n")
        return f"{found['lead']}: {_BROKEN.sub('', first)}", plain(more)
    if found and any(char.isalnum() for char in found["lead"]):
        rest = _BROKEN.sub("", plain(found["rest"]))
        if (
            not rest
            or found["rest"].lstrip()[:1] in ":：–—-→(.,·"
            or found["lead"] != found["lead"].lower()
        ):
            return found["lead"].strip(), rest
    first, _, more = text.partition("\n")
    flat = plain(first)
    cut = _SEPARATOR.search(flat)
    if (
        cut
        and 2 < cut.start() <= 70
        and flat[cut.end() :].strip()
        and not _within(flat, cut.start())
    ):
        return flat[: cut.start()], plain(f"{flat[cut.end() :]}\n{more}")
    return flat, plain(more)


def bare_identifier(text: str) -> bool:
    """Whether ``text`` is an id and nothing else, as in ``**Task 1.2:** Build …``."""
    flat = plain(text).strip(" :：.")
    found = IDENTIFIER.match(flat)
    return (
        bool(found) and found.end() == len(flat) if found else flat[:1].isdigit() and len(flat) < 7
    )


def _within(text: str, position: int) -> bool:
    """Whether the position stands inside brackets or quotes."""
    before = text[:position]
    opened = before.count("(") + before.count("[") - before.count(")") - before.count("]")
    return opened > 0 or before.count('"') % 2 == 1


def shortened(title: str, limit: int = LONGEST) -> str:
    """``title`` in at most ``limit`` characters, cut where a clause or a word ends."""
    title = " ".join(title.split())
    while len(title) > limit:
        without = _PARENTHESES.sub("", title)
        if without == title or len(without) < 10:
            break
        title = without
    if len(title) <= limit:
        return title
    for mark in _BREAKS:
        at = title.find(mark, 20, limit)
        if at > 0 and not _within(title, at):
            return title[:at]
    at = title.rfind(" ", 20, limit - 1)
    return title[: at if at > 0 else limit - 1].rstrip(" ,;:(") + "…"


_VERBS = frozenset(
    """
    accept accelerate access achieve adapt add address adjust adopt aggregate alert align allow analyze answer apply
    archive assign assess assist associate attach audit authenticate authorize auto auto-create auto-generate automate
    automatically avoid backfill block book borrow bootstrap break bring browse build bundle cache calculate call
    cancel capture cap carry change check choose clean clear collect combine compare complete compute configure confirm
    connect construct consolidate containerize continue convert copy create customize cut debug decide declare define
    delete deliver deploy deprecate describe design detect determine develop disable discover display distribute
    document download draft edit eliminate embed emit enable encrypt enforce ensure establish estimate evaluate
    execute expand explain expose extend extract fall fetch fill filter find finish fix flag follow force format
    gate gather generate get give grant group hand handle help hide highlight identify implement import improve include
    increase index inform initialize input insert inspect install integrate invite issue iterate join keep launch
    lay learn let limit link list load localize lock log look maintain make manage map mark match measure merge
    migrate minimize mirror mock modify monitor move navigate notify obtain offer onboard open optimize orchestrate
    order organize override package parse pass patch pay perform persist pick plan play polish populate port
    prepare preserve prevent print prioritize process produce profile prompt propagate protect prototype prove
    provide provision publish pull purge push put query queue quote rank rate read rebuild receive recommend record
    recover redact redesign reduce refactor refine refresh register reject release reload remember remind remove
    rename render renew reorder replace report request require research reserve reset resolve respond restart
    restore restrict resume retain retrieve retry return reuse review revise revoke roll rotate route run sanitize
    save scaffold scale scan schedule score search secure see seed select send separate serve set share ship show
    shut sign simplify simulate sort spin split stabilize standardize start stop store stream strip structure
    submit subscribe suggest summarize support surface switch sync synchronize tag take tap test throttle track
    train transfer transform translate trigger truncate tune turn undo unify update upgrade upload use validate
    verify version view visualize warn watch wire wrap write
    """.split()
)
# Verbs that are as often nouns: they open a request only when an object follows them.
_NOUNS_TOO = frozenset(
    """
    access address alert answer archive audit auto backup block book break bug bundle cache call cap change check
    copy cut design display document download draft edit estimate export fall filter fix flag follow force format
    gate group hand help import index input issue join launch lay limit link list load lock log look map mark match
    measure merge mirror mock monitor move offer order override package pass patch pay pick plan play port process
    produce profile prompt prototype pull push query queue quote rank rate read record release reload remind report
    request research reserve reset restart result return review roll rotate route run scale schedule score search
    seed send set share ship show sign sort spin split start stop store stream strip structure support surface
    switch sync tag take tap test track train transfer trigger turn undo update upgrade upload use version view
    watch wire wrap release research secure open
    """.split()
)
_TAIL = re.compile(r" (?:with|for|of|via|by|in|on|from|to|using|at|across|per) ")
_CALENDAR = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July August
    September October November December English French German Spanish Chinese Japanese Korean Russian
    """.split()
)
_ARTICLES = frozenset(("the", "a", "an"))
_OBJECT = re.compile(
    r"(?:an?|the|all|any|each|every|up|out|off|to|existing|new|at|on|in|from|for|with|its|their|how|which|what|when)\b"
    r"|\w+s (?:as|by|in|on|from|to|with|for|across|per|at|into|and)\b"
)
_BUILT = frozenset(
    """
    page pages screen screens dashboard ui interface panel form forms view views site website server client cli app
    manager parser generator handler engine module modules wizard editor viewer calendar board launcher plugin widget
    service api apis endpoint endpoints tool tools library adapter layer menu header footer catalogue catalog system
    portal uploader downloader scheduler pipeline planner tracker reader processor console gallery timeline inbox
    orchestrator runner mode loop bot
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
    optimization optimisation refinement review research planning analysis audit training testing rollout launch
    submission polish refactoring evaluation interviews migration
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
        core = _PARENTHESES.sub("", title)
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
    words = _PARENTHESES.sub("", title).split()
    return len(words) > 3 and words[-1].islower() and sum(word.islower() for word in words) > 1


def _capital(title: str) -> str:
    first = title.split(" ", 1)[0]
    if not first.islower() or not first.isalpha():
        return title
    return title[:1].upper() + title[1:]


_STORY = re.compile(
    r"^\W*as an?\s+(?P<who>[^,]{2,60}?)\W*,?\s*i\s+(?:want|need|would like|wish|should be able)(?P<to>\s+to)?(?:\s+be able to)?"
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
