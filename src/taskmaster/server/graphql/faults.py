"""What callers are told of errors: as by REST, in the form of GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError

from taskmaster.errors import Invalid, TampError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from taskmaster.server.call import Visit

    Json = dict[str, object]


class NotValid(Invalid):
    """What was asked is no GraphQL, or none of this schema; ``errors`` say where."""

    code = "not-valid"

    def __init__(self, errors: Iterable[GraphQLError]) -> None:
        self.errors = list(errors)
        super().__init__(self.errors[0].message)


def told(error: Exception, visit: Visit) -> list[Json]:
    """The entries of ``errors``; what is a fault of ours is logged, and told without its words."""
    if isinstance(error, NotValid):
        return [_entry(one, visit) for one in error.errors]
    if isinstance(error, GraphQLError):
        return [_entry(error, visit)]
    shown = _meant(error, visit)
    return [{"message": shown.message, **_more(shown, visit)}]


def _entry(error: GraphQLError, visit: Visit) -> Json:
    cause = _cause(error)
    meant = Invalid(error.message, code="not-valid") if cause is None else cause
    shown = _meant(meant, visit)
    where = {key: value for key, value in error.formatted.items() if key in ("locations", "path")}
    return {"message": shown.message, **where, **_more(shown, visit)}


def _cause(error: GraphQLError) -> Exception | None:
    """What went wrong where something was carried out; None where it was not understood."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if cause is None and error.path is not None:
        return error
    return None if isinstance(cause, GraphQLError) and error.path is None else cause


def _meant(error: Exception, visit: Visit) -> TampError:
    if isinstance(error, TampError):
        return error
    visit.house.log.error("bug", request=visit.request.id, exc_info=error)
    return TampError(
        "something went wrong in the server",
        hint="the server's log tells more, under the request id",
    )


def _more(error: TampError, visit: Visit) -> Json:
    shown = error.as_json()
    del shown["message"]
    field = getattr(error, "field", "")
    return {
        "extensions": {
            **shown,
            **({"field": field} if field else {}),
            "requestId": visit.request.id,
        }
    }
