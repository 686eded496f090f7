"""Telling drawings made of signs from text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

MIN_LINES = 3
MIN_SIGNS = 3
"""Signs on a line that can be part of a drawing."""

MAX_LETTERS = 0.4
"""The share of letters and digits among what can be seen on such a line; labels are allowed."""

_SIGN = re.compile(r"[-_=+*|/\\<>^~#.:'`,()\[\]\u2190-\u21ff\u2500-\u259f]")
_SHAPE = re.compile(r"[|/\\^\u2500-\u259f]|[-_=]{2}")
_FORMULA = re.compile(r"\$|\\[a-zA-Z]{2,}|\\[\[\]()]|[{};]|\]:|https?:")
_ONE_SIGN = re.compile(r"\s*(\S)(?:\s*\1)*\s*")
_FRAMED = re.compile(r"\s*[|\u2502\u2551](?!.*\\).*[|\u2502\u2551]\s*")
_DRAWN_O = re.compile(r"(?<!\w)[oO]+(?!\w)")


def drawings(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The runs of neighbouring ``lines`` that draw something: the first, and the one after the last.

    Such a run has three lines or more, two of them with strokes.
    """
    at = 0
    for drawn, group in groupby(map(_belongs, lines)):
        length = len(list(group))
        if drawn and length >= MIN_LINES and _has_shape(lines[at : at + length]):
            yield at, at + length
        at += length


def _belongs(line: str) -> bool:
    return is_drawn(line) or _FRAMED.fullmatch(line) is not None


def is_drawn(line: str) -> bool:
    """Whether ``line`` can be part of a drawing: signs, few letters, no formula and no code.

    A backslash at its end may be a break and does not count.
    """
    seen = "".join(_DRAWN_O.sub("", line.rstrip("\\")).split())
    if _FORMULA.search(line):
        return False
    letters = sum(map(str.isalnum, seen))
    return len(_SIGN.findall(seen)) >= MIN_SIGNS and letters <= MAX_LETTERS * len(seen)


def _has_shape(lines: Sequence[str]) -> bool:
    """Two lines with strokes, and not only lines that are each made of one sign."""
    drawn = [line for line in lines if is_drawn(line) and _SHAPE.search(line)]
    return len(drawn) >= 2 and not all(map(_ONE_SIGN.fullmatch, drawn))
