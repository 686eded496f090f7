"""What can be seen of a text, above all of single lines: names and titles."""

from __future__ import annotations

import re
import unicodedata

# Zero width non-joiner and joiner: Persian needs the one, many emoji the other. Soft hyphen.
_JOINERS = dict.fromkeys((0x200C, 0x200D, 0xAD))
# Letters and signs that are drawn as nothing: fillers of Hangul, the empty pattern of Braille, the
# inherent vowels of Khmer, the separator of Mongolian, a null note head.
_BLANK = "\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\U0001d159"
# What only changes the letter before it.
_UNSEEN = "\xad\u034f\u180b-\u180d\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
# An emoji may have a selector and a joiner, one after the other; three or more hide something.
_HIDDEN = re.compile(rf"[{_BLANK}]|(?:^|\s)[{_UNSEEN}]|[{_UNSEEN}]{{3}}")
# Scripts with letters that look like each other's (Unicode Technical Standard 39, section 4).
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})


def is_readable_line(text: str) -> bool:
    """Whether everything in the line can be seen, or belongs to how a word or an emoji is written.

    Control characters, those that turn the direction of the text around, and letters that are drawn
    as nothing are not readable.
    """
    return text.translate(_JOINERS).isprintable() and not _HIDDEN.search(text)


def is_visible(text: str) -> bool:
    """Whether anything of ``text`` can be seen or is read out: not only spaces and format marks."""
    return any(
        unicodedata.category(char)[0] not in "ZC" or unicodedata.category(char) == "Co"
        for char in text
        if char not in _BLANK
    )


def has_mixed_word(text: str) -> bool:
    """Whether a word has letters of two scripts that look alike, as “Аda” with a Cyrillic А."""
    return any(len(_ALIKE & {_script(letter) for letter in word}) > 1 for word in text.split())


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
