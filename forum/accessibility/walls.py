"""Telling a paragraph that is a wall of text."""

from __future__ import annotations

import re

MAX_WORDS = 200
"""Words of one paragraph; guides to plain language ask for 100 to 150, so this is well beyond."""

_FORMULA = re.compile(r"\$\$?[^$]+\$\$?")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_DENSE_PER_WORD = 2
"""Chinese and Japanese write no spaces; a word has about two signs."""


def word_count(text: str) -> int:
    """How many words ``text`` has, roughly: a formula is one, and Chinese has no spaces between."""
    text = _FORMULA.sub("x", text)
    if text.isascii():
        return len(text.split())
    spaced, dense = _DENSE.subn(" ", text)
    return len(spaced.split()) + dense // _DENSE_PER_WORD


def is_wall(text: str) -> bool:
    """Whether a paragraph of ``text`` is so long that many lose their place in it."""
    return len(text) > MAX_WORDS and word_count(text) > MAX_WORDS
