"""Both clients have a method for everything that a server offers, and promise what it gives."""

from __future__ import annotations

import inspect
from typing import Any, assert_type, get_args, get_type_hints

import msgspec
import pytest

from taskmaster.client import AsyncClient, Client, Page, SubTask, Task
from taskmaster.client.asks import Awaiting, Blocking
from taskmaster.client.calls.work import Next
from taskmaster.client.records import Record, camel, known
from taskmaster.server.endpoint import Endpoint
from taskmaster.server.table import ENDPOINTS

FOR_BROWSERS = {"show_docs", "show_reference", "show_file", "show_specification_as_yaml"}
NAMES = {"stream_changes": "changes"}
OWN = {
    name
    for name in dir(Client)
    if not name.startswith("_") and callable(getattr(Client, name)) and name not in dir(Blocking)
}


def method_of(endpoint: Endpoint) -> str:
    return NAMES.get(endpoint.name, endpoint.name)


@pytest.mark.parametrize(
    "name", [method_of(one) for one in ENDPOINTS if one.name not in FOR_BROWSERS]
)
def test_every_endpoint_has_a_method_on_both_clients(name: str) -> None:
    assert callable(getattr(Client, name))
    assert callable(getattr(AsyncClient, name))


@pytest.mark.parametrize("name", sorted(OWN))
def test_the_methods_of_both_clients_take_the_same(name: str) -> None:
    blocking, awaiting = getattr(Client, name), getattr(AsyncClient, name)

    first, second = inspect.signature(blocking), inspect.signature(awaiting)
    assert list(first.parameters.values()) == list(second.parameters.values())
    assert inspect.getdoc(blocking)


def test_no_client_has_a_method_that_the_other_one_lacks() -> None:
    own = {name for name in vars(Client) if not name.startswith("_")}
    other = {name for name in vars(AsyncClient) if not name.startswith("_")}

    assert own == other
    assert set(dir(Blocking)) ^ set(dir(Awaiting)) == set()


def promised(name: str) -> Any:
    """What a method says it reads from the answer."""
    ask = inspect.unwrap(getattr(Client, name))
    text = ask.__annotations__["return"]
    return get_args(eval(text, {"Json": dict} | ask.__globals__))[0]  # noqa: S307  # our own words


def shapes() -> list[tuple[type[Record], type]]:
    """The records of the client, each with what the server says it gives."""
    found = []
    for endpoint in ENDPOINTS:
        if endpoint.name in FOR_BROWSERS | set(NAMES) or endpoint.gives is None:
            continue
        kind = promised(endpoint.name)
        if isinstance(kind, type) and issubclass(kind, Record) and not issubclass(kind, Task):
            found.append((kind, endpoint.gives))
    return found


@pytest.mark.parametrize(("kind", "shape"), shapes(), ids=lambda one: one.__name__)
def test_a_record_has_the_keys_that_the_server_gives(kind: type[Record], shape: type) -> None:
    differing = differences(kind, shape)

    assert not differing


def differences(kind: Any, shape: Any) -> list[str]:
    """The keys of this record and of those in it that only one side knows."""
    if not (isinstance(shape, type) and issubclass(shape, msgspec.Struct)):
        return []
    hints = get_type_hints(shape)
    given = {one.encode_name: hints[one.name] for one in msgspec.structs.fields(shape)}
    names = {camel(name): hint for name, hint in known(kind).items()}
    reached = {name for name, one in vars(kind).items() if isinstance(one, property)}
    hidden = {"seq", "changes", "fields", "from", "request"}  # told by properties
    found = [
        f"{kind.__name__}.{name}"
        for name in names.keys() ^ given.keys()
        if not issubclass(kind, Task | SubTask) and not (name in hidden and reached)
    ]
    for name in names.keys() & given.keys():
        inner, other = _inside(names[name]), _inside(given[name])
        if isinstance(inner, type) and issubclass(inner, Record):
            found += differences(inner, other)
    return found


def _inside(hint: Any) -> Any:
    """The type of the entries of a list, or of what may be missing."""
    while get_args(hint):
        wanted = [one for one in get_args(hint) if one not in (type(None), msgspec.UnsetType, str)]
        if not wanted:
            break
        hint = wanted[0]
    return hint


# Nobody calls these two: whether they are right is for the type checker to say.


def types_of_one_that_waits(client: Client) -> None:
    assert_type(client.get_task("1"), Task)
    assert_type(client.list_tasks(status="done"), Page)
    assert_type(client.list_subtasks("1"), list[SubTask])
    assert_type(client.delete_task("1"), bool)
    assert_type(client.get_next(), Next)
    client.update_task("1", titel="x")  # type: ignore[call-arg]
    client.update_task("1", title=3)  # type: ignore[arg-type]


async def types_of_one_that_awaits(client: AsyncClient) -> None:
    assert_type(await client.get_task("1"), Task)
    assert_type(await client.get_next(), Next)
    await client.get_task(fields="title")  # type: ignore[call-arg]
