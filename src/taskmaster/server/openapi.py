"""The OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from taskmaster import __version__
from taskmaster.server.endpoint import ADMIN, MANAGE, PUBLIC, READ, WRITE
from taskmaster.server.repeats import LONGEST
from taskmaster.server.routes import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from taskmaster.server.endpoint import Endpoint

    Json = dict[str, Any]

_REF = "#/components/schemas/{name}"
_REASONS = {
    304: "Nothing has changed since the answer that If-None-Match names.",
    400: "The request is not of the form described here, or asks for what cannot be.",
    401: "No key, or none that opens this project.",
    403: "The key does not permit this.",
    404: "What is named is not there.",
    405: "The path cannot do this.",
    406: "None of the forms that are accepted can be given.",
    409: "Somebody else was first, or the state does not allow it.",
    410: "The log does not know this change any more.",
    412: "It was changed since: If-Match names an older state.",
    413: "The request is too large.",
    415: "The body is of a type that is not understood.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests: ask again after the seconds in Retry-After.",
    500: "A fault of the server, or stored data that cannot be trusted.",
    503: "Busy, or a part that is needed does not answer: ask again after Retry-After.",
}
_PERMITS = {
    READ: "Every key may do this.",
    WRITE: "For agents, editors and admins.",
    MANAGE: "For editors and admins.",
    ADMIN: "For admins.",
    PUBLIC: "No key is needed.",
}


def document(endpoints: Sequence[Endpoint]) -> Json:
    """The whole description."""
    shapes = [one for endpoint in endpoints for one in (endpoint.gives, endpoint.body) if one]
    queries = [endpoint.query for endpoint in endpoints]
    found, components = msgspec.json.schema_components([*shapes, *queries], ref_template=_REF)
    known = dict(zip([id(one) for one in [*shapes, *queries]], found, strict=True))
    paths: Json = {}
    for endpoint in endpoints:
        entry = _operation(endpoint, known, components, endpoints)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Task Master Pro",
            "version": __version__,
            "summary": "One task graph per project, for people, agents and servers.",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {"url": "/", "description": "The project this server was started for."},
        ],
        "tags": [{"name": name} for name in dict.fromkeys(one.group for one in endpoints)],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


_ABOUT = (
    "Every answer travels in an envelope: `success`, `data`, `timestamp`, `version`, or, where"
    " something went wrong, `success`, `error`, `timestamp`, `requestId`. What is true of one"
    f" project under `{PREFIX}` is true of any other that the server holds under"
    f" `{PREFIX}/projects/NAME`."
)
_ERROR: Json = {
    "type": "object",
    "required": ["success", "error", "timestamp", "requestId"],
    "properties": {
        "success": {"const": False},
        "timestamp": {"type": "string"},
        "requestId": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["code", "message", "type", "requestId"],
            "properties": {
                "code": {"type": "string", "description": "A stable word to act upon."},
                "message": {"type": "string"},
                "hint": {"type": "string", "description": "What to do about it."},
                "field": {"type": "string", "description": "The part of the request at fault."},
                "type": {"type": "string"},
                "requestId": {"type": "string"},
                "details": {},
            },
        },
    },
}


def _operation(
    endpoint: Endpoint, known: Mapping[int, Json], components: Json, endpoints: Iterable[Endpoint]
) -> Json:
    lines = (endpoint.act.__doc__ or "").strip().partition("\n")
    text = "\n".join(one.strip() for one in lines[2].strip().splitlines())
    shown: Json = {
        "operationId": endpoint.name,
        "summary": lines[0].rstrip("."),
        "description": f"{text}\n\n{_PERMITS[endpoint.need]}".strip(),
        "tags": [endpoint.group],
        "parameters": [*_in_path(endpoint), *_in_query(endpoint, known, components),
                       *_in_headers(endpoint)],
        "responses": _responses(endpoint, known, endpoints),
        "security": [] if endpoint.need == PUBLIC else [{"bearer": []}, {"key": []}],
    }  # fmt: skip
    if endpoint.body is not None:
        schema = known[id(endpoint.body)]
        form = components.get(schema.get("$ref", "").rpartition("/")[2], schema)
        # Where nothing must be said, nothing need be sent.
        required = bool(
            {"anyOf", "minProperties"} & (form.keys() | schema.keys()) or form.get("required")
        )
        content = {"application/json": {"schema": schema}}
        shown["requestBody"] = {"required": required, "content": content}
    return shown


def _in_path(endpoint: Endpoint) -> Iterable[Json]:
    for name in _named(endpoint.path):
        yield {
            "name": name, "in": "path", "required": True,
            "schema": {"type": "string", "minLength": 1},
        }  # fmt: skip


def _named(path: str) -> list[str]:
    """The names in a path that stand for something else."""
    return [one[1:-1] for one in path.split("/") if one.startswith("{")]


def _in_query(endpoint: Endpoint, known: Mapping[int, Json], components: Json) -> Iterable[Json]:
    name = known[id(endpoint.query)]["$ref"].rpartition("/")[2]
    form = components[name]
    for key, schema in form["properties"].items():
        required = key in form.get("required", ())
        yield {"name": key, "in": "query", "required": required, "schema": schema}


def _in_headers(endpoint: Endpoint) -> Iterable[Json]:
    if endpoint.method == "POST":
        text = "Repeated with the same key, it is not carried out twice."
        yield _header("Idempotency-Key", text, maxLength=LONGEST)
    if 412 in endpoint.errors:
        yield _header("If-Match", "The ETag that the task must still have.")


def _header(name: str, words: str, **more: int) -> Json:
    text = {"type": "string", **more}
    return {"name": name, "in": "header", "schema": text, "description": words}


def _links(maker: Endpoint, endpoints: Iterable[Endpoint]) -> Iterable[tuple[str, Json]]:
    """What can be done with something new: all for which nothing but its name is missing."""
    told = {name: f"$request.path.{name}" for name in _named(maker.path)}
    if "tag" in maker.query.__struct_fields__:
        told["tag"] = "$request.query.tag"
    for one in endpoints:
        missing = _named(one.path.removeprefix(maker.path))
        if one.path.startswith(f"{maker.path}/{{") and len(missing) == 1:
            parameters = {**told, missing[0]: f"$response.body#/data{maker.makes}"}
            yield one.name, {"operationId": one.name, "parameters": parameters}


def _responses(
    endpoint: Endpoint, known: Mapping[int, Json], endpoints: Iterable[Endpoint]
) -> Json:
    success: Json = {"description": "Done." if endpoint.method != "GET" else "Found."}
    content = {}
    for kind in endpoint.kinds:
        own = kind == "application/json"
        schema = known[id(endpoint.gives)] if own and endpoint.gives else {}
        if schema and endpoint.enveloped:
            schema = _envelope(schema)
        content[kind] = {"schema": schema}
    success["content"] = content
    if endpoint.makes:
        success["links"] = dict(_links(endpoint, endpoints))
    shown: Json = {str(endpoint.status): success}
    for status in _errors(endpoint):
        reason: Json = {"description": _REASONS[status]}
        if status != 304:
            reason["content"] = {
                "application/json": {"schema": {"$ref": _REF.format(name="Error")}}
            }
        shown[str(status)] = reason
    return shown


def _errors(endpoint: Endpoint) -> list[int]:
    found = {400, 503, *endpoint.errors}
    if endpoint.need != PUBLIC:
        found |= {401, 403, 404, 429}
    if endpoint.method == "GET":
        found |= {304, 410} & ({304} | set(endpoint.errors))
    if endpoint.method == "POST":
        found |= {409, 422}
    if endpoint.body is not None:
        found |= {413, 415}
    return sorted(found)


def _envelope(schema: Json) -> Json:
    return {
        "type": "object",
        "required": ["success", "data", "timestamp", "version"],
        "properties": {
            "success": {"const": True},
            "data": schema,
            "timestamp": {"type": "string"},
            "version": {"type": "string"},
        },
    }
