"""The house standard for sizes. These numbers may be lowered, never raised."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path
from typing import NamedTuple

import pytest

import taskmaster

SOURCE = Path(taskmaster.__file__).parent

MEDIAN_FUNCTION = 9
LONG_FUNCTION = 50
LONG_FUNCTION_SHARE = 0.03
LONGEST_CLASS = 300
LONGEST_FILE = 500


class Sized(NamedTuple):
    name: str
    lines: int


def parts(source: str, *kinds: type[ast.stmt]) -> list[Sized]:
    """The statements of these kinds, at any depth, with their length from ``def`` or ``class``."""
    return [
        Sized(f"{node.name}:{node.lineno}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, kinds)
        and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]


def functions(source: str) -> list[Sized]:
    return parts(source, ast.FunctionDef, ast.AsyncFunctionDef)


def classes(source: str) -> list[Sized]:
    return parts(source, ast.ClassDef)


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    found = {
        str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8")
        for path in sorted(SOURCE.rglob("*.py"))
    }
    assert len(found) > 5, f"the source was not found under {SOURCE}"
    return found


def test_the_median_function_is_short(sources: dict[str, str]) -> None:
    lengths = [f.lines for text in sources.values() for f in functions(text)]

    assert statistics.median(lengths) <= MEDIAN_FUNCTION


def test_long_functions_are_rare(sources: dict[str, str]) -> None:
    every = [(name, f) for name, text in sources.items() for f in functions(text)]
    long = [f"{name}:{f.name} {f.lines} lines" for name, f in every if f.lines > LONG_FUNCTION]

    assert len(long) < LONG_FUNCTION_SHARE * len(every), "\n".join(long)


def test_no_class_is_long(sources: dict[str, str]) -> None:
    every = [(name, c) for name, text in sources.items() for c in classes(text)]
    long = [f"{name}:{c.name} {c.lines} lines" for name, c in every if c.lines > LONGEST_CLASS]

    assert not long, "\n".join(long)


def test_no_file_is_long(sources: dict[str, str]) -> None:
    sized = {name: len(text.splitlines()) for name, text in sources.items()}
    long = [f"{name} {lines} lines" for name, lines in sized.items() if lines > LONGEST_FILE]

    assert not long, "\n".join(long)


def test_methods_and_inner_functions_are_measured_too() -> None:
    source = "class A:\n    def f(self):\n        def g():\n            pass\n        return g\n"

    assert functions(source) == [Sized("f:2", 4), Sized("g:3", 2)]
    assert classes(source) == [Sized("A:1", 5)]
