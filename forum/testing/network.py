"""Tests talk to this machine only. An attempt to leave it is an error in the test that makes it."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

import pytest

_EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}
_guarding = False


class OutsideNetworkError(RuntimeError):
    """A test wanted to reach another machine. Not an OSError, which networking code catches."""


def is_on_this_machine(host: object) -> bool:
    """Whether a host is this machine. The path or number of a local socket is, too."""
    if not isinstance(host, str | bytes):
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(name.partition("%")[0].strip("[]")).is_loopback
    except ValueError:
        return name in ("", "localhost")


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if not _guarding or event not in _EVENTS:
        return
    target = arguments[_EVENTS[event]]
    # An address without a port is a path or a number, both local.
    host = target[0] if isinstance(target, tuple) else None if _EVENTS[event] else target
    if not is_on_this_machine(host):
        raise OutsideNetworkError(f"{event} to {target!r}")


# An audit hook, because it also hears what C code does with Python's sockets. It cannot be
# removed again, only told to stand aside.
sys.addaudithook(_refuse_outside)


def _guard(on: bool) -> None:
    global _guarding
    _guarding = on


def pytest_configure(config: pytest.Config) -> None:
    """Begins to guard."""
    _guard(True)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops guarding: the process may have other things to do."""
    _guard(False)
