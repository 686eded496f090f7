"""The accessibility statement: what was measured, what is known to be missing, and whom to tell.

Its parts are those of the statement that the W3C's Web Accessibility Initiative proposes. It says
nothing that is not in ``measurements.json`` or in this forum's own settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel import Locale
from babel.dates import format_date
from flask import Blueprint, current_app, render_template
from flask_babel import get_locale, gettext, lazy_gettext

from forum import __version__
from forum.config import current_settings
from forum.moments import day_pattern
from forum.web.forms import Answer
from forum.web.measurements import Measurements, Run, measurements

statements = Blueprint("statement", __name__)

MODE_NAMES = {
    "light": lazy_gettext("light"),
    "dark": lazy_gettext("dark"),
    "contrast": lazy_gettext("high contrast"),
}
_PART = re.compile(r"<(?:[^<>]*:)?\w+>")


@statements.get("/accessibility")
def shown() -> Answer:
    """Say how accessible the forum is, as far as that was measured."""
    facts = measurements()
    addresses = _addresses()
    return render_template(
        "web/accessibility.html",
        measured=facts,
        runs=[
            (run, _day(run), [page for page in facts.pages.values() if page.run == run])
            for run in facts.runs
        ],
        looks=list(_looks(facts)),
        looked_at=sorted(addresses[name] for name in facts.pages if name in addresses),
        faults=[(addresses.get(name, name), words) for name, words in facts.found.items()],
        not_looked_at=len(addresses.keys() - facts.pages.keys() - facts.files),
        version=__version__,
        theme=current_settings().theme,
    )


def _addresses() -> dict[str, str]:
    """The address of each page of this forum, plugins' pages included; by endpoint."""
    return {
        rule.endpoint: _PART.sub("…", rule.rule)
        for rule in current_app.url_map.iter_rules()
        if "GET" in (rule.methods or set())
    }


def _looks(facts: Measurements) -> Iterator[tuple[str, int]]:
    """How pages were shown, and how often."""
    for mode in facts.modes:
        yield gettext("Colours: %(mode)s", mode=MODE_NAMES[mode]), facts.times(mode)
    for width in facts.widths:
        yield gettext("%(width)s pixels wide", width=width), facts.times(str(width))
    for tag in facts.languages:
        yield _language(tag, facts), facts.times(tag)


def _language(tag: str, facts: Measurements) -> str:
    if tag == facts.made_up:
        name = gettext("made up, written from right to left")
    else:
        name = Locale.parse(tag, sep="-").get_display_name(get_locale()) or tag
    said: str = gettext("Language: %(name)s", name=name)
    return said


def _day(run: Run) -> str:
    locale = get_locale() or Locale("en")
    return format_date(run.on, day_pattern(locale), locale)
