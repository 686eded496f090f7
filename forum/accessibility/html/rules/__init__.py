"""The rules for HTML: one file a family, which lists its own in ``RULES``."""

from __future__ import annotations

from forum.accessibility.html.registry import HtmlRule
from forum.accessibility.html.rules import (
    aria,
    language,
    links,
    looks,
    markup,
    media,
    pictures,
    roles,
    structure,
    tables,
)

HTML_RULES: tuple[HtmlRule, ...] = (
    *links.RULES,
    *pictures.RULES,
    *structure.RULES,
    *tables.RULES,
    *language.RULES,
    *media.RULES,
    *aria.RULES,
    *roles.RULES,
    *looks.RULES,
    *markup.RULES,
)
