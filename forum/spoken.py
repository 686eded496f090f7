"""Saying a text in the reader's language that was written where no language is known."""

from __future__ import annotations

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext

from forum.phrases import Phrase


def spoken(text: str) -> str:
    """The text in the language of this request; what is no ``Phrase`` is given back as it is."""
    if not isinstance(text, Phrase):
        return text
    locale = get_locale()
    parts = {
        name: format_decimal(part, locale=locale) if isinstance(part, int) and locale else part
        for name, part in text.parts.items()
    }
    said: str = gettext(text.english, **parts)
    return said


def recalled(text: str) -> str:
    """What was stored in English, in the language of this request where it is a text of ours."""
    said: str = gettext(text) if text else text
    return said
