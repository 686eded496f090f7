"""The catalogues of plugins: what they have, and behind them the forum's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask_babel import get_locale, get_translations

from forum.plugin_host.dispatch import PluginHost

FOLDER = "translations"


def catalogues_of(host: PluginHost) -> dict[str, Path]:
    """Where the catalogues of the plugins that run lie, if they have any."""
    running = (one for one in host.found if host.has(one.name))
    return {one.name: one.folder / FOLDER for one in running if one.folder is not None}


def said_by_plugins(text: str, host: PluginHost) -> str:
    """The text in the reader's language, if the catalogue of a plugin that runs has it; else as it is."""
    said = (translations_in(folder).gettext(text) for folder in catalogues_of(host).values())
    return next((words for words in said if words != text), text)


class _Forums(NullTranslations):
    """The forum's own catalogue, whichever language is asked for."""

    def gettext(self, message: str) -> str:
        said: str = get_translations().ugettext(message)
        return said

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        said: str = get_translations().ungettext(msgid1, msgid2, n)
        return said


def translations_in(folder: Path | None) -> NullTranslations:
    """The words in the catalogue of this folder, in the reader's language, and else the forum's."""
    locale = get_locale()
    return _loaded(folder, None if locale is None else str(locale))


@cache
def _loaded(folder: Path | None, locale: str | None) -> NullTranslations:
    found = NullTranslations()
    if folder is not None and locale is not None:
        found = Translations.load(folder, [locale])
    found.add_fallback(_Forums())
    return found
