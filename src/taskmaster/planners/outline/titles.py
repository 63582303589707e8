"""Titles out of the markup and numbering of a document."""

from __future__ import annotations

import re

LONGEST = 100
_READ = 3000  # of a paragraph that serves as a title, no more than this matters
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|<>$])")
_MARKS = re.compile(r"\*\*|__|`|~~|(?<![\w*])[*_](?=\S)|(?<=\S)[*_](?![\w*])")
_HTML = re.compile(r"</?[a-zA-Z][\w-]{0,20}(?: [^<>]{0,80})?/?>")
_EMOJI = re.compile(r"^[\W_]*?(?=[\w(\[/`'\"“«.$<\-–]|$)")
_NUMBER = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3})*[.)、．:]?\s+|\d{1,3}[.)、．]\s*)(?=\S)")
_KIND = re.compile(
    r"^(?:feature|capability|module|epic|requirement|(?:user )?story|use case|task|subtask|step|"
    r"phase|stage|sprint|iteration|milestone|этап|фаза|задача|шаг|étape|etapa|fase|阶段|任务)"
    r"(?:\s*#?\d{1,3}(?:\.\d{1,3})*)?\s*[:：\-–—]\s*",
    re.IGNORECASE,
)
_BARE_PHASE = re.compile(
    r"^(?:phase|stage|sprint|milestone|этап|étape|fase)\s*\d{1,3}\s*", re.IGNORECASE
)
IDENTIFIER = re.compile(
    r"(?<![\w-])(?:(?P<code>[A-Z]{1,5}[A-Z0-9]{0,3}[-_ ]?\d{1,4}(?:\.\d{1,3})*)"
    r"|(?P<kind>Story|Task|Feature|Epic|Requirement|Use Case|Subtask)s? "
    r"#?(?P<n>\d{1,3}(?:\.\d{1,3})*))(?![\w-])"
)
PARENTHESES = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]\s*$")
_DEPENDS_NOTE = re.compile(
    r"\s*[(\[（](?:depends?(?: on)?|requires|uses|needs|after|blocked by|зависит|依赖|의존|dépend)"
    r"[^()]*(?:\([^()]*\)[^()]*)*[)\]）]",
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
    """What a phase is called besides its number: ``Lending`` for ``Phase 2: Lending``."""
    title = bare(text)
    name = _BROKEN.sub("", _BARE_PHASE.sub("", title)) or title
    without = PARENTHESES.sub("", name)
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
    title = " ".join(title[:_READ].split())
    while len(title) > limit:
        without = PARENTHESES.sub("", title)
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
