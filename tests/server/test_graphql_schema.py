"""The schema that is written down, and what the server loads before anybody asks for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from taskmaster.server.endpoints.graphql import Ask
from taskmaster.server.graphql import answering, asking, cost, view
from taskmaster.server.graphql.asking import understood
from taskmaster.server.graphql.schema import TEXT
from taskmaster.server.openapi import document
from taskmaster.server.table import ENDPOINTS

DOCS = Path(__file__).parents[2] / "docs" / "reference"


def test_the_schema_that_is_written_down_is_the_one_that_is_served() -> None:
    written = (DOCS / "schema.graphql").read_text(encoding="utf-8")

    assert written == TEXT, (
        "run: python -c 'from taskmaster.server.graphql.schema import TEXT; print(TEXT, end=\"\")'"
        " > docs/reference/schema.graphql"
    )


def test_the_page_names_every_limit_and_price() -> None:
    page = (DOCS / "graphql.md").read_text(encoding="utf-8")
    prices = dict(re.findall(r"^\| `([\w.]+)` \| ([\d,]+) \|$", page, re.MULTILINE))

    assert {name: int(price.replace(",", "")) for name, price in prices.items()} == {
        name.removeprefix("Query."): price for name, price in cost.PRICES.items()
    }
    for number in (cost.DEPTH, cost.COST, cost.ALIASES, cost.FIELDS, asking.TOKENS, view.MOST):
        assert re.search(rf"\b{number:,}\b", page), number
    assert f"{answering.TIME:g} s" in page
    assert f"{cost.CHANGE}" in page


def test_the_queries_of_the_page_can_be_asked_and_cost_what_it_says() -> None:
    page = (DOCS / "graphql.md").read_text(encoding="utf-8")
    queries = re.findall(r'"query": "(.+?)"[,}]', page)
    assert len(queries) == 3
    prices = [understood(Ask(query=query)).cost for query in queries]
    assert f'"extensions": {{"cost": {prices[0]}}}' in page

    example, price = re.findall(r"`(\{ tasks.+?)` costs .+ = (\d+)", page, re.DOTALL)[0]
    assert understood(Ask(query=example)).cost == int(price)


def test_a_server_starts_without_loading_what_only_graphql_needs() -> None:
    code = (
        "import sys, taskmaster.server.serving, taskmaster.server.table\n"
        "print([name for name in ('graphql', 'strawberry') if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )

    assert said.stdout.strip() == "[]"


def test_the_description_of_the_api_tells_of_the_endpoint_as_it_is() -> None:
    entry = document(ENDPOINTS)["paths"]["/graphql"]["post"]

    assert entry["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Ask")
    answers = entry["responses"]["200"]["content"]
    assert answers["application/json"]["schema"]["$ref"].endswith("/GraphqlResult")
    assert "text/event-stream" in answers
    assert "406" in entry["responses"]
