"""Telling plain prose from code, and quotes from what only looks like one."""

from __future__ import annotations

import re

MIN_WORDS = 12
"""Words below which it is hard to say whether a text is prose."""

MIN_SHARE = 0.93
"""The share of plain words in prose; the rest are numbers and signs."""

MIN_SMALL_SHARE = 0.6
"""The share of words without a capital; lists of names and headings have fewer."""

MIN_QUOTED_WORDS = 6
"""Words of a line that is taken for a quote."""

_WORD = re.compile(
    r"""["'“‘«„(\[]*[^\W\d_]+(?:['’‐-][^\W\d_]+)*[)\]"'”’»“]*[.,;:!?…]*[)\]"'”’»]*"""
)
_CODE = re.compile(r"[{}=<>$\\|_`#;]|^\s*(?:[-+*/]{2,}|\d+[.):]? )", re.MULTILINE)
_END = re.compile(r"""[^\W\d_]{2}[.!?…]["'”’»)]*$""")
_OPENING = re.compile(r"""[\s"'“‘«„(\[]*[^\W\d_]""")
_LOOKALIKE = re.compile(r"(?:[›»＞]|>(?!>))[ \t]*(?=[^\W\d_]|[\"'“‘(*\[])")


def is_prose(text: str) -> bool:
    """Whether ``text`` is plainly sentences: no code, no list of names, no output of a program."""
    words = text.split()
    if len(words) < MIN_WORDS or _CODE.search(text) or not _END.search(text.rstrip()):
        return False
    plain = [word for word in words if _WORD.fullmatch(word)]
    small = [word for word in plain if word == word.lower()]
    enough = len(plain) >= MIN_SHARE * len(words) and len(small) >= MIN_SMALL_SHARE * len(words)
    return enough and _begins_with_capital(text)


def _begins_with_capital(text: str) -> bool:
    opening = _OPENING.match(text)
    return opening is not None and opening[0][-1].isupper()


def quote_mark(text: str) -> str:
    """The sign before ``text``, with its space, that stands where ``>`` begins a quote, or ``""``.

    Not before a few words, for that may be a button to press or a sum; and not where
    the text goes on to ``«``, for then both are quotation marks.
    """
    found = _LOOKALIKE.match(text)
    if found is None or "«" in text or len(text.split()) < MIN_QUOTED_WORDS:
        return ""
    return found[0]
