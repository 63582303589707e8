"""Finding tasks by their words, the best first."""

from __future__ import annotations

import re
from collections import namedtuple

from taskmaster.domain import graph
from taskmaster.domain.fields import Scene
from taskmaster.domain.words import folded, folded_with_places, spaced, texts_of
from taskmaster.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from taskmaster.domain.graph import Node
    from taskmaster.domain.query import Query
    from taskmaster.domain.task import Task
    from taskmaster.ports import Reader
    from taskmaster.workspace import Workspace

    class Hit(NamedTuple):
        """A task or subtask that was found: ``field`` is where it counts most."""

        tag: str
        task: Task
        score: int
        field: str

    class Snippet(NamedTuple):
        """A piece of a text and where the words stand in it, as (start, end)."""

        text: str
        spans: Sequence[tuple[int, int]]

else:
    Hit = namedtuple("Hit", "tag task score field")
    Snippet = namedtuple("Snippet", "text spans")

WEIGHTS = {"title": 10, "labels": 6, "description": 5, "details": 3, "testStrategy": 2,
           "acceptanceCriteria": 2}  # fmt: skip
WHOLE_WORD, COMPLETE = 2, -1
_BEFORE = 24
_LONGEST_SNIPPET = 160
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')


def words_of(text: str) -> list[str]:
    """The words of a text that somebody looks for; what stands in quotes is a phrase."""
    return [quoted or word for quoted, word in _WORD.findall(text) if quoted.strip() or word]


def search(
    ws: Workspace,
    words: Sequence[str],
    *,
    where: Query | None = None,
    all_tags: bool = False,
    limit: int = 0,
) -> tuple[list[Hit], int]:
    """The best *limit* tasks and subtasks (0: all) that hold every one of *words*, and how many
    there are.

    A word counts by the weightiest field that holds it, more where it stands alone; equal ones
    keep the order of the tasks. Raises Usage without words, NotFound for a missing tag.
    """
    wanted = [folded(spaced(word)) for word in words if word.strip()]
    if not wanted:
        raise Usage("search needs words", hint="for example: tamp search retry queue")
    if "" in wanted:  # An accent that stands alone is found nowhere.
        return [], 0
    today = ws.clock()[:10]
    with ws.reading() as reader:
        hits = [
            hit
            for tag in (reader.tags() if all_tags else (ws.tag,))
            for hit in _in_tag(reader, tag, wanted, where, today)
        ]
    hits.sort(key=_best_first)
    return (hits[:limit] if limit else hits), len(hits)


def _best_first(hit: Hit) -> int:
    return -hit.score


def _in_tag(
    reader: Reader, tag: str, wanted: Sequence[str], where: Query | None, today: str
) -> list[Hit]:
    """The hits in their order; tasks that share an id are each looked through."""
    tasks = reader.tasks(tag) if where else reader.containing(tag, wanted)
    rows = [node for task in tasks for node in graph.nodes([task]).values()]
    if where:
        meant = where.within(Scene(graph.nodes(tasks), today=today, tag=tag))
        rows = [node for node in rows if meant(node)]
    return [hit for node in rows if (hit := _hit(tag, node, wanted))]


def _hit(tag: str, node: Node, wanted: Sequence[str]) -> Hit | None:
    texts = {name: folded(text) for name, text in texts_of(node.task).items()}
    score, best, field = COMPLETE if node.task.complete else 0, 0, ""
    for word in wanted:
        points, name = _points(word, texts)
        if not points:
            return None
        score += points
        if points > best:
            best, field = points, name
    return Hit(tag, node.task, score, field)


def _points(word: str, texts: Mapping[str, str]) -> tuple[int, str]:
    """The points for one word, and the field that earns them; nothing when no field holds it."""
    for name, text in texts.items():
        if word in text:
            return WEIGHTS[name] + WHOLE_WORD * _stands_alone(word, text), name
    return 0, ""


def _stands_alone(word: str, text: str) -> bool:
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not (text[place - 1 : place].isalnum() or text[end : end + 1].isalnum()):
            return True
        place = text.find(word, end)
    return False


def snippet(hit: Hit, words: Sequence[str], room: int) -> Snippet:
    """The piece of the hit's field around the first word in it, of about *room* characters."""
    text = texts_of(hit.task)[hit.field]
    spans = _spans(text, words)
    first = spans[0][0] if spans else 0
    start = max(0, min(first - _BEFORE, len(text) - room))
    if start and (blank := text.find(" ", start, first)) >= 0:
        start = blank + 1
    piece = text[start : start + room].rstrip()
    head, tail = "… " if start else "", " …" if start + room < len(text) else ""
    moved = len(head) - start
    inside = [(a + moved, b + moved) for a, b in spans if a >= start and b <= start + room]
    return Snippet(f"{head}{piece}{tail}", inside)


def _spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text, in order and without overlaps."""
    plain, places = folded_with_places(text)
    found: list[tuple[int, int]] = []
    for word in filter(None, (folded(spaced(word)) for word in words)):
        place = plain.find(word)
        while place >= 0:
            found.append((places[place], places[place + len(word) - 1] + 1))
            place = plain.find(word, place + len(word))
    apart: list[tuple[int, int]] = []
    for span in sorted(found):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def hit_to_json(hit: Hit, words: Sequence[str]) -> dict[str, object]:
    """What was found, as every face shows it."""
    return {
        "id": hit.task.id,
        "title": hit.task.title,
        "status": hit.task.status,
        "priority": hit.task.priority,
        "tag": hit.tag,
        "score": hit.score,
        "field": hit.field,
        "snippet": snippet(hit, words, _LONGEST_SNIPPET).text,
    }
