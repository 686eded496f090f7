"""What a value must be like beyond its kind. Each says how to mend the value, or nothing."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
HOURS = re.compile(r"never|(?:1?\d|2[0-3])(?:[, ]+(?:1?\d|2[0-3]))*")
UNIX = "unix:"
# A longer prefix names networks that somebody could run; a shorter one is half of the world.
SHORTEST_PREFIX = {4: 8, 6: 16}
SHORTEST_TOKEN = 20


def bind_mend(value: str) -> str:
    """How to mend an address to listen on."""
    if value.startswith(UNIX):
        return "" if value[len(UNIX) :].startswith("/") else "Write the whole path of the socket."
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit():
        return "Write both, with a colon between."
    if int(port) > 65535:
        return "A port is at most 65535."
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        return f"Write an IPv6 address in brackets: [{host}]:{port}"
    return ""


def database_mend(value: str) -> str:
    """How to mend the address of a database; it is not quoted, since it may hold a password."""
    try:
        name = make_url(value).get_dialect().name if value else "sqlite"
    except (ArgumentError, ImportError, ValueError):
        name = ""
    return "" if name in ("sqlite", "postgresql") else "Leave it out for a file in the instance."


def without_password(address: str) -> str:
    """The address of a database as it may be shown."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return "(hidden)"


def hidden(_value: str) -> str:
    """What is shown in place of a password."""
    return "(hidden)"


def public_url_mend(value: str) -> str:
    """How to mend the address that people use."""
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "The host or the port is not one."
    if parts.scheme not in ("http", "https") or not value.lower().startswith(f"{parts.scheme}://"):
        return "Begin with https://, or with http:// on a machine of your own."
    if not value.isprintable() or " " in value or "\\" in value:
        return "Take out spaces and signs that belong to no address."
    return _mend_of_parts(value, parts, port)


def _mend_of_parts(value: str, parts: SplitResult, port: int | None) -> str:
    host = parts.hostname or ""
    if "@" in parts.netloc:
        return "Leave out the user and the password before the @."
    if not host.isascii():
        return _in_ascii(host)
    if not is_host(host) or port == 0 or parts.netloc.endswith(":"):
        return "The host or the port is not one."
    if parts.path not in ("", "/"):
        return (
            f"Leave out {parts.path}: the forum stands at the root of its host; give it a host of "
            "its own, such as forum.example.org."
        )
    if "?" in value or "#" in value:
        return "Leave out what stands from the ? or # on."
    return ""


def _in_ascii(host: str) -> str:
    try:
        return f"Write the host as browsers send it: {host.encode('idna').decode()}"
    except UnicodeError:
        return "The host is not one."


def is_host(host: str) -> bool:
    """Whether this is a host name or an IP address, in small letters or not, without a port."""
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        # What ends in a number is an address or nothing (WHATWG URL, 3.5).
        is_number = host.rstrip(".").rpartition(".")[2].isdigit()
        return len(host) <= 253 and not is_number and _HOST_NAME.fullmatch(host) is not None
    return True


def hosts_mend(values: Sequence[str]) -> str:
    """How to mend a list of host names."""
    for value in values:
        if value and not value.isascii():
            return _in_ascii(value)
        if not is_host(value):
            return f'Write "{value}" as a name alone, without https://, port, path or *.'
    return ""


def proxies_mend(values: Sequence[str]) -> str:
    """How to mend a list of proxies' addresses."""
    return next((mend for value in values if (mend := _proxy_mend(value))), "")


def _proxy_mend(value: str) -> str:
    if value == "unix":
        return ""
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        return _mend_of_no_network(value)
    if network.prefixlen < SHORTEST_PREFIX[network.version] and not network.is_private:
        return (
            f"{value} is a large part of the world: anybody there could claim any address. Name "
            "the proxies alone."
        )
    return ""


def _mend_of_no_network(value: str) -> str:
    try:
        meant = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return f'"{value}" is neither an address nor a network; a name cannot stand here.'
    return f"Of {value}, write the network, {meant}, or the address alone."


def networks_of(values: Sequence[str]) -> tuple[Network, ...]:
    """The networks that a checked list of proxies names."""
    return tuple(ipaddress.ip_network(value) for value in values if value != "unix")


def networks_mend(values: Sequence[str]) -> str:
    """How to mend a list of addresses and networks."""
    for value in values:
        try:
            ipaddress.ip_network(value)
        except ValueError:
            return _mend_of_no_network(value)
    return ""


def token_mend(value: str) -> str:
    """How to mend a token, which nobody should be able to guess."""
    fits = value.isascii() and value.isprintable() and " " not in value
    if value and (len(value) < SHORTEST_TOKEN or not fits):
        return "Take letters and digits alone, and enough of them."
    return ""


def mailbox_mend(value: str) -> str:
    """How to mend the sender of mail."""
    name, address = parseaddr(value)
    local, _, domain = address.rpartition("@")
    is_fit = value.isprintable() and local and domain and " " not in address
    # The parser takes the first of several, and drops what it does not understand.
    if (
        not is_fit
        or not value.rstrip().rstrip(">").endswith(domain)
        or "," in value.replace(name, "")
    ):
        return "Write one address, or: Our forum <forum@example.org>"
    return ""


def hours_mend(value: str) -> str:
    """How to mend the hours of the day at which something happens."""
    return "" if HOURS.fullmatch(value) else 'Write "3", or "3, 15", or "never".'
