"""Bytes as words that people can write down and type again.

The words are those of the Electronic Frontier Foundation's long list without its four with a hyphen, as one
of them is there without it, too: 7,772 of three to nine letters. None is the beginning of another, so that
it does not matter what stands between them, or whether anything does.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache
from importlib.resources import files

WORDS = 7_772
_SHORTEST, _LONGEST = 3, 9


@cache
def word_list() -> tuple[str, ...]:
    """All words, in their order. What words say depends on it."""
    text = (files("xkcdpass") / "static" / "eff-long").read_text(encoding="ascii")
    return tuple(word for word in text.split() if word.isalpha())


@cache
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(word_list())}


def count_for(size: int) -> int:
    """How many words hold so many bytes."""
    return math.ceil(size * 8 / math.log2(WORDS))


def in_words(content: bytes) -> str:
    """Bytes as words with spaces between; of one length always equally many."""
    number, found = int.from_bytes(content, "big"), []
    for _ in range(count_for(len(content))):
        number, place = divmod(number, WORDS)
        found.append(word_list()[place])
    return " ".join(reversed(found))


def from_words(text: str, size: int) -> bytes | None:
    """The bytes that these words say, ``None`` where they say none of this length."""
    places = places_in(text)
    if places is None or len(places) != count_for(size):
        return None
    number = 0
    for place in places:
        number = number * WORDS + place
    return number.to_bytes(size, "big") if number < 1 << (8 * size) else None


def places_in(text: str, most: int = 100) -> list[int] | None:
    """The words of a text as their places in the list, ``None`` where something else stands there.

    Capitals, forms of letters, and everything that is no letter do not matter.
    """
    folded = unicodedata.normalize("NFKC", text[: most * 20]).casefold()
    letters = "".join(sign for sign in folded if sign.isalpha())
    found: list[int] = []
    at = 0
    while at < len(letters):
        ends = range(at + _SHORTEST, min(at + _LONGEST, len(letters)) + 1)
        end = next((end for end in ends if letters[at:end] in _places()), None)
        if end is None or len(found) == most:
            return None
        found.append(_places()[letters[at:end]])
        at = end
    return found
