"""Finding listed words and phrases in a text: whole words only, whatever their case and form.

There are no patterns in a list, so there is none that takes long: a text is cut into words once, and
each phrase is looked for in the row of them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Han, kana, Thai, Lao, Burmese and Khmer are written without spaces: there each character counts as a
# word, so that a listed one is found wherever it stands.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003134f"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
# What nobody sees, put between letters so that a word is not found.
_RANGES = (range(0x200B, 0x2010), range(0x202A, 0x202F), range(0x2060, 0x2070))
_UNSEEN = dict.fromkeys((0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *_RANGES[0], *_RANGES[1], *_RANGES[2]))
# Marks of Markdown that may stand inside of a word, which is read as one word then.
_MARKS = dict.fromkeys(map(ord, "*_~`\\"))


def words_in(text: str) -> list[str]:
    """The words of a text in the form in which they are compared."""
    return _WORD.findall(_folded(text))


def listed_in(text: str, phrases: Iterable[str]) -> tuple[str, ...]:
    """Those of the phrases whose words stand in the text, side by side, in the order of the list."""
    plain = html.unescape(text)
    rows = [_row(reading) for reading in {plain, plain.translate(_MARKS)}]
    return tuple(p for p in phrases if any(_row_of_phrase(p) in row for row in rows))


def _row(text: str) -> str:
    return f" {' '.join(words_in(text))} "


@lru_cache(maxsize=1024)
def _row_of_phrase(phrase: str) -> str:
    return _row(phrase)


def _folded(text: str) -> str:
    if text.isascii():
        # The same, ten times faster.
        return text.lower()
    # Some characters come apart only after their case is folded (Unicode 3.13, D146).
    once = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    return unicodedata.normalize("NFKC", once)
