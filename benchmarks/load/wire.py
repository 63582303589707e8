"""A load generator that costs little: HTTP/1.1 over kept connections, on bare sockets."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"
_PATIENCE = 30


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


def request(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    told = {"Host": "localhost", **(headers or {})}
    if body or method != "GET":
        told |= {"Content-Length": str(len(body)), "Content-Type": "application/json"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Connection:
    """One connection that stays; a request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = b""
        self._left = 0

    def ask(self, asked: bytes) -> Answer:
        self.socket.sendall(asked)
        content = b""
        while _END not in content:
            content += self._some()
        head, _, body = content.partition(_END)
        length = _length(head)
        while len(body) < length:
            body += self._some()
        return Answer(int(head[9:12]), head, body)

    def taken(self, buffer: bytearray) -> bool:
        """Take what has come; whether the answer is whole now. Raises where it is no success."""
        if self._left:
            self._left -= self.socket.recv_into(buffer)
            return self._left == 0
        self._head += self.socket.recv(262_144)
        end = self._head.find(_END)
        if end < 0:
            return False
        if self._head[9:10] != b"2":
            raise RuntimeError(self._head.decode("latin-1"))
        self._left = end + len(_END) + _length(self._head[:end]) - len(self._head)
        self._head = b""
        return self._left == 0

    def close(self) -> None:
        self.socket.close()

    def _some(self) -> bytes:
        found = self.socket.recv(262_144)
        if not found:
            raise ConnectionError("the server has closed the connection")
        return found


def ask(port: int, asked: bytes) -> Answer:
    """A request over a connection of its own."""
    one = Connection(port)
    try:
        return one.ask(asked)
    finally:
        one.close()


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


class Listeners:
    """So many clients of a stream of events, which ends each event with an empty line."""

    def __init__(self, port: int, asked: bytes, count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._all = [Connection(port) for _ in range(count)]
        for one in self._all:
            one.socket.sendall(asked)
            self._selector.register(one.socket, selectors.EVENT_READ, one)
        self.hear(count)  # a first word, once it has begun

    def hear(self, count: int) -> bytes:
        """Wait until so many events came, all told; what one of the listeners got last."""
        last = b""
        while count > 0:
            ready = self._selector.select(_PATIENCE)
            if not ready:
                raise TimeoutError(f"{count} events have not come")
            for key, _ in ready:
                last = key.data.socket.recv(262_144)
                if not last:
                    raise ConnectionError("the stream has ended")
                count -= last.count(b"\n\n")
        return last

    def next(self, happen: Callable[[], object]) -> bytes:
        """The next event as it is sent."""
        happen()
        return self.hear(1).split(b"\r\n")[1]

    def close(self) -> None:
        self._selector.close()
        for one in self._all:
            one.close()


def drive(port: int, requests: Iterable[bytes], connections: int = 16) -> float:
    """Send all requests, over so many connections at once; how many seconds that took."""
    waiting = iter(requests)
    selector = selectors.DefaultSelector()
    opened = [Connection(port) for _ in range(connections)]
    begun = time.perf_counter()
    try:
        busy = sum(_sent(one, waiting, selector) for one in opened)
        buffer = bytearray(1 << 20)
        while busy:
            for key, _ in selector.select(_PATIENCE):
                one: Connection = key.data
                if one.taken(buffer):
                    following = next(waiting, None)
                    if following is None:
                        selector.unregister(one.socket)
                        busy -= 1
                    else:
                        one.socket.sendall(following)
    finally:
        for one in opened:
            one.close()
        selector.close()
    return time.perf_counter() - begun


def _sent(one: Connection, waiting: Iterator[bytes], selector: selectors.BaseSelector) -> bool:
    first = next(waiting, None)
    if first is not None:
        one.socket.sendall(first)
        selector.register(one.socket, selectors.EVENT_READ, one)
    return first is not None
