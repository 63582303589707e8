"""What the types of the schema are written with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import scalars

from taskmaster.server.graphql.view import View

F = TypeVar("F", bound=Callable[..., Any])
Id = Annotated[strawberry.ID, strawberry.argument(name="id")]
Info = strawberry.Info[View, None]
JSON = scalars.JSON


def field(description: str | None = None, name: str | None = None) -> Callable[[F], F]:
    """A field whose value the function finds out."""
    made: Callable[[F], F] = strawberry.field(description=description, name=name)
    return made


def heard(description: str) -> Callable[[F], F]:
    """A field of a subscription."""
    made: Callable[[F], F] = strawberry.subscription(description=description)
    return made
