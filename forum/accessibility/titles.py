"""Judging the words of a heading, and lines that only look like one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from forum.accessibility.capitals import Kind
from forum.accessibility.inline import OBJECT
from forum.accessibility.shouting import Chunk, chunks, shouted_runs
from forum.text.lines import is_visible

MAX_LENGTH = 120
"""Characters of a heading; the issue that asked for the rule names the number."""

MAX_POSING = 60
"""Characters of a line in bold that may be taken for a heading; what is longer is stressed."""

MAX_POSING_WORDS = 8

MAX_LEADING_WORDS = 5
"""Words before a colon; more are a sentence that leads over to what comes."""

MIN_LETTERS = 5
"""Letters of a word in capitals that stands for itself: shorter ones are mostly names (NOTE, EDIT)."""

_SENTENCE = re.compile(r"""[.!?…,;。！？][)\]"'”’»*_]*$""")
_FILE_NAMES = frozenset(
    [
        "README",
        "LICENSE",
        "LICENCE",
        "CHANGELOG",
        "CONTRIBUTING",
        "COPYING",
        "NOTICE",
        "AUTHORS",
        "TODO",
    ]
)
_SPOKEN_SIGNS = ("L", "N", "So")


def is_too_long(text: str) -> bool:
    """Whether a heading of these words can no longer be taken in at a glance."""
    return len(" ".join(text.split())) > MAX_LENGTH


def has_only_marks(text: str) -> bool:
    """Whether something is to be seen in ``text``, but nothing that says anything: ``---``, ``?``.

    Emoji say something, and so does a thing that stands for :data:`OBJECT`; the signs of a font of
    icons (private use) do not.
    """
    return is_visible(text) and OBJECT not in text and not any(map(_says_something, text))


def _says_something(char: str) -> bool:
    return unicodedata.category(char).startswith(_SPOKEN_SIGNS)


def shouted_words(text: str, known: Collection[str] = ()) -> list[Chunk]:
    """The words of a heading that is all in capitals, but too short to be a run of them; ``known``
    are further acronyms, those of the community.

    Empty when it holds small letters, only acronyms, the name of a file, or anything but words.
    """
    if text == text.lower() or shouted_runs(text, known):
        return []
    found = list(chunks(text, known))
    loud = [chunk for chunk in found if chunk.kind is Kind.CAPITALS]
    if any(chunk.kind is Kind.OTHER for chunk in found) or not _is_loud(loud):
        return []
    return [chunk for chunk in found if loud[0].place <= chunk.place <= loud[-1].place]


def _is_loud(loud: list[Chunk]) -> bool:
    if len(loud) > 1:
        return True
    return bool(loud) and len(loud[0].word) >= MIN_LETTERS and loud[0].word not in _FILE_NAMES


def can_be_title(text: str) -> bool:
    """Whether a line in bold reads like a heading: short, words, and not a sentence or a name."""
    words = text.split()
    if OBJECT in text or len(text) > MAX_POSING or not 0 < len(words) <= MAX_POSING_WORDS:
        return False
    if words[-1].endswith((":", "：")) and len(words) > MAX_LEADING_WORDS:
        return False
    return any(map(str.isalpha, text)) and not _SENTENCE.search(text.rstrip())
