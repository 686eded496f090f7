"""The rules of the accessibility check: one file a family, which lists its own in ``RULES``."""

from __future__ import annotations

from forum.accessibility.registry import Rule
from forum.accessibility.rules import headings, links, media, pictures, tables, words

RULES: tuple[Rule, ...] = (
    *links.RULES,
    *pictures.RULES,
    *media.RULES,
    *headings.RULES,
    *tables.RULES,
    *words.RULES,
)
