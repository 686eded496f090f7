"""Where the plugin takes its texts from: its own catalogue, in ``translations``."""

from __future__ import annotations

from forum.plugin_api import texts_of

_TEXTS = texts_of(__name__)
gettext, lazy_gettext, ngettext = _TEXTS.gettext, _TEXTS.lazy_gettext, _TEXTS.ngettext
