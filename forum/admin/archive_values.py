"""What a value in an archive may be: one function a kind. Each gives the value as the database takes it.

They raise ``ValueError`` with words that go on from "FILE, line N: FIELD".

Kinds are no stricter than what they protect: an archive of a forum that runs on another Python, with
newer tables of letters, must still come in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from babel import Locale, UnknownLocaleError

from forum.accounts.mailboxes import normal_mailbox
from forum.clock import utcnow
from forum.text.caps import MAX_BYTES
from forum.text.handles import HANDLE
from forum.text.markdown import normalize
from forum.zones import zone_names

Kind = Callable[[Any], Any]

LARGEST_ID = 10**15
"""Exact in every JSON reader (RFC 8259, 6), and so far from 2⁶³ that a forum never runs out."""
LARGEST = 2**31 - 1
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

# Controls, halves of characters, ends of lines and signs that turn text around.
_UNFIT_IN_LINE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_UNFIT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_UNFIT_ANYWHERE = re.compile(r"[\x00\ud800-\udfff]")
MOST_WORDS = 100_000
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)  # RFC 3339, 5.6


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a text")
    return value


def number(*, least: int = 1, most: int = LARGEST) -> Kind:
    """A whole number from ``least`` to ``most``."""

    def read(value: Any) -> int:
        # True is a number to Python.
        if type(value) is not int:
            raise ValueError("is not a whole number")
        if not least <= value <= most:
            raise ValueError(f"is not a number from {least} to {most}")
        return value

    return read


def line(most: int, *, least: int = 1) -> Kind:
    """A text on one line, of ``least`` to ``most`` characters."""

    def read(value: Any) -> str:
        text = _text(value)
        if not least <= len(text) <= most or (least and not text.strip()):
            raise ValueError(f"does not have {least} to {most} characters")
        if _UNFIT_IN_LINE.search(text):
            raise ValueError("has characters that cannot be shown on a line")
        return text

    return read


def lines(most: int) -> Kind:
    """A text of at most ``most`` characters, which may be empty."""

    def read(value: Any) -> str:
        text = _text(value)
        if len(text) > most:
            raise ValueError(f"has more than {most} characters")
        if _UNFIT_IN_TEXT.search(text):
            raise ValueError("has characters that cannot be shown")
        return text

    return read


def words(value: Any) -> str:
    """A text that no person wrote, such as the reason that a plugin gives: nobody has limited it."""
    text = _text(value)
    if len(text) > MOST_WORDS or _UNFIT_ANYWHERE.search(text):
        raise ValueError(f"has more than {MOST_WORDS} characters, or some that cannot be kept")
    return text


def any_text(value: Any) -> str:
    """Whatever text a database can keep."""
    text = _text(value)
    if _UNFIT_ANYWHERE.search(text):
        raise ValueError("has characters that cannot be kept")
    return text


def source(value: Any) -> str:
    """The Markdown of a post."""
    text = _text(value)
    # Counted in characters first, so that halves of characters cannot stop the counting of bytes.
    if len(text) > MAX_BYTES or _UNFIT_IN_TEXT.search(text) or len(text.encode()) > MAX_BYTES:
        raise ValueError(f"has more than {MAX_BYTES} bytes, or characters that cannot be shown")
    if normalize(text) != text:
        raise ValueError("has ends of lines that are not \\n")
    return text


def pattern(expression: str, what: str) -> Kind:
    """A text that the regular expression describes; ``what`` says it in words."""
    compiled = re.compile(expression, re.ASCII)

    def read(value: Any) -> str:
        if not compiled.fullmatch(_text(value)):
            raise ValueError(f"is not {what}")
        return str(value)

    return read


def one_of(*words: str) -> Kind:
    """One of these words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"is none of {', '.join(words)}")
        return value

    return read


def optional(kind: Kind) -> Kind:
    """What ``kind`` says, or null."""

    def read(value: Any) -> Any:
        return None if value is None else kind(value)

    return read


def moment(value: Any) -> datetime:
    """A time with its zone, from 1970 to tomorrow: clocks of two machines differ."""
    at = any_moment(value)
    if at > utcnow() + timedelta(days=1):
        raise ValueError("is a time before 1970, or one that has not come yet")
    return at


def any_moment(value: Any) -> datetime:
    """A time with its zone, from 1970; it may be one that has not come yet."""
    text = _text(value)
    if not _MOMENT.fullmatch(text):
        raise ValueError("is not a time with its zone, such as 2026-02-01T10:00:00Z (RFC 3339)")
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is not a time") from error
    if at < EARLIEST:
        raise ValueError("is a time before 1970, or one that has not come yet")
    return at


def yes_or_no(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def moment_text(at: datetime) -> str:
    """The moment as an archive has it, the same text for the same moment."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def zone(value: Any) -> str:
    """The name of a time zone that this machine knows."""
    if _text(value) not in zone_names():
        raise ValueError("is no time zone that this machine knows; its package tzdata may be old")
    return str(value)


def language(value: Any) -> str:
    """The tag of a language in which dates can be written."""
    try:
        Locale.parse(_text(value))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError("is no language that this forum knows") from error
    return str(value)


def simple(value: Any) -> Any:
    """What a setting may be: a text, a whole number, true, false or null."""
    if isinstance(value, str):
        return line(MOST_WORDS, least=0)(value)
    if type(value) is int:
        return number(least=-LARGEST)(value)
    if value is None or isinstance(value, bool):
        return value
    raise ValueError("is no text, whole number, true, false or null")


def row_values(value: Any) -> str:
    """Fields of a row as a text: a JSON object of texts, numbers, nulls and lists of texts."""
    text = _text(value)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not JSON") from error
    is_object = isinstance(found, dict) and json.dumps(found, ensure_ascii=False) == text
    parts = [p for v in found.values() for p in _parts(v)] if is_object else [[]]
    if len(text) > MOST_WORDS or not all(p is None or type(p) in (str, int, bool) for p in parts):
        raise ValueError("is not a JSON object of texts, numbers, nulls and lists of texts")
    for part in parts:
        if isinstance(part, str):
            lines(MOST_WORDS)(part)
    return text


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def mailbox(value: Any) -> str:
    """An e-mail address in the spelling that signing in looks for."""
    if normal_mailbox(_text(value)) != value:
        raise ValueError("is no e-mail address, or not in its normal spelling")
    return str(value)


key = number(most=LARGEST_ID)
handle = pattern(HANDLE, "a handle: small letters and digits, with . _ - between them")
sha256 = pattern("[0-9a-f]{64}", "a SHA-256 in small hexadecimal")
