"""Moments in the reader's zone and language, in words and for machines."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time
from markupsafe import Markup

from forum.moments import day_pattern, zone_named
from forum.web.visit import current_visit


def moment(at: datetime) -> Markup:
    """A ``<time>`` element: the reader's date and time in words, UTC for machines."""
    reader = current_visit().actor
    return time_element(at.replace(second=0, microsecond=0), reader.zone, reader.language)


@lru_cache(maxsize=65536)
def time_element(at: datetime, zone: str, language: str) -> Markup:
    """A ``<time>`` element for this zone and language. Whole minutes keep the cache small."""
    there, locale = at.astimezone(zone_named(zone)), Locale.parse(language, sep="-")
    words = f"{format_date(there, day_pattern(locale), locale)}, {format_time(there, 'HH:mm', locale=locale)}"
    return Markup('<time datetime="{}">{}</time>').format(
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"), words
    )


def day(at: datetime) -> Markup:
    """A ``<time>`` element that tells the day alone, in the reader's zone and language."""
    reader = current_visit().actor
    return day_element(at, reader.zone, reader.language)


def day_element(at: datetime, zone: str, language: str) -> Markup:
    """A ``<time>`` element that tells the day alone, for this zone and language."""
    there, locale = at.astimezone(zone_named(zone)), Locale.parse(language, sep="-")
    words = format_date(there, day_pattern(locale), locale)
    return Markup('<time datetime="{}">{}</time>').format(there.strftime("%Y-%m-%d"), words)
