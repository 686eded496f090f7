"""Pages of plugins' doors: they look like the forum's, and nobody is looked up for them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale, get_locale, gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from forum.accounts.checks import known_languages
from forum.accounts.models import Community
from forum.config import current_settings
from forum.db import row
from forum.web.page import Bar, direction_of, entries_for_all
from forum.web.themes import stylesheet
from forum.web.times import day_element, time_element


@dataclass(frozen=True, slots=True)
class DoorPage:
    """The layout's facts for somebody of whom nothing is known; ``page`` in templates."""

    language: str
    community: str
    # Comfort, which would only be one more program where none is wanted.
    script: str = ""
    mode: str = ""
    notices: tuple[str, ...] = ()
    is_administration: bool = False

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction_of(self.language)

    @property
    def stylesheet(self) -> str:
        """Address of the theme's style sheet."""
        theme = current_settings().theme
        return f"/themes/{theme}-{stylesheet(theme).version}.css"

    @property
    def bar(self) -> Markup:
        """The top of the page: where everybody may go, and nothing of who is there."""
        entries = entries_for_all(self.language)
        return _kept()("bar.html", Bar(self.language, self.community, False, None, entries))

    @property
    def foot(self) -> Markup:
        """The end of the page."""
        return _kept()("foot.html", self.language)


def _kept() -> Callable[[str, Hashable], Markup]:
    kept: Callable[[str, Hashable], Markup] = current_app.extensions["forum_bars"]
    return kept


def door_page(template: str, **values: Any) -> str:
    """The page of this template, which may extend ``base.html``, for an application behind a door.

    ``page`` has the layout's facts; ``moment`` and ``day`` are in the community's zone. What looks for
    who is signed in (``slot_…``) does not work there.
    """
    community = row(select(Community.name, Community.zone))
    name, zone = ("Folkmoot", "UTC") if community is None else community
    return _rendered(template, str(name), _times(str(zone)) | values)


def _times(zone: str) -> dict[str, Any]:
    language = _language()

    def moment(at: datetime) -> Markup:
        return time_element(at.replace(second=0, microsecond=0), zone, language)

    def day(at: datetime) -> Markup:
        return day_element(at, zone, language)

    return {"moment": moment, "day": day}


def failure_page(words: str, kept: Sequence[tuple[str, str]] = ()) -> str:
    """A page that says what went wrong, without the database: it may be what failed. It gives back what was
    written, ``kept``, as (label, text)."""
    facts = {"title": gettext("That did not work"), "message": words, "kept": kept}
    return _rendered("door_failure.html", "Folkmoot", facts)


def _rendered(template: str, community: str, values: dict[str, Any]) -> str:
    page = DoorPage(_language(), community)
    return current_app.jinja_env.get_template(template).render(page=page, **values)


def _language() -> str:
    return str(get_locale()).replace("_", "-")


def language_for(accepted: str) -> str:
    """Which of the forum's languages whoever sends this ``Accept-Language`` reads best; the community's
    if none."""
    community = row(select(Community.language))
    own = "en" if community is None else str(community.language)
    known = {own, *known_languages()}
    # Whoever asks for Swiss German first reads German more gladly than what they ask for second.
    wished: LanguageAccept = parse_accept_header(accepted, LanguageAccept)
    read = [wish for wish, quality in wished if quality > 0]
    tags = (tag for wish in read for tag in (wish, wish.partition("-")[0]))
    return next((tag for tag in tags if tag in known), own)


def in_language(language: str) -> Any:
    """Have texts be in this language meanwhile."""
    return force_locale(language.replace("-", "_"))
