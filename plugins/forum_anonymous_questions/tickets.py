"""Tickets prove that a member asks, and nothing of which. They are signed, and nobody keeps a list.

A ticket is a random nonce with the quarter in which it was given, signed with a key of the instance's. It
holds until the end of the quarter after, so that there are always those of many members about. What is
stored of one that was spent is a hash under a key of the same secret: both end together.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from forum.plugin_api import GivenCookie, keys_for, utcnow
from forum_anonymous_questions import words

COOKIE = "ask-"
PER_BROWSER = 3
NONCE = MAC = 16
SIZE = 2 + NONCE + MAC
MOST_READ = 60
"""Looked at in one request; a browser keeps 50 cookies of one site or so, and sends 8 KiB of them."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets its holder ask one question.

    Attributes:
        quarter: when it was given: the year times 4, and which of its four quarters from 0.
        signature: by this forum; see ``is_valid``.
    """

    quarter: int
    nonce: bytes
    signature: bytes = b""

    @property
    def text(self) -> str:
        """The ticket as it stands in a cookie: 46 signs."""
        return base64.urlsafe_b64encode(self.content).decode().rstrip("=")

    @property
    def content(self) -> bytes:
        """The ticket in 34 bytes."""
        return self.quarter.to_bytes(2, "big") + self.nonce + self.signature


def quarter_of(now: datetime) -> int:
    """Which quarter it is, in UTC, counted through all years."""
    now = now.astimezone(UTC)
    return now.year * 4 + (now.month - 1) // 3


def quarter_name(now: datetime) -> str:
    """Which quarter it is, such as ``2026-4``."""
    year, quarter = divmod(quarter_of(now), 4)
    return f"{year}-{quarter + 1}"


def next_quarter(now: datetime) -> date:
    """The day on which the next tickets are given."""
    return _first_day(quarter_of(now) + 1)


def _first_day(quarter: int) -> date:
    year, place = divmod(quarter, 4)
    return date(year, place * 3 + 1, 1)


def new_ticket(now: datetime) -> Ticket:
    """A ticket of this quarter that nobody has."""
    return _signed(quarter_of(now), secrets.token_bytes(NONCE))


def ticket_from(nonce: bytes, now: datetime, *, secret: int = 0) -> Ticket:
    """A ticket of this quarter with a nonce that is known already.

    Args:
        secret: which of ``keys_for`` signs it.
    """
    return _signed(quarter_of(now), nonce, secret=secret)


def _signed(quarter: int, nonce: bytes, *, secret: int = 0) -> Ticket:
    return Ticket(quarter, nonce, _signature(quarter, nonce, keys_for("ticket")[secret]))


def _signature(quarter: int, nonce: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"ticket" + quarter.to_bytes(2, "big") + nonce, sha256)[:MAC]


def is_valid(ticket: Ticket, now: datetime) -> bool:
    """Whether this forum gave it, in this quarter or the one before."""
    return is_signed(ticket) and holds(ticket, now)


def is_signed(ticket: Ticket) -> bool:
    """Whether this forum gave it, however long ago."""
    return _signer(ticket) is not None


def holds(ticket: Ticket, now: datetime) -> bool:
    """Whether a ticket that this forum gave has not ended yet."""
    return 0 <= quarter_of(now) - ticket.quarter <= 1


def _signer(ticket: Ticket) -> int | None:
    """Which of the secrets signed it. All are tried, so that the time tells nothing."""
    fits = [
        hmac.compare_digest(_signature(ticket.quarter, ticket.nonce, key), ticket.signature)
        for key in keys_for("ticket")
    ]
    return fits.index(True) if True in fits else None


def mark_of(ticket: Ticket) -> bytes | None:
    """What is stored once it is spent, ``None`` when this forum did not give it.

    However often the secret is changed, a ticket has one mark: the key is of the secret that signed it.
    """
    keys, signer = keys_for("spent"), _signer(ticket)
    # The secret may end between the two.
    if signer is None or signer >= len(keys):
        return None
    return hmac.digest(keys[signer], ticket.nonce, sha256)


def read_tickets(values: Iterable[str]) -> list[Ticket]:
    """The tickets in the values of cookies that hold at this moment, spent ones too, each once."""
    now = utcnow()
    return [ticket for ticket in signed_tickets(values) if holds(ticket, now)]


def signed_tickets(values: Iterable[str]) -> list[Ticket]:
    """The tickets in the values of cookies that this forum gave, those that ended or are spent too, each
    once."""
    texts = [text for value in values for text in value.split("~")][:MOST_READ]
    found: dict[bytes, Ticket] = {}
    for text in texts:
        ticket = _read(text)
        if ticket is not None and is_signed(ticket):
            found.setdefault(ticket.nonce, ticket)
    return list(found.values())


def _read(text: str) -> Ticket | None:
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return _from_content(content)


def _from_content(content: bytes) -> Ticket | None:
    if len(content) != SIZE:
        return None
    quarter = int.from_bytes(content[:2], "big")
    return Ticket(quarter, content[2 : 2 + NONCE], content[2 + NONCE :])


def in_words(ticket: Ticket) -> str:
    """The ticket as 22 words, to carry it to another browser."""
    return words.in_words(ticket.content)


def ticket_from_words(text: str) -> Ticket | None:
    """The ticket that these words say, ``None`` where they say none that holds."""
    content = words.from_words(text, SIZE)
    ticket = None if content is None else _from_content(content)
    return ticket if ticket is not None and is_valid(ticket, utcnow()) else None


def gift(now: datetime) -> GivenCookie:
    """What a browser is given once a quarter: a cookie with three tickets."""
    tickets = [new_ticket(now) for _ in range(PER_BROWSER)]
    return cookie_of(tickets, now)


def cookie_of(tickets: Iterable[Ticket], now: datetime) -> GivenCookie:
    """A cookie with these tickets, of another name than all others; kept until the next quarter ends, and a
    day more: whoever is writing just then is given their text back."""
    name = f"{COOKIE}{quarter_name(now)}-{secrets.token_hex(4)}"
    days = (_first_day(quarter_of(now) + 2) - now.astimezone(UTC).date()).days + 1
    return GivenCookie(name, "~".join(ticket.text for ticket in tickets), days)
