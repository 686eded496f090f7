"""Letters that Unicode has for mathematics and for lists, used as if they were a font."""

from __future__ import annotations

import re
import unicodedata

from forum.review import Span

MIN_WORD = 4
"""So many such letters in a row, with a vowel, are a word; mathematics writes fewer …"""
MIN_LETTERS = 6
"""… and so are this many letters in several words, each with a vowel."""
MIN_SMALL = 3
"""So many small capitals, of which phonetics hardly use one, are lettering."""

_FULLWIDTH = "\uff21-\uff3a\uff41-\uff5a"
# 𝐀 to 𝟿, ⒜ to ⓩ, 🄐 to 🅿, and letters of other blocks that fill holes in the mathematical ones.
_POSING = (
    f"\U0001d400-\U0001d7ff\u249c-\u24e9{_FULLWIDTH}\uff10-\uff19\U0001f110-\U0001f129"
    "\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
    "ℂℊℋℌℍℎℐℑℒℓℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ"
)
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_RAISED = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_ANY = re.compile(f"[{_POSING}{''.join(_SMALL_CAPITALS)}{_RAISED}]")
_RUN = re.compile(rf"[{_POSING}]+(?:[^\w\n\ufffc{_POSING}]{{1,40}}[{_POSING}]+)*")
_CAPITALS = "".join(_SMALL_CAPITALS)
_SMALL_WORD = f"(?<![a-z{_CAPITALS}])[a-z]*[{_CAPITALS}][a-z{_CAPITALS}]*"
_SMALL = re.compile(
    rf"{_SMALL_WORD}(?:[ \t.,;:!?'’-]{{1,3}}{_SMALL_WORD})*|[{_RAISED}]{{{MIN_WORD},}}"
)
_PHONETIC_ONLY = frozenset("ᴀᴄᴅᴇꜰᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡᴢ")
_VOWEL = re.compile("[aeiouyαεηιουω]", re.I)
_WORD = re.compile("[^\\W\\d_]+")
_WIDE_SCRIPT = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NEGATIVE = ((0x1F150, 0x1F169), (0x1F170, 0x1F189))


def plain(text: str) -> str:
    """``text`` in plain letters, as long as before: only what is one character of its own changes.

    Source: compatibility decomposition (NFKC, Unicode TR 15); the white letters on black, which
    have none, by their names.
    """
    return text if text.isascii() else "".join(map(_plain, text)) if _ANY.search(text) else text


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if char in _SMALL_CAPITALS:
        return _SMALL_CAPITALS[char]
    for first, last in _NEGATIVE:
        if first <= ord(char) <= last:
            return chr(ord("A") + ord(char) - first)
    if not _ANY.match(char):
        return char
    return unicodedata.normalize("NFKC", char).strip("()")


def posing_letters(text: str) -> list[Span]:
    """Where ``text`` is set in letters that only look like a font.

    Single letters and short ones without a vowel are mathematics, as in ``𝑥 ∈ ℝ``; wide letters
    in Chinese, Japanese and Korean are how they are written.
    """
    if text.isascii() or not _ANY.search(text):
        return []
    wide = _WIDE_SCRIPT.search(text) is not None
    runs = [Span(*run.span()) for run in _RUN.finditer(text) if _is_prose(run[0], wide)]
    small = [Span(*run.span()) for run in _SMALL.finditer(text) if _is_small_prose(run[0])]
    return sorted(runs + small)


def _is_prose(run: str, wide: bool) -> bool:
    if wide and re.fullmatch(f"[{_FULLWIDTH}\uff10-\uff19\\s\\W]+", run):
        return False
    words = [word for word in _WORD.findall(plain(run)) if len(word) > 1]
    spoken = [word for word in words if _VOWEL.search(word)]
    if any(len(word) >= MIN_WORD for word in spoken):
        return True
    return len(words) == len(spoken) > 1 and sum(map(len, words)) >= MIN_LETTERS


def _is_small_prose(run: str) -> bool:
    """Phonetics use some small capitals between small letters, but hardly ever only such ones."""
    if run[0] in _RAISED:
        return True
    small = [char for char in run if char in _SMALL_CAPITALS]
    return len(small) >= MIN_SMALL and any(char in _PHONETIC_ONLY for char in small)
