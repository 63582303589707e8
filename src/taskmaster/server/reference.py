"""The API as one page that can be read without scripts, made from the OpenAPI document."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]

STYLE = b"""\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem; border-bottom: 1px solid #ccc }
h3 code { font-size: 1.05rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #ddd }
code { background: #f3f3f3; padding: 0 .2rem }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #ddd } code { background: #2a2d33 } a { color: #8ab4f8 }
}
"""


def page(found: Json) -> bytes:
    """The page for an OpenAPI document."""
    return "\n".join(_lines(found)).encode()


def _lines(found: Json) -> Iterator[str]:
    info = found["info"]
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f"<title>{escape(info['title'])} API</title>"
    yield '<meta name="viewport" content="width=device-width">'
    yield '<link rel="stylesheet" href="/docs/reference.css"></head><body>'
    yield f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>"
    yield f"<p>{_text(info['description'])}</p><ul>"
    for tag in found["tags"]:
        yield f'<li><a href="#{escape(tag["name"])}">{escape(tag["name"])}</a></li>'
    yield "</ul>"
    for tag in found["tags"]:
        yield f'<h2 id="{escape(tag["name"])}">{escape(tag["name"])}</h2>'
        for path, operations in found["paths"].items():
            for method, one in operations.items():
                if tag["name"] in one["tags"]:
                    yield from _operation(method.upper(), path, one, found)
    yield "</body></html>"


def _operation(method: str, path: str, one: Json, found: Json) -> Iterator[str]:
    yield f'<h3 id="{one["operationId"]}"><code>{method} {escape(path)}</code></h3>'
    yield f"<p>{_text(one['summary'])}.</p><p>{_text(one['description'])}</p>"
    rows = [
        (item["name"], item["in"], item["schema"], bool(item.get("required")))
        for item in one["parameters"]
    ]
    body = one.get("requestBody")
    if body:
        rows += _in_body(body["content"]["application/json"]["schema"], found)
    if rows:
        yield "<table><tr><th>Name</th><th>In</th><th>What</th></tr>"
        yield from (_row(*row, found) for row in rows)
        yield "</table>"
    statuses = ", ".join(one["responses"])
    yield f"<p>Answers: {statuses}</p>"


def _in_body(schema: Json, found: Json) -> Iterator[tuple[str, str, Json, bool]]:
    """The fields of a body, of each of its kinds where there are several."""
    schema = _resolved(schema, found)
    for kind in schema.get("anyOf", ()):
        yield from _in_body(kind, found)
    needed = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        yield name, "body", value, name in needed


def _row(name: str, where: str, schema: Json, required: bool, found: Json) -> str:  # noqa: FBT001
    must = ", required" if required else ""
    kind = escape(_kind(schema, found)) + must
    return f"<tr><td><code>{escape(name)}</code></td><td>{where}</td><td>{kind}</td></tr>"


def _kind(schema: Json, found: Json) -> str:
    """What a value must be, in a few words."""
    if "anyOf" in schema:
        return " or ".join(_kind(one, found) for one in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"] if one != "")
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), found)}"
    words = str(schema.get("type", "anything"))
    if "format" in schema:
        words += f" ({schema['format']})"
    low, high = schema.get("minimum"), schema.get("maximum")
    if high is not None:
        words += f" {low if low is not None else ''}–{high}"
    default = schema.get("default")
    return words if default in (None, "") else f"{words}, else {default}"


def _resolved(schema: Json, found: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return found["components"]["schemas"][name] if name else schema


def _text(text: str) -> str:
    """Plain text with its code words set as such."""
    parts = escape(text.replace("``", "`")).split("`")
    return "".join(f"<code>{one}</code>" if n % 2 else one for n, one in enumerate(parts))
