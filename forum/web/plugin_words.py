"""The words of plugins in the reader's language: each plugin has catalogues of its own.

What a plugin's catalogue does not have is looked up in the forum's, so that plugins need not say again
what the forum says already.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from flask.templating import DispatchingJinjaLoader
from flask_babel.speaklater import LazyString
from jinja2 import Environment, Template

from forum.plugin_host import PluginHost
from forum.plugin_host.discovery import PACKAGE_PREFIX
from forum.plugin_host.own_words import FOLDER, catalogues_of, translations_in
from forum.web.words import words_from


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
        said: str = translations_in(folder).ugettext(text)
        return said % variables if variables else said

    def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
        said: str = translations_in(folder).ungettext(singular, plural, num)
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
            words = words_from(lambda: translations_in(folder))
            known = {**(known or {}), **words}
        return super().load(environment, name, known)


def _catalogues_for(host: PluginHost, part: str) -> Path | None:
    for plugin, folder in catalogues_of(host).items():
        if part == PACKAGE_PREFIX + plugin.replace("-", "_"):
            return folder
    return None
