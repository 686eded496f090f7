"""What every page of an export shows, and the ways between pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date
from flask_babel import gettext
from markupsafe import Markup

from forum import __version__
from forum.admin.excerpt_page_queries import Facts
from forum.config import current_settings
from forum.moments import day_pattern
from forum.web.times import time_element

BESIDE = 2
"""Pages named before and after the present one, besides the first and the last."""


@dataclass(frozen=True, slots=True)
class Site:
    """The community, in its own language and its own time."""

    name: str
    language: str
    direction: str
    zone: str
    address: str
    software: str
    made_at: datetime

    @classmethod
    def of(cls, facts: Facts, made_at: datetime) -> Site:
        """The site of this community, as it was at this moment."""
        return cls(
            name=facts.name,
            language=facts.language,
            direction=str(Locale.parse(facts.language, sep="-").text_direction),
            zone=facts.zone,
            address=current_settings().base_url,
            software=f"Folkmoot {__version__}",
            made_at=made_at,
        )

    def time(self, at: datetime) -> Markup:
        """A moment in words and for machines."""
        return time_element(at.replace(second=0, microsecond=0), self.zone, self.language)

    def day(self, day: date) -> Markup:
        """A day in words and for machines."""
        locale = Locale.parse(self.language, sep="-")
        words = format_date(day, day_pattern(locale), locale)
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), words)


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another page of a list, or a gap between two."""

    label: str = ""
    address: str = ""
    rel: str = ""
    is_here: bool = False
    gap: bool = False


def ways_between(here: int, pages: Sequence[int], address: Callable[[int], str]) -> list[Way]:
    """The links of page ``here``, which is one of ``pages``; none if it is the only one."""
    if len(pages) < 2:
        return []
    place = pages.index(here)
    ways = [
        _numbered(page, here, address)
        for page in pages[max(0, place - BESIDE) : place + BESIDE + 1]
    ]
    if place > BESIDE:
        gap = [Way(gap=True)] if place > BESIDE + 1 else []
        ways = [_numbered(pages[0], here, address), *gap, *ways]
    if place < len(pages) - BESIDE - 1:
        gap = [Way(gap=True)] if place < len(pages) - BESIDE - 2 else []
        ways = [*ways, *gap, _numbered(pages[-1], here, address)]
    if place > 0:
        ways.insert(0, Way(gettext("Previous"), address(pages[place - 1]), "prev"))
    if place < len(pages) - 1:
        ways.append(Way(gettext("Next"), address(pages[place + 1]), "next"))
    return ways


def _numbered(page: int, here: int, address: Callable[[int], str]) -> Way:
    return Way(str(page), address(page), is_here=page == here)
