"""The words of plugins in the reader's language: each plugin has catalogues of its own.

What a plugin's catalogue does not have is looked up in the forum's, so that plugins need not say again
what the forum says already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import NullTranslations, Translations
from flask import Flask
from flask.templating import DispatchingJinjaLoader
from flask_babel import get_locale, get_translations
from flask_babel.speaklater import LazyString
from jinja2 import Environment, Template

from forum.plugin_host import PluginHost
from forum.plugin_host.discovery import PACKAGE_PREFIX
from forum.web.words import words_from

FOLDER = "translations"


class Texts(NamedTuple):
    """What a plugin says its texts with, as Flask-Babel's functions of these names do.

    Attributes:
        gettext: the text in the reader's language, with ``%(names)s`` filled in.
        lazy_gettext: the same, once it is needed: for what is written down when the forum starts.
        ngettext: the one or the other text, by a number, which fills ``%(num)s``.
    """

    gettext: Callable[..., str]
    lazy_gettext: Callable[..., Any]
    ngettext: Callable[..., str]


def texts_of(module: str) -> Texts:
    """The texts of the plugin to which a module belongs: ``texts_of(__name__)``.

    Its catalogues lie in ``<package>/translations/<language>/LC_MESSAGES/``.
    """
    package = sys.modules.get(module.partition(".")[0])
    places = list(getattr(package, "__path__", ()))
    folder = Path(places[0]) / FOLDER if places else None

    def gettext(text: str, **variables: Any) -> str:
        said: str = _translations(folder).ugettext(text)
        return said % variables if variables else said

    def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
        said: str = _translations(folder).ungettext(singular, plural, num)
        return said % {"num": num, **variables}

    def lazy_gettext(text: str, **variables: Any) -> LazyString:
        return LazyString(gettext, text, **variables)

    return Texts(gettext, lazy_gettext, ngettext)


def init_plugin_words(app: Flask) -> None:
    """Have the templates of plugins, those below ``forum_<name>/``, say their words from the plugin's
    catalogues. To be called after ``init_words``."""
    app.jinja_env.loader = _Loader(app)


class _Loader(DispatchingJinjaLoader):
    # Which words a template finds is known once it is loaded; so the forum's own pages pay nothing.
    def load(
        self, environment: Environment, name: str, known: MutableMapping[str, Any] | None = None
    ) -> Template:
        folder = _catalogues_for(self.app.extensions["forum_plugins"], name.partition("/")[0])
        if folder is not None:
            words = words_from(lambda: _translations(folder))
            known = {**(known or {}), **words}
        return super().load(environment, name, known)


def _catalogues_for(host: PluginHost, part: str) -> Path | None:
    for one in host.found:
        package = PACKAGE_PREFIX + one.name.replace("-", "_")
        if part == package and one.folder is not None and host.has(one.name):
            return one.folder / FOLDER
    return None


class _Forums(NullTranslations):
    """The forum's own catalogue, whichever language is asked for."""

    def gettext(self, message: str) -> str:
        said: str = get_translations().ugettext(message)
        return said

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        said: str = get_translations().ungettext(msgid1, msgid2, n)
        return said


def _translations(folder: Path | None) -> NullTranslations:
    locale = get_locale()
    return _loaded(folder, None if locale is None else str(locale))


@cache
def _loaded(folder: Path | None, locale: str | None) -> NullTranslations:
    found = NullTranslations()
    if folder is not None and locale is not None:
        found = Translations.load(folder, [locale])
    found.add_fallback(_Forums())
    return found
