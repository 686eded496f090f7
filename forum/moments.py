"""Moments in a reader's zone and language, in words."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time


def in_words(at: datetime, zone: str, language: str) -> str:
    """A moment where there is no ``<time>`` element, as in a letter: with the name of the zone."""
    there, locale = at.astimezone(zone_named(zone)), Locale.parse(language, sep="-")
    day = format_date(there, day_pattern(locale), locale)
    return f"{day}, {format_time(there, 'HH:mm', locale=locale)} ({zone})"


def day_pattern(locale: Locale) -> str:
    """How a day is written in this language."""
    # Babel's English is American; the day before the month is read rightly everywhere.
    return "d MMMM y" if locale.language == "en" else "long"


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """The zone of this name, UTC for a name that the machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
