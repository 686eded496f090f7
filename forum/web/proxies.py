"""Where a request comes from when there is a proxy in front.

A proxy writes into X-Forwarded-For whom it serves, and into X-Forwarded-Proto how. Everybody can
write these, so only those are believed that the proxies named in the settings have sent. Host is
what the proxy passes on; X-Forwarded-Host is not read: a proxy that does not know it hands on what
a stranger wrote, and no link is made from a name in a request anyway.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from forum.config.checks import Network, networks_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PEER = "forum.peer"
"""Who has the connection: an address, or ``unix`` on a socket in a folder."""
IS_PROXIED = "forum.is_proxied"
"""Whether that is one of the proxies that are believed."""
WAS_FORWARDED = "forum.was_forwarded"
"""Whether somebody, believed or not, says on whose behalf they ask."""

_SAYS_FOR_WHOM = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")

# Nothing behind this door may believe what was not looked at here.
_NOT_READ = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_SSL",
    "HTTP_X_REAL_IP",
)


class Proxies:
    """WSGI middleware: ``REMOTE_ADDR`` becomes the visitor's address, ``wsgi.url_scheme`` theirs.

    Args:
        application: what is behind.
        trusted: addresses, networks and ``unix``, as in the settings.
    """

    def __init__(self, application: WSGIApplication, trusted: Sequence[str]) -> None:
        self._application = application
        self._networks = networks_of(trusted)
        self._trusts_socket = "unix" in trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        peer = environ.get("REMOTE_ADDR", "")
        address = address_in(peer)
        environ[PEER] = str(address or peer or "unix")
        environ[IS_PROXIED] = self._is_trusted(peer, address)
        environ[WAS_FORWARDED] = any(name in environ for name in _SAYS_FOR_WHOM)
        if environ[IS_PROXIED]:
            self._believe(environ, address)
        elif address:
            environ["REMOTE_ADDR"] = str(address)
        for name in _NOT_READ:
            environ.pop(name, None)
        return self._application(environ, start_response)

    def _is_trusted(self, peer: str, address: Address | None) -> bool:
        return is_in(address, self._networks) if address else not peer and self._trusts_socket

    def _believe(self, environ: WSGIEnvironment, peer: Address | None) -> None:
        came_by = environ.get("HTTP_X_FORWARDED_FOR", "")
        visitor = visitor_in(came_by, peer, self._networks)
        environ["REMOTE_ADDR"] = str(visitor) if visitor else ""
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme


def visitor_in(came_by: str, peer: Address | None, trusted: Sequence[Network]) -> Address | None:
    """The visitor: from the right, the first address that is no trusted proxy's.

    Each proxy adds at the right whom it serves; what stands further left, a stranger may have
    written. Where all are trusted, it is the leftmost of them; where an entry is no address, the
    last one that was.
    """
    visitor = peer
    for entry in reversed(came_by.split(",")):
        address = address_in(entry)
        if address is None:
            break
        visitor = address
        if not is_in(address, trusted):
            break
    return visitor


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Whether one of the networks has this address."""
    return any(address in network for network in networks if network.version == address.version)


def address_in(entry: str) -> Address | None:
    """The address in one entry, which may have a port; ``None`` where there is none."""
    word = entry.strip().strip('"')
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        return None
    # A server that listens on both kinds sees IPv4 as ::ffff:192.0.2.1.
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else ipaddress.IPv4Address(mapped)
