"""The rules of the accessibility check: one file a family, which lists its own in ``RULES``."""

from __future__ import annotations

from forum.accessibility.registry import Rule
from forum.accessibility.rules import (
    emoji,
    headings,
    language,
    lettering,
    links,
    lists,
    meaning,
    media,
    pictures,
    structure,
    tables,
    words,
)

RULES: tuple[Rule, ...] = (
    *links.RULES,
    *pictures.RULES,
    *media.RULES,
    *headings.RULES,
    *tables.RULES,
    *lists.RULES,
    *structure.RULES,
    *words.RULES,
    *lettering.RULES,
    *emoji.RULES,
    *meaning.RULES,
    *language.RULES,
)
