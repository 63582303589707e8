"""Pictures stay well-formed and harmless, whatever the titles say."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskmaster.drawings import graph_svg, graphs, page, report, text
from taskmaster.drawings.graphs import Box, Graph
from taskmaster.drawings.report import Bar, Bars, Curve, Report, Words

HOSTILE = [
    '</svg><script>alert("1")</script>',
    "]]> & <!-- -- > ' \" \\",
    'a]; click n0 href "javascript:alert(1)"\n%%{init: {}}%%',
    'x"]\n  n0 --> n1["',
    "end; #quot; style n0 fill:#f00;",
    '\\" label="x\\N',
    "\u202eright to left\u202c and \u05d0\u05d1\u05d2 and \u0627\u0644",
    "\U0001f469\u200d\U0001f4bb\U0001f3fd wide \u4efb\u52a1\u8868",
    "\x00\x1b[31mred\x07\ud800\ufffe",
    "",
    "word " * 60,
    "x" * 500,
]
NUMBER = re.compile(r"#\d+;")
SVG = "{http://www.w3.org/2000/svg}"


def graph(*titles: str) -> Graph:
    """Tasks with these titles, each waiting for the one before, the last closing a circle."""
    ids = [str(number) for number in range(1, len(titles) + 1)]
    boxes = {
        one: Box(one, title, "done" if one == "1" else "pending", one in ids[:2])
        for one, title in zip(ids, titles, strict=True)
    }
    needs = {one: tuple(ids[place - 1 : place]) for place, one in enumerate(ids)}
    closing = [(ids[-1], ids[0])] if len(ids) > 1 else []
    return Graph("Tasks of <master>", boxes, needs, closing, ids[:2])


def told(*words: str) -> Report:
    bars = [Bar(word, number, 3, word) for number, word in enumerate(words[:3])]
    points = [("2026-01-01", 3), ("2026-01-02", 0)]
    return Report(
        words[0], words[0], [Bars("b", bars, words[0]), Curve("c", points, ""), Words("w", words)]
    )


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314  # our own drawing


def harmless(root: ET.Element) -> bool:
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    return "script" not in names and not any(name.lower().startswith("on") for name in attributes)


@pytest.mark.parametrize("title", HOSTILE)
def test_an_svg_holds_any_title(title: str) -> None:
    root = parsed(graph_svg.to_svg(graph(title, "next", title), title))

    assert harmless(root)
    groups = root.findall(f"{SVG}g")
    assert len(groups) == 3
    assert groups[0].findtext(f"{SVG}title") == " ".join(
        f"1 {text.line(title)} (done, on the critical path)".split()
    )
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == [
        element.attrib["id"] for element in root if "id" in element.attrib
    ]
    assert root.findtext(f"{SVG}title") == "Tasks of <master>"


@given(st.text())
def test_any_text_is_fit_for_xml(words: str) -> None:
    element = parsed(f'<a b="{text.xml(words)}">{text.xml(words)}</a>')

    assert (element.text or "") == element.attrib["b"] == text.line(words)


@given(st.text() | st.sampled_from(HOSTILE), st.integers(4, 30), st.integers(1, 3))
def test_folded_text_fits_its_room(words: str, room: int, lines: int) -> None:
    found = text.folded(words, room, lines)

    assert 1 <= len(found) <= lines
    assert all(text.cells(one) <= room for one in found)
    if text.cells(text.line(words)) <= room:
        assert found == [text.line(words)]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_mermaid_label_holds_any_title(title: str) -> None:
    drawing = graphs.to_mermaid(graph(title, "next"))
    lines = drawing.splitlines()

    assert lines[0] == "flowchart LR"
    assert re.fullmatch(r'  n0\["[^"]*"\]', lines[1])
    label = lines[1][6:-2]
    assert not re.search(r"[\[\]{}()<>\\`|&%:;\"]", NUMBER.sub("", label))
    assert NUMBER.sub(lambda found: chr(int(found[0][1:-1])), label) == text.line(f"1 {title}")
    assert lines[3:5] == ["  n0 --> n1", "  n1 -.-> n0"]
    assert all(re.fullmatch(r"  (class|classDef|linkStyle) [^\"]*", line) for line in lines[5:])


@pytest.mark.parametrize("title", HOSTILE)
def test_dot_holds_any_title(title: str) -> None:
    drawing = graphs.to_dot(graph(title, "next"))
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', '""', drawing)

    assert outside.count('"') % 2 == 0
    assert (
        outside.splitlines()[3:5]
        == ['  "" [label="", tooltip="", fillcolor="", color="", penwidth=3]'] * 2
    )
    assert len(outside.splitlines()) == 8
    assert drawing.endswith("}\n")


def test_sixty_tasks_stand_apart_and_inside_the_picture() -> None:
    ids = [str(number) for number in range(60)]
    needs = {
        one: tuple({ids[place // 2], ids[place // 3]} - {one}) for place, one in enumerate(ids)
    }
    boxes = {one: Box(one, f"Task {one}", "pending", critical=False) for one in ids}
    root = parsed(graph_svg.to_svg(Graph("t", boxes, needs, [], []), "d"))
    spots = [
        (float(rect.attrib["x"]), float(rect.attrib["y"])) for rect in root.iter(f"{SVG}rect")
        if "box" in rect.attrib.get("class", "")
    ]  # fmt: skip
    width, height = float(root.attrib["width"]), float(root.attrib["height"])

    assert len(spots) == len(set(spots)) == 60
    assert all(0 <= x <= width - graph_svg.BOX_WIDTH for x, _ in spots)
    assert all(0 <= y <= height - graph_svg.BOX_HEIGHT for _, y in spots)
    for x, y in spots:
        near = [b for a, b in spots if a == x and b != y]
        assert all(abs(b - y) >= graph_svg.BOX_HEIGHT for b in near)


def test_an_empty_graph_is_a_picture_too() -> None:
    assert parsed(graph_svg.to_svg(Graph("none", {}, {}, [], []), "0 tasks")).tag == f"{SVG}svg"


@pytest.mark.parametrize("words", HOSTILE)
def test_a_report_holds_any_text(words: str) -> None:
    found = told(words, "b", words)
    whole = page.to_html(found)

    assert harmless(parsed(report.to_svg(found)))
    assert whole.startswith("<!DOCTYPE html>\n")
    root = parsed(whole.removeprefix("<!DOCTYPE html>\n"))
    assert harmless(root)
    assert root.findtext("head/title") == text.line(words)
    assert "default-src 'none'" in whole
    assert not re.search(r"(src|href)=|url\(|@import", whole.replace("default-src", ""))
