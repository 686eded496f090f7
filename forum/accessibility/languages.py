"""What language a sentence is in, told only with high confidence."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Protocol, cast

from forum.accessibility.function_words import FUNCTION_WORDS, OWN_SCRIPT
from forum.accessibility.language_tags import primary

MIN_WORDS, MIN_LETTERS = 8, 40
"""Shorter texts are not judged …"""
MIN_SIGNS = 20
"""… nor those with fewer signs in the scripts from Thai on, where one says more."""
MIN_SHARE = 90
"""Percent of a text that have to be in the language."""
MIN_FUNCTION_WORDS, EACH_WORDS = 2, 10
"""So many different small words of a language, and one of any for ten words, confirm it."""
QUOTED = 4
"""So many small words of another language for each of the expected one, and it is only quoted."""
PLAINLY = 4
"""One small word in so many, and there is nothing to ask."""

# A word and what may stand around it; what has figures or marks inside is a name or a formula.
_LETTER = (
    r"(?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e"
    r"\u0eb1-\u0ece\u1000-\u109f\u1780-\u17d3ー々])"
)
_WORD = re.compile(
    rf"(?<!\S)[\"'“‘«„»(\[¿¡]*({_LETTER}+(?:['’‐‑-]{_LETTER}+)*)[.,;:!?…\"'”’»«)\]]*(?!\S)"
)
_WIDE_MARKS = dict.fromkeys(map(ord, "、。，！？：；「」『』（）・…"), " ")
_EASTERN = 0xE00
_TAGS = {"iw": "he", "jw": "jv", "no": "nb"}
# Written so much alike that neither is told from the other with high confidence.
_ALIKE = (
    {"nb", "nn", "no", "da"}, {"hr", "bs", "sr", "sh"}, {"cs", "sk"}, {"id", "ms"}, {"gl", "pt"},
    {"ca", "oc"}, {"af", "nl"}, {"fa", "prs", "tg", "ps", "ur"}, {"hi", "mr", "ne", "bho", "mai"},
    {"zh", "yue", "wuu", "lzh", "nan", "hak"}, {"en", "sco"}, {"de", "gsw", "nds", "lb", "bar"},
    {"bg", "mk"}, {"ru", "be"}, {"it", "co", "scn"},
)  # fmt: skip


class _Detector(Protocol):
    error: type[Exception]
    LANGUAGES: tuple[tuple[str, str], ...]
    DETECTED_LANGUAGES: tuple[str, ...]

    def detect(
        self,
        text: str,
        *,
        isPlainText: bool,  # noqa: N803 - the library's word
    ) -> tuple[bool, int, tuple[tuple[str, str, int, float], ...]]: ...


@cache
def _detector() -> _Detector | None:
    """The detector, first loaded where it is first needed; ``None`` where it is not installed."""
    try:
        import pycld2
    except ImportError:
        return None
    return cast(_Detector, pycld2)


def can_detect() -> bool:
    """Whether languages can be told here at all."""
    return _detector() is not None


def other_language_of(text: str, expected: str) -> str | None:
    """The tag of the language ``text`` is in, if that is with high confidence another than it
    should be.

    Two opinions have to agree: that of the detector (CLD2, by groups of four letters), and the small
    words of the language, or its own script.

    Args:
        expected: BCP 47 tag of the language that it should be in. Of one that the detector does not
            know nothing is told from it.
    """
    language = primary(expected)
    if len(text) < MIN_SIGNS or _is_plainly(text, language):
        return None
    detector, words = _detector(), _words(text)
    if detector is None or language not in _known() or not _is_long_enough(words):
        return None
    try:
        is_reliable, _, guesses = detector.detect(" ".join(words), isPlainText=True)
    except (detector.error, ValueError):
        return None
    tag = _TAGS.get(guesses[0][1], guesses[0][1])
    if not is_reliable or guesses[0][2] < MIN_SHARE or _are_alike(primary(tag), language):
        return None
    return tag if _is_confirmed(words, primary(tag), language) else None


def _is_plainly(text: str, language: str) -> bool:
    """Whether every fourth word is a small one of ``language``: seen before the detector is asked,
    for most of what people write is in the language that it should be in."""
    small = FUNCTION_WORDS.get(language, frozenset())
    words = text.casefold().split()
    return sum(word in small for word in words) * PLAINLY >= len(words)


def _words(text: str) -> list[str]:
    """The words of ``text``; none if so much of it is something else that it is no prose."""
    spaced = unicodedata.normalize("NFC", text).replace("\ufffc", " ").translate(_WIDE_MARKS)
    words = _WORD.findall(spaced)
    return words if len(words) * 4 >= len(spaced.split()) * 3 else []


def _is_long_enough(words: list[str]) -> bool:
    letters = sum(map(len, words))
    if words and all(ord(word[0]) >= _EASTERN for word in words):
        return letters >= MIN_SIGNS
    return len(words) >= MIN_WORDS and letters >= MIN_LETTERS


@cache
def _known() -> frozenset[str]:
    """Languages that the detector can tell."""
    detector = _detector()
    if detector is None:
        return frozenset()
    detected = set(detector.DETECTED_LANGUAGES)
    codes = {_TAGS.get(code, code) for name, code in detector.LANGUAGES if name in detected}
    return frozenset({*map(primary, codes), "no", "nn"})


def _are_alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= group for group in _ALIKE)


def _is_confirmed(words: list[str], found: str, expected: str) -> bool:
    """Whether the words themselves speak for ``found``, and far less for ``expected``; a capital
    makes a part of a name of one (“Los Angeles”), unless it is the first."""
    if found in OWN_SCRIPT:
        return True
    small = [word.casefold() for at, word in enumerate(words) if not at or word == word.lower()]
    others, own = FUNCTION_WORDS.get(found, frozenset()), FUNCTION_WORDS.get(expected, frozenset())
    for_it = [word for word in small if word in others]
    against = sum(word in own for word in small)
    return (
        len(set(for_it)) >= MIN_FUNCTION_WORDS
        and len(for_it) * EACH_WORDS >= len(words)
        and len(for_it) > 2 * against
        and not _is_mixed([word for word in small if word in own - others], len(for_it))
    )


def _is_mixed(own: list[str], others: int) -> bool:
    """Whether a sentence in the expected language only quotes the other one: by small words that no
    language but the expected one has."""
    return len(set(own)) >= MIN_FUNCTION_WORDS and len(own) * QUOTED >= others
