"""What the plugin's texts are said with, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext, ngettext

__all__ = ["gettext", "lazy_gettext", "ngettext"]
