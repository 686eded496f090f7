"""What is wrong with settings that are right one by one: contradictions, and what looks forgotten."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from forum.config.checks import UNIX
from forum.config.settings import WILDCARDS, Settings


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Settings that do not go together.

    Attributes:
        names: the settings; the first is where to mend it.
        message: what is wrong, and what to do.
        is_warning: the forum runs all the same.
    """

    names: tuple[str, ...]
    message: str
    is_warning: bool = True


def contradictions_in(settings: Settings) -> list[Contradiction]:
    """What does not go together, worst first."""
    found = [*_address(settings), *_cookies(settings), *_proxies(settings), *_mail(settings)]
    return sorted(found, key=lambda each: each.is_warning)


def _address(settings: Settings) -> Iterator[Contradiction]:
    if settings.bind.startswith(UNIX) and not settings.public_url:
        yield Contradiction(
            ("bind", "public_url"),
            "a socket can only be reached through a proxy. Set public_url to the address that "
            "people use.",
            is_warning=False,
        )
    if settings.public_url and not settings.is_https and not is_local(settings.public_host):
        yield Contradiction(
            ("public_url",),
            "over http, passwords can be read on their way. Put a proxy with HTTPS in front of "
            "the forum.",
        )
    host = settings.bind.rpartition(":")[0]
    if host in WILDCARDS and not settings.public_url:
        yield Contradiction(
            ("bind", "public_url"),
            "the forum listens on all addresses, but answers to its own names only, and passwords "
            "can be read on their way. Set public_url, and put a proxy with HTTPS in front of it.",
        )
    if settings.is_https and not settings.trusted_proxies and not _is_private(settings.bind):
        yield Contradiction(
            ("bind", "public_url", "trusted_proxies"),
            "who knows this address goes around the proxy, without HTTPS. Let bind be an address "
            "that only the proxy reaches, such as 127.0.0.1:8000.",
        )


def _cookies(settings: Settings) -> Iterator[Contradiction]:
    if settings.is_https and settings.secure_cookies is False:
        yield Contradiction(
            ("secure_cookies", "public_url"),
            "public_url is https, but cookies would be sent without HTTPS, too. Leave it out.",
        )
    is_plain = bool(settings.public_url) and not settings.is_https
    if is_plain and settings.secure_cookies and not is_local(settings.public_host):
        yield Contradiction(
            ("secure_cookies", "public_url"),
            "public_url is http: browsers would keep no cookie, and nobody could sign in. Leave "
            "it out, or set public_url to the address with https.",
            is_warning=False,
        )


def _proxies(settings: Settings) -> Iterator[Contradiction]:
    if settings.is_https and not settings.trusted_proxies:
        yield Contradiction(
            ("trusted_proxies", "public_url"),
            "public_url is https, so there is a proxy, but it is not named here: all visitors "
            'count as one network, and share its limits. Set it, as to ["127.0.0.1"].',
        )
    if settings.trusted_proxies and not settings.public_url:
        yield Contradiction(
            ("public_url", "trusted_proxies"),
            "there is a proxy, but links in letters lead around it. Set public_url to the address "
            "that people use.",
        )
    is_socket = settings.bind.startswith(UNIX)
    if settings.trusted_proxies and is_socket and "unix" not in settings.trusted_proxies:
        yield Contradiction(
            ("trusted_proxies", "bind"),
            'bind is a socket, so the proxy has no address. Write "unix".',
        )
    if "unix" in settings.trusted_proxies and not is_socket:
        yield Contradiction(
            ("trusted_proxies", "bind"), '"unix" means nobody here, because bind is no socket.'
        )


def _mail(settings: Settings) -> Iterator[Contradiction]:
    if settings.smtp_password and not settings.smtp_user:
        yield Contradiction(
            ("smtp_password", "smtp_user"), "it is not used without smtp_user. Set that, too."
        )
    if settings.smtp_user and not settings.smtp_password:
        yield Contradiction(
            ("smtp_user", "smtp_password"),
            "without a password, the mail server will refuse it. Set smtp_password_file or "
            "smtp_password.",
        )
    if settings.smtp_user and not settings.smtp_host:
        yield Contradiction(
            ("smtp_user", "smtp_host"),
            "no letter is sent without smtp_host; they become files in mail/. Set that, too.",
        )
    if settings.smtp_host and settings.mail_from == "forum@localhost":
        yield Contradiction(
            ("mail_from", "smtp_host"),
            "mail servers refuse letters from localhost. Set it to an address of your domain.",
        )
    if settings.smtp_tls == "none" and settings.smtp_password and not is_local(settings.smtp_host):
        yield Contradiction(
            ("smtp_tls", "smtp_host"),
            "the password of the mail server can be read on its way. Write starttls or tls.",
        )


def is_local(host: str) -> bool:
    """Whether this host is the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_private(bind: str) -> bool:
    if bind.startswith(UNIX):
        return True
    host = urlsplit(f"//{bind}").hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return is_local(host)
    return address.is_private and not address.is_unspecified
