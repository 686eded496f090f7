"""Where a request comes from: a proxy that is named is believed, and nobody else."""

from __future__ import annotations

import ipaddress
import time
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from forum.web.proxies import IS_PROXIED, PEER, Proxies, address_in, visitor_in

TRUSTED = ("127.0.0.1", "10.0.3.0/24", "2001:db8:9::/64")
WRONG = "wrong but long enough"


def seen(peer: str, *, trusted: tuple[str, ...] = TRUSTED, **headers: str) -> WSGIEnvironment:
    """What the forum is told of a request from this peer with these headers."""
    found: WSGIEnvironment = {}

    def forum(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        found.update(environ)
        return []

    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **headers}
    list(Proxies(forum, trusted)(environ, lambda *_: lambda _data: None))
    return found


@pytest.mark.parametrize(
    ("peer", "came_by", "visitor"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "192.0.2.66, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.0.3.9", "203.0.113.7"),
        ("127.0.0.1", "192.0.2.66, 203.0.113.7, 10.0.3.9, 10.0.3.10", "203.0.113.7"),
        ("127.0.0.1", "10.0.3.9", "10.0.3.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "garbage, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, garbage", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, garbage, 10.0.3.9", "10.0.3.9"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7:49152", "203.0.113.7"),
        ("127.0.0.1", "[2001:db8::7]:49152", "2001:db8::7"),
        ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", ",,,", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, 203.0.113.7\x00", "127.0.0.1"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("2001:db8:9::1", "203.0.113.7", "203.0.113.7"),
        ("10.0.3.255", "203.0.113.7", "203.0.113.7"),
        ("10.0.4.1", "203.0.113.7", "10.0.4.1"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),
        ("::1", "203.0.113.7", "::1"),
        ("", "203.0.113.7", ""),
    ],
)
def test_visitor_is_the_rightmost_who_is_no_trusted_proxy(
    peer: str, came_by: str, visitor: str
) -> None:
    assert seen(peer, HTTP_X_FORWARDED_FOR=came_by)["REMOTE_ADDR"] == visitor


def test_without_proxies_nobody_is_believed() -> None:
    headers = {"HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_X_FORWARDED_PROTO": "https"}
    found = seen("127.0.0.1", trusted=(), **headers)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert (found[PEER], found[IS_PROXIED]) == ("127.0.0.1", False)


def test_socket_is_believed_only_when_it_is_named() -> None:
    named = seen("", trusted=("unix",), HTTP_X_FORWARDED_FOR="192.0.2.66, 203.0.113.7")
    assert (named["REMOTE_ADDR"], named[PEER], named[IS_PROXIED]) == ("203.0.113.7", "unix", True)
    other = seen("192.0.2.1", trusted=("unix",), HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert (other["REMOTE_ADDR"], other[PEER], other[IS_PROXIED]) == ("192.0.2.1",) * 2 + (False,)


@pytest.mark.parametrize(
    ("said", "scheme"),
    [("https", "https"), ("http,https", "https"), ("HTTPS", "https"), ("gopher", "http")],
)
def test_scheme_is_believed_of_a_proxy(said: str, scheme: str) -> None:
    assert seen("127.0.0.1", HTTP_X_FORWARDED_PROTO=said)["wsgi.url_scheme"] == scheme
    assert seen("192.0.2.1", HTTP_X_FORWARDED_PROTO=said)["wsgi.url_scheme"] == "http"


def test_nothing_that_was_not_looked_at_is_handed_on() -> None:
    names = ["FORWARDED", "X_FORWARDED_HOST", "X_FORWARDED_PORT", "X_FORWARDED_PREFIX", "X_REAL_IP"]
    headers = {f"HTTP_{name}": "evil.example" for name in names}
    for peer in ("127.0.0.1", "192.0.2.1"):
        assert "evil.example" not in seen(peer, HTTP_HOST="a", **headers).values()


def test_long_line_of_addresses_costs_little() -> None:
    line = ", ".join(["10.0.3.9"] * 2000)
    start = time.process_time()
    peer = ipaddress.ip_address("127.0.0.1")
    assert visitor_in(line, peer, [ipaddress.ip_network("10.0.3.0/24")]) == address_in("10.0.3.9")
    assert time.process_time() - start < 0.5
