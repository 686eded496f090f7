"""Saying a text in the reader's language that was written where no language is known."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask import has_app_context
from flask_babel import get_locale, gettext

from forum.phrases import Phrase
from forum.plugin_host import current_host
from forum.plugin_host.own_words import said_by_plugins


def spoken(text: str) -> str:
    """The text in the language of this request; what is no ``Phrase`` is given back as it is."""
    if not isinstance(text, Phrase):
        return text
    locale = get_locale()
    parts = {
        name: format_decimal(part, locale=locale) if isinstance(part, int) and locale else part
        for name, part in text.parts.items()
    }
    said = _said(text.english)
    return said % parts if parts else said


def recalled(text: str) -> str:
    """What was stored in English, in the language of this request where it is a text of ours."""
    return _said(text) if text else text


def _said(english: str) -> str:
    said: str = gettext(english)
    if said != english or not has_app_context():
        return said
    # A plugin may have written it; which one is not known any more where it was stored.
    return said_by_plugins(english, current_host())
