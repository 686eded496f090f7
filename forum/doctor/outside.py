"""What the doctor asks over the network: the mail server, and the forum through its own proxy.

Only the addresses that the settings name are asked, no redirect is followed, and each answer has to
come within seconds.
"""

from __future__ import annotations

import json
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from forum.config import Settings
from forum.doctor.result import Result, look, ok, wrong
from forum.web.health import NONCE_FILE, NONCE_HEADER

SECONDS = 8.0


def mail(settings: Settings) -> Iterator[Result]:
    """Whether the mail server lets the forum in; nothing is sent."""
    if not settings.smtp_host:
        says = f"Letters become files in {settings.mail_folder}."
        if settings.public_url:
            yield look("mail", says, "Set smtp_host, or nobody can confirm an address.")
        else:
            yield ok("mail", says)
        return
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        _greet(settings)
    except smtplib.SMTPAuthenticationError:
        mend = "Look at smtp_user and smtp_password."
        yield wrong("mail", f"{where} does not accept user and password.", mend)
    except smtplib.SMTPNotSupportedError:
        mend = 'Look at smtp_tls and smtp_port: "tls" with 465, "starttls" with 587.'
        yield wrong("mail", f"{where} offers no encryption or no sign-in.", mend)
    except ssl.SSLError as error:
        mend = 'Look at smtp_tls and smtp_port: "tls" with 465, "starttls" with 587.'
        yield wrong("mail", f"No encrypted connection to {where}: {error.reason}.", mend)
    except (OSError, smtplib.SMTPException) as error:
        kind = type(error).__name__
        mend = "Look at smtp_host and smtp_port, and whether a firewall is between."
        yield wrong("mail", f"{where} does not answer as a mail server ({kind}).", mend)
    else:
        yield ok("mail", f"{where} lets the forum in. Nothing was sent.")


def _greet(settings: Settings) -> None:
    kind = smtplib.SMTP_SSL if settings.smtp_tls == "tls" else smtplib.SMTP
    with kind(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
        if settings.smtp_tls == "starttls":
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.noop()


def proxy(settings: Settings) -> Iterator[Result]:
    """Whether what a proxy tells of visitors reaches the forum as the settings expect it."""
    if not settings.public_url:
        yield ok("proxy", "No public_url is set, so there is no proxy to ask.")
        return
    try:
        seen = _seen_through_proxy(settings)
    except ssl.SSLCertVerificationError as error:
        yield wrong(
            "proxy",
            f"The certificate of {settings.public_url} does not hold: {error.verify_message}.",
            "Renew it, or have the proxy send the whole chain.",
        )
    except (OSError, HTTPException, ValueError) as error:
        yield look(
            "proxy",
            f"{settings.public_url} gave no answer of this forum ({type(error).__name__}).",
            "Start the forum and the proxy. Where this machine cannot reach it, ask from outside.",
        )
    else:
        yield from _judged(settings, seen)


def _judged(settings: Settings, seen: dict[str, Any]) -> Iterator[Result]:
    found = []
    # Without the port, which many proxies leave out and no link is made from.
    if urlsplit(f"//{seen['host']}").hostname != settings.public_host:
        found.append(
            wrong("proxy", f"Host arrives as {seen['host']!r}.", "Have the proxy pass Host on.")
        )
    if not seen["is_proxied"] and settings.is_https:
        mend = f"Name it in trusted_proxies: {json.dumps([seen['peer'] or 'unix'])}."
        found.append(wrong("proxy", f"{seen['peer'] or 'The socket'} is not trusted.", mend))
    elif seen["is_proxied"] and not seen["forwarded"]:
        says = "X-Forwarded-For does not arrive: all visitors count as one."
        found.append(wrong("proxy", says, "Have the proxy set it (see deploy/)."))
    if settings.is_https and seen["is_proxied"] and seen["scheme"] != "https":
        mend = "Have the proxy set X-Forwarded-Proto (see deploy/)."
        found.append(wrong("proxy", "The forum takes HTTPS for HTTP.", mend))
    yield from found or [ok("proxy", "Host, address and scheme of visitors arrive.")]


def _seen_through_proxy(settings: Settings) -> dict[str, Any]:
    parts = urlsplit(settings.public_url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    with _nonce(settings) as nonce:
        try:
            connection.request("GET", "/healthz", headers={NONCE_HEADER: nonce})
            answer = connection.getresponse()
            seen = json.loads(answer.read(10_000))
        finally:
            connection.close()
    if not isinstance(seen, dict) or set(seen) < {"host", "scheme", "peer", "is_proxied"}:
        raise ValueError("another program answered")
    return seen


@contextmanager
def _nonce(settings: Settings) -> Iterator[str]:
    # The forum answers it only to whoever can write into its instance.
    note = settings.running_folder / NONCE_FILE
    note.parent.mkdir(mode=0o700, exist_ok=True)
    nonce = secrets.token_urlsafe(24)
    note.write_text(nonce)
    note.chmod(0o600)
    try:
        yield nonce
    finally:
        note.unlink(missing_ok=True)
