"""The description of the API: for programs, and for people in a browser, with nothing from
elsewhere.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskmaster.errors import NotFound
from taskmaster.server.answer import Answer, encoded
from taskmaster.server.endpoint import DOCUMENTS, PUBLIC, Group, Query

if TYPE_CHECKING:
    from taskmaster.server.call import Call

GROUP = Group(DOCUMENTS, prefix="")
_FILES = {
    "swagger-ui.css": b"text/css",
    "swagger-ui-bundle.js": b"text/javascript",
}
"""What is served of Swagger UI, and as what."""
_START = b"""\
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "/docs/spec.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false,
    validatorUrl: null, presets: [SwaggerUIBundle.presets.apis],
  });
});
"""
_PAGE = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Task Master Pro API</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="ui"></div>
<noscript><a href="/docs/reference">The same to read, without scripts</a></noscript>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
"""


@GROUP.get("/docs", None, need=PUBLIC, query=Query, kept=False, kinds=("text/html",))
def show_docs(call: Call) -> object:
    """The API in a browser, to read and to try."""
    del call
    return Answer(body=_PAGE, kind=b"text/html; charset=utf-8")


@GROUP.get("/docs/spec.json", None, need=PUBLIC, query=Query, kept=False)
def show_specification(call: Call) -> object:
    """The OpenAPI document."""
    return Answer(body=encoded(description(call)))


@GROUP.get(
    "/docs/spec.yaml", None, need=PUBLIC, query=Query, kept=False, kinds=("application/yaml",)
)
def show_specification_as_yaml(call: Call) -> object:
    """The OpenAPI document again; all JSON is YAML."""
    return Answer(body=encoded(description(call)), kind=b"application/yaml")


@GROUP.get("/docs/reference", None, need=PUBLIC, query=Query, kept=False, kinds=("text/html",))
def show_reference(call: Call) -> object:
    """The API as one page to read."""
    from taskmaster.server.reference import page

    return Answer(body=page(description(call)), kind=b"text/html; charset=utf-8")


@GROUP.get(
    "/docs/{file}", None, need=PUBLIC, query=Query, kept=False, errors=(404,),
    kinds=("text/css", "text/javascript"),
)  # fmt: skip
def show_file(call: Call) -> object:
    """A script or a style of these pages."""
    name = call.path["file"]
    if name == "start.js":
        return Answer(body=_START, kind=b"text/javascript")
    if name == "reference.css":
        from taskmaster.server.reference import STYLE

        return Answer(body=STYLE, kind=b"text/css")
    if name not in _FILES:
        raise NotFound(f"there is no file {name[:100]}", code="no-such-path")
    return Answer(body=_content(name), kind=_FILES[name])


def description(call: Call) -> dict[str, Any]:
    """The OpenAPI document."""
    from taskmaster.server.openapi import document

    return document(call.house.endpoints)


@functools.cache
def _content(name: str) -> bytes:
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise NotFound("Swagger UI is not installed", hint="/docs/reference needs nothing")
    return (Path(spec.origin).parent / "static" / name).read_bytes()
