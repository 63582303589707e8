"""Names say what a thing is; promises to oneself do not belong in the source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import taskmaster

SOURCE = Path(taskmaster.__file__).parent

# Words that name a role in a pattern and not a thing in the user's world.
EMPTY_WORDS = frozenset(
    ("base", "common", "dto", "factory", "helper", "impl", "manager", "misc", "service", "util")
)
PROMISE = re.compile(r"\b(TODO|FIXME|XXX)\b")
WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def empty_words(name: str) -> set[str]:
    """The empty words in ``snake_case`` or ``CamelCase``, in singular or plural."""
    words = {word.lower() for word in WORD.findall(name)}
    return {word for word in EMPTY_WORDS if word in words or f"{word}s" in words}


def modules() -> list[Path]:
    found = sorted(SOURCE.rglob("*.py"))
    assert len(found) > 5, f"the source was not found under {SOURCE}"
    return found


def test_no_module_has_an_empty_name() -> None:
    paths = [path.relative_to(SOURCE).with_suffix("") for path in modules()]
    bad = [str(path) for path in paths if any(empty_words(part) for part in path.parts)]

    assert not bad, bad


def test_no_class_has_an_empty_name() -> None:
    bad = [
        f"{path.relative_to(SOURCE)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and empty_words(node.name)
    ]

    assert not bad, bad


def test_the_source_holds_no_promises() -> None:
    bad = [
        f"{path.relative_to(SOURCE)}:{number} {line.strip()}"
        for path in modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if PROMISE.search(line)
    ]

    assert not bad, "\n".join(bad)


# What users' programs import from; both load what is asked for, and no other package does.
OFFERING = (SOURCE, SOURCE / "client")


def test_packages_re_export_nothing() -> None:
    bad = [
        str(path.relative_to(SOURCE))
        for path in modules()
        if path.name == "__init__.py" and path.parent not in OFFERING
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if not isinstance(node, ast.Expr)
        and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]

    assert not bad, f"a path is an address, so these should hold a docstring at most: {bad}"


def test_empty_words_are_found_in_any_spelling() -> None:
    assert empty_words("task_manager") == {"manager"}
    assert empty_words("StoreHelpers") == {"helper"}
    assert empty_words("TaskDTO") == {"dto"}
    assert empty_words("database") == set()
    assert empty_words("BaseURL") == {"base"}
