"""What users of a server do, for Locust: each asks, thinks for a while, and asks again.

``read`` looks at tasks, ``write`` changes them, ``mixed`` does four of the one for one of the
other, ``stream`` listens to what ten writers do, ``spike`` is ``mixed`` that suddenly has ten
times the users.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from locust import FastHttpUser, User, between, constant, task

SIZE = 1_000
WRITERS = 10
"""Those who give listeners something to hear."""

PACE = 1.0
"""Seconds between two requests of one user, half as long to half as long again."""

_NUMBERS = itertools.count(1)


class Caller(FastHttpUser):
    """Somebody with the developer's token; ``settings`` are what the driver was told."""

    abstract = True
    network_timeout = connection_timeout = 60.0

    def on_start(self) -> None:
        self.client.client.max_retries = 0
        self.chance = random.Random(next(_NUMBERS))  # noqa: S311  # no secret: the same each time
        self.shown = {"Authorization": f"Bearer {self.environment.parsed_options.token}"}
        self.known: dict[str, str] = {}
        self.made = ""

    def get(self, path: str, name: str) -> None:
        self.client.get(path, name=name, headers=self.shown)

    def any_task(self) -> str:
        return f"/api/v1/tasks/{self.chance.randint(1, SIZE)}"

    def read_one(self) -> None:
        self.get(self.any_task(), "GET task")

    def read_page(self) -> None:
        offset = self.chance.choice((0, 0, 0, 100, 200))
        self.get(f"/api/v1/tasks?limit=100&offset={offset}", "GET 100 tasks")

    def read_next(self) -> None:
        self.get("/api/v1/next", "GET next")

    def read_again(self) -> None:
        """As a board does that looks whether anything is new."""
        path, shown = "/api/v1/tasks?limit=50", self.shown
        if self.known:
            shown = {**shown, "If-None-Match": self.known["etag"]}
        with self.client.get(
            path, name="GET 50 tasks if changed", headers=shown, catch_response=True
        ) as answer:
            if answer.status_code == 200:
                self.known = {"etag": answer.headers["etag"]}
            if answer.status_code in (200, 304):
                answer.success()

    def change(self) -> None:
        body = {"priority": self.chance.choice(("low", "medium", "high"))}
        self.client.patch(self.any_task(), name="PATCH task", headers=self.shown, json=body)

    def add_or_remove(self) -> None:
        """What was added is taken away the next time, so that a project stays as large as it is."""
        if self.made:
            path = f"/api/v1/tasks/{self.made}"
            self.made = ""
            self.client.delete(path, name="DELETE task", headers=self.shown)
            return
        shown = {**self.shown, "Idempotency-Key": f"load-{time.time_ns()}-{next(_NUMBERS)}"}
        body = {"title": "A task that comes and goes"}
        answer = self.client.post("/api/v1/tasks", name="POST task", headers=shown, json=body)
        if answer.status_code == 201:
            self.made = answer.json()["data"]["id"]

    def look(self) -> None:
        ways = (self.read_one, self.read_page, self.read_next, self.read_again)
        self.chance.choices(ways, (5, 3, 1, 1))[0]()

    def write(self) -> None:
        self.chance.choices((self.change, self.add_or_remove), (4, 1))[0]()


class Reader(Caller):
    @task
    def act(self) -> None:
        self.look()


class Writer(Caller):
    @task
    def act(self) -> None:
        self.write()


class Mixed(Caller):
    @task
    def act(self) -> None:
        if self.chance.random() < 0.8:
            self.look()
        else:
            self.write()


class Tapper(Caller):
    """One of those who give listeners something to hear."""

    fixed_count = WRITERS

    @task
    def act(self) -> None:
        self.change()


class Listener(User):
    """Hears what happens. The delay is from the moment that is written in the change, which is
    before its commit, to its arrival.
    """

    wait_time = constant(0)

    def on_start(self) -> None:
        where = urlsplit(str(self.host))
        self.connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        shown = {"Authorization": f"Bearer {self.environment.parsed_options.token}"}
        self.connection.request("GET", "/api/v1/changes/stream", headers=shown)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def on_stop(self) -> None:
        self.connection.close()

    @task
    def listen(self) -> None:
        line = self.answer.readline()
        if not line:
            self.report(0.0, ConnectionError("the stream has ended"))
            self.stop()
        if line.startswith(b"data: "):
            event: dict[str, Any] = json.loads(line[6:])
            moment = datetime.fromisoformat(event["at"]).timestamp()
            self.report((time.time() - moment) * 1e3, None)

    def report(self, delay: float, error: Exception | None) -> None:
        self.environment.events.request.fire(
            request_type="SSE", name="change to listener", response_time=delay,
            response_length=0, exception=error, context={},
        )  # fmt: skip


USERS: dict[str, list[type[User]]] = {
    "read": [Reader],
    "write": [Writer],
    "mixed": [Mixed],
    "stream": [Listener, Tapper],
    "spike": [Mixed],
}
SHARES = {"spike": (0.1, 1.0, 0.1)}
"""The share of the users who are there in each third of a scenario; all of them, without any."""


def paced(pace: float) -> None:
    """Let users ask so many seconds apart; 0: as soon as they have an answer."""
    Caller.wait_time = between(pace / 2, pace * 1.5) if pace else constant(0)
