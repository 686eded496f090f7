"""The words of templates in the reader's language, looked up once for each request.

Flask-Babel's own functions ask anew for every word what language this is; on a page with fifty
words that took a fifth of its time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import get_domain, get_locale
from markupsafe import Markup


def init_words(app: Flask) -> None:
    """Give templates ``_``, ``gettext`` and ``ngettext``; to be called after Flask-Babel is set up."""
    app.jinja_env.globals.update(words_from(_translations))


def words_from(translations: Callable[[], NullTranslations]) -> dict[str, Any]:
    """``_``, ``gettext`` and ``ngettext`` for templates, from the catalogue of the moment."""

    def gettext(text: str, **variables: object) -> Markup:
        return _filled(translations().ugettext(text), variables)

    def ngettext(singular: str, plural: str, num: int, **variables: object) -> Markup:
        variables.setdefault("num", _written(num))
        return _filled(translations().ungettext(singular, plural, num), variables)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def _written(number: int) -> str:
    # Only what is counted: numbers of posts are names, and stay as they are in addresses.
    return str(number) if -1000 < number < 1000 else format_decimal(number, locale=get_locale())


def _filled(text: str, variables: dict[str, object]) -> Markup:
    # Our translators' words are trusted; what is filled in gets escaped.
    words = Markup(text)  # noqa: S704
    return words % variables if "%" in text else words


def _translations() -> NullTranslations:
    # Flask-Babel's place for what belongs to a request; force_locale empties this part of it.
    context = g.get("_flask_babel")
    found: NullTranslations | None = getattr(context, "babel_translations", None)
    if found is None:
        found = get_domain().get_translations()
        g._flask_babel.babel_translations = found
    return found
