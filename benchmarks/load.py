"""A load of requests over connections that stay open, light enough to leave the machine to servers.

One thread, raw sockets: each connection sends its next request when it has read the last answer.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.report import CannotMeasure

ANSWER_SECONDS = 60
RECEIVED_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a load.

    Attributes:
        latencies: seconds from request to whole answer, in ascending order.
        seconds: from the first request to the last answer.
        client_seconds: what this client used of a core.
        server_seconds: what the server's processes used of the cores.
    """

    latencies: list[float]
    seconds: float
    client_seconds: float
    server_seconds: float = 0.0

    @property
    def cost(self) -> float:
        """Seconds of a core that the server used for an answer."""
        return self.server_seconds / len(self.latencies)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in seconds that this share of the answers did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


@dataclass(slots=True)
class _Connection:
    """One connection and the answer that is under way on it."""

    address: tuple[str, int]
    requests: Iterator[bytes]
    status: bytes
    request: bytes = b""
    sent_at: float = 0.0
    expected: int = 0
    received: int = 0
    head: bytearray = field(default_factory=bytearray)
    closes: bool = False
    wire: socket.socket | None = None

    def open(self) -> socket.socket:
        self.wire = socket.create_connection(self.address, timeout=ANSWER_SECONDS)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.wire

    def send(self) -> bool:
        """Send the next request: whether there was one."""
        request = next(self.requests, None)
        if request is None or self.wire is None:
            return False
        self.request, self.expected, self.received = request, 0, 0
        self.head.clear()
        self.sent_at = time.perf_counter()
        self.wire.sendall(request)
        return True

    def receive(self) -> bool:
        """Read what is there: whether the answer is whole."""
        assert self.wire is not None
        part = self.wire.recv(RECEIVED_AT_ONCE)
        if not part:
            raise CannotMeasure(f"the server hung up on {self._what()}")
        self.received += len(part)
        if not self.expected:
            self.head += part
            self._read_head()
        return 0 < self.expected <= self.received

    def _read_head(self) -> None:
        head, end, body = self.head.partition(b"\r\n\r\n")
        if not end:
            return
        if not head.startswith(b"HTTP/1.1 " + self.status):
            said = bytes(head.partition(b"\r\n")[0]).decode()
            raise CannotMeasure(f"{said} to {self._what()}: {bytes(body)[:600]!r}")
        lower = bytes(head).lower()
        length = lower.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        self.expected = len(head) + len(end) + int(length)
        self.closes = b"\r\nconnection: close" in lower

    def _what(self) -> str:
        return self.request.partition(b"\r\n")[0].decode()


def get(path: str, cookie: str = "") -> bytes:
    """A GET request as it goes over the wire; it does not offer to unpack anything."""
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}\r\n".encode()


def post(path: str, body: bytes, cookie: str = "") -> bytes:
    """A POST request with a form's body as it goes over the wire."""
    cookies = f"Cookie: {cookie}\r\n" if cookie else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookies}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def load(
    port: int, streams: Sequence[Iterator[bytes]], *, seconds: float, status: int = 200
) -> Measured:
    """Send the requests of each stream over a connection of its own.

    Ends when the time is over, or when the streams are, and the answers under way have come.

    Raises:
        CannotMeasure: an answer had another status, or there was none.
    """
    code = str(status).encode()
    connections = [_Connection(("127.0.0.1", port), stream, code) for stream in streams]
    try:
        return _run(connections, seconds)
    except OSError as error:
        raise CannotMeasure(f"the server on port {port} does not answer: {error}") from error
    finally:
        for connection in connections:
            if connection.wire is not None:
                connection.wire.close()


def _run(connections: Sequence[_Connection], seconds: float) -> Measured:
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.open(), selectors.EVENT_READ, connection)
        begun, used = time.perf_counter(), time.process_time()
        under_way = sum(connection.send() for connection in connections)
        while under_way:
            ready = selector.select(ANSWER_SECONDS)
            if not ready:
                raise CannotMeasure(f"no answer for {ANSWER_SECONDS} s")
            for key, _ in ready:
                connection = key.data
                if connection.receive():
                    now = time.perf_counter()
                    latencies.append(now - connection.sent_at)
                    if connection.closes:
                        selector.unregister(connection.wire)
                        connection.wire.close()
                        selector.register(connection.open(), selectors.EVENT_READ, connection)
                    if now - begun >= seconds or not connection.send():
                        under_way -= 1
    ended, spent = time.perf_counter(), time.process_time()
    if not latencies:
        raise CannotMeasure("there was nothing to ask for")
    return Measured(sorted(latencies), ended - begun, spent - used)
