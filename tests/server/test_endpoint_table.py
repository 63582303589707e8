"""The table of endpoints as a whole: named, described, and safe to decode."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import jsonschema_rs
import pytest
from tests.server.calling import document

from taskmaster.server.endpoint import PUBLIC, Endpoint
from taskmaster.server.table import ENDPOINTS

_EVERY = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
_DECODERS = """
import msgspec
from taskmaster.server import openapi
from taskmaster.server.table import ENDPOINTS
for one in ENDPOINTS:
    for form in (one.gives, one.body, one.query):
        if form is not None:
            msgspec.json.Decoder(form)
openapi.document(ENDPOINTS)
"""


def test_no_two_endpoints_have_the_same_name_or_place() -> None:
    names = [one.name for one in ENDPOINTS]
    places = [(one.method, re.sub(r"{\w+}", "{}", one.path)) for one in ENDPOINTS]

    assert len(set(names)) == len(names)
    assert len(set(places)) == len(places)


@_EVERY
def test_every_endpoint_says_in_a_sentence_what_it_does(endpoint: Endpoint) -> None:
    first, _, rest = (endpoint.act.__doc__ or "").partition("\n")

    assert first.endswith(".")
    assert 10 < len(first) <= 100
    assert not rest.strip() or rest.startswith("\n")


@_EVERY
def test_what_is_described_stands_in_the_path(endpoint: Endpoint) -> None:
    entry = document()["paths"][endpoint.path][endpoint.method.lower()]
    places = {one["name"] for one in entry["parameters"] if one["in"] == "path"}

    assert places == set(re.findall(r"{(\w+)}", endpoint.path))
    assert entry["responses"].keys() >= {str(endpoint.status)}
    assert bool(entry["security"]) == (endpoint.need != PUBLIC)


def test_every_schema_is_one() -> None:
    components = document()["components"]

    assert components["schemas"]
    for schema in components["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": components})


def test_what_decodes_requests_leaves_memory_whole() -> None:
    environ = {**os.environ, "PYTHONMALLOC": "debug"}

    done = subprocess.run(
        [sys.executable, "-c", _DECODERS], env=environ, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2_000:]


@pytest.mark.parametrize(
    ("name", "required"),
    [("undo", False), ("update_tag", False), ("delete_tasks", True), ("add_link", True)],
)
def test_a_body_must_be_sent_only_where_something_must_be_said(name: str, required: bool) -> None:
    operations = [one for path in document()["paths"].values() for one in path.values()]

    (found,) = [one["requestBody"] for one in operations if one["operationId"] == name]

    assert found["required"] == required
