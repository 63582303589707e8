"""Reading the query language: ``status:pending -label:ui (due<2w or is:overdue) "text"``.

    query    = all { "or" all }
    all      = one { [ "and" ] one }
    one      = ( "-" | "not" ) one | "(" query ")" | term
    term     = FIELD OPERATOR value { "," value } | WORD | QUOTED
    OPERATOR = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="

What the fields are and what a term means is in ``fields`` and ``terms``. Reading a query takes
one pass; any text gives either a query or Invalid.
"""

from __future__ import annotations

import re

from taskmaster.domain import fields, terms
from taskmaster.domain.query import Group, Query, joined
from taskmaster.domain.terms import Misfit, Term, Value
from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from taskmaster.domain.query import Part

DEEPEST = 40
_TERM = "a term such as status:pending, a word or a quoted text"
_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"([^\W\d][\w-]*(?:\.[\w-]+)*)(!=|<=|>=|[:=<>])(?!//)")
_WORD = re.compile(r'[^\s()"]+')
_VALUE = re.compile(r'[^\s()",]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONE_OPERATOR = re.compile(r"(?:!=|[:=<>])")


def parse(text: str) -> Query:
    """The query that *text* says.

    Raises Invalid with the ``position`` (counted from 1), what was ``expected`` there and, for a
    word that was probably misspelt, the ``near`` one in its details.
    """
    return Query(_Parser(text).query())


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = _SPACE.match(text).end()  # type: ignore[union-attr]  # it always matches
        self._depth = 0

    def query(self) -> Part:
        if self._at_end():
            raise self._refused("the query is empty", _TERM)
        found = self._any()
        if not self._at_end():
            raise self._refused("this ) closes nothing", "the end of the query")
        return found

    def _any(self) -> Part:
        parts = [self._all()]
        while self._keyword("or"):
            parts.append(self._all())
        return joined("or", parts)

    def _all(self) -> Part:
        parts = [self._one()]
        while not self._at_end() and self._text[self._place] != ")" and not self._sees("or"):
            self._keyword("and")
            parts.append(self._one())
        return joined("and", parts)

    def _one(self) -> Part:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refused("the query is nested too deeply", f"at most {DEEPEST} levels")
        if self._taken("-") or self._keyword("not"):
            found: Part = Group("not", (self._one(),))
        elif self._taken("("):
            found = self._inside()
        else:
            found = self._term()
        self._depth -= 1
        return found

    def _inside(self) -> Part:
        opened = self._place
        self._skip_space()
        found = self._any()
        if not self._taken(")"):
            raise self._refused("a ( is never closed", "a )", opened - 1)
        self._skip_space()
        return found

    def _term(self) -> Part:
        start = self._place
        field = _FIELD.match(self._text, start)
        if field:
            self._place = field.end()
            places, values = self._values()
            return self._checked(Term(_canonical(field[1]), field[2], values), [*places, start])
        value = self._quoted() if self._text.startswith('"', start) else self._word()
        self._skip_space()
        return Term("text", ":", (value,))

    def _word(self) -> Value:
        word = _WORD.match(self._text, self._place)
        if not word or self._sees("or") or self._sees("and"):
            raise self._refused("something is missing here", _TERM)
        if _LONE_OPERATOR.match(word[0]):
            raise self._refused(
                f"{word[0]} follows no field", "a field right before it, as in priority>=high"
            )
        self._place = word.end()
        return Value(word[0], quoted=True)

    def _values(self) -> tuple[list[int], tuple[Value, ...]]:
        """Where each value stands, and the values."""
        places, values = [self._place], [self._value()]
        while self._taken(","):
            places.append(self._place)
            values.append(self._value())
        self._skip_space()
        return places, tuple(values)

    def _value(self) -> Value:
        if self._text.startswith('"', self._place):
            return self._quoted()
        found = _VALUE.match(self._text, self._place)
        if not found:
            raise self._refused(
                "a value is missing", f"a value right after {self._text[self._place - 1]}"
            )
        self._place = found.end()
        return Value(found[0], quoted=False)

    def _quoted(self) -> Value:
        found = _QUOTED.match(self._text, self._place)
        if not found:
            raise self._refused('a " is never closed', 'a " at the end of the text')
        if not found[1].strip():
            raise self._refused("this text is empty", "some text, or none for what is not there")
        self._place = found.end()
        return Value(_ESCAPED.sub(r"\1", found[1]), quoted=True)

    def _checked(self, term: Term, places: list[int]) -> Term:
        """*places* are those of the values and, last, of the term."""
        if term.field in _ALWAYS_QUOTED:
            term = term._replace(values=tuple(one._replace(quoted=True) for one in term.values))
        try:
            terms.check(term)
        except Misfit as error:
            place = places[error.value]
            refused = self._refused(error.problem, error.expected, place, near=error.near)
            raise refused from error
        return term

    def _at_end(self) -> bool:
        return self._place >= len(self._text)

    def _taken(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._place)
        if found:
            self._place += len(mark)
        return found

    def _sees(self, word: str) -> bool:
        """Whether this keyword, and not a longer word or a field of that name, stands here."""
        end = self._place + len(word)
        after = self._text[end : end + 1]
        return self._text[self._place : end].lower() == word and (
            not after or after.isspace() or after in '()"'
        )

    def _keyword(self, word: str) -> bool:
        found = self._sees(word)
        if found:
            self._place += len(word)
            self._skip_space()
        return found

    def _skip_space(self) -> None:
        self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]

    def _refused(self, problem: str, expected: str, place: int = -1, *, near: str = "") -> Invalid:
        position = (self._place if place < 0 else place) + 1
        details = {"position": position, "expected": expected} | ({"near": near} if near else {})
        meant = f"did you mean {near}? " if near else ""
        return Invalid(
            f"the query cannot be read at character {position}: {problem}",
            hint=f"{meant}expected: {expected}",
            code="bad-query",
            details=details,
        )


_ALWAYS_QUOTED = ("text",)
"""Fields whose values are words in any case, so that quotes make no difference."""


def _canonical(name: str) -> str:
    """The name of the field itself for any name it goes by; a document key stays as it is."""
    field = fields.named(name)
    return name if field.kind == "key" else field.name
