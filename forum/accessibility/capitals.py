"""Telling words in capitals from acronyms, and writing them in small letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import Enum, auto

from forum.accessibility.language_tags import primary
from forum.accessibility.wordlists import ACRONYMS, ENGLISH_NAMES

_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*)+(?:['’‐‑-](?:[^\W\d_][\u0300-\u036f]*)+)*")
_PART = re.compile("[^-‐‑]+")
_WITHOUT_LETTERS = re.compile(r"[\W\d]*")
_VOWEL = re.compile("[AEIOUY]")
_ROMAN = re.compile("(?=[XVI]{2})(?!VI\\b)X{0,3}(?:IX|IV|V?I{0,3})")
_NOUNS_HAVE_CAPITALS = frozenset({"de", "lb", "gsw", "nds"})
_DOTTED_I = frozenset({"tr", "az"})


class Kind(Enum):
    """CAPITALS make a run of capitals, NEUTRAL may stand inside it, OTHER ends it."""

    CAPITALS = auto()
    NEUTRAL = auto()
    OTHER = auto()


def kind_of(word: str, known: Collection[str] = ()) -> Kind:
    """The kind of ``word``, which has no punctuation around it.

    Args:
        known: further acronyms, those of the community.

    Names such as ``MAX_SIZE``, ``/DEV/NULL`` or ``X11`` are OTHER, and so is every word in a
    script without capitals.
    """
    if _WITHOUT_LETTERS.fullmatch(word) and "_" not in word:
        return Kind.NEUTRAL
    if not _WORD.fullmatch(word) or not all(map(_is_capital, filter(str.isalpha, word))):
        return Kind.OTHER
    is_neutral = len(word) == 1 or word in known or is_acronym(word)
    return Kind.NEUTRAL if is_neutral else Kind.CAPITALS


def _is_capital(letter: str) -> bool:
    """Whether it is read as a capital; Cherokee is written in what Unicode calls capitals."""
    if not letter.isupper() or letter.lower() == letter:
        return False
    return not unicodedata.name(letter, "").startswith("CHEROKEE")


def is_acronym(word: str) -> bool:
    """Whether ``word`` is a known acronym, cannot be spoken, as ``HTML`` and ``DVD``, or is a Roman
    number below forty, but for ``VI``, which several languages have as a word."""
    if word in ACRONYMS or _ROMAN.fullmatch(word):
        return True
    return word.isascii() and not _VOWEL.search(word)


def can_lower(language: str) -> bool:
    """Whether small letters need no knowledge of which words are nouns, as they do in German."""
    return primary(language) not in _NOUNS_HAVE_CAPITALS


def sentence_case(word: str, language: str, *, opens: bool, known: Collection[str] = ()) -> str:
    """``word``, all in capitals, as it stands in a sentence; ``opens`` when it is the first one, and
    ``known`` as for :func:`kind_of`."""
    tag = primary(language)
    if word in known or _stays(word, tag):
        return word
    lowered = _PART.sub(lambda part: part[0] if part[0] in known else _lower(part[0], tag), word)
    if not opens and not (tag == "en" and _has_a_capital(word)):
        return lowered
    return _first_capital(word[0]) + lowered[len(_lower(word[0], tag)) :]


def _stays(word: str, language: str) -> bool:
    """Acronyms, and lone letters as in ``PLAN B``; ``A`` and, in English, ``I`` are words."""
    if len(word) == 1 and language == "en":
        return word != "A"
    return is_acronym(word)


def _has_a_capital(word: str) -> bool:
    """``I'm``, days and months have one wherever they stand."""
    return word in ENGLISH_NAMES or word[:2] in ("I'", "I’")


def _lower(part: str, language: str) -> str:
    """``part`` in small letters unless it is an acronym; Turkish has an i without a dot."""
    if is_acronym(part):
        return part
    if language in _DOTTED_I:
        part = part.replace("I", "ı")
    return part.replace("İ", "i").lower()


def _first_capital(letter: str) -> str:
    """``letter`` at the start of a sentence: ``ǅ`` for ``Ǆ``; Georgian has no capitals there."""
    georgian = "\u1c90" <= letter <= "\u1cbf"
    return letter.lower() if georgian else letter.title()
