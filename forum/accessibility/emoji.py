"""Emoji in a text: each is read out by its name, so where and how many they are matters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from forum.review import Span

MOST_IN_A_ROW = 3
"""So many may stand side by side."""
MOST_IN_POST = 6
"""So many may stand in a short text …"""
WORDS_FOR_EACH = 8
"""… and in a longer one a further one for so many words."""
MOST_STARS = 5
"""So many stars are the most that something is given."""
SAME_BULLETS, OTHER_BULLETS = 2, 3
"""So many lines that begin with the same emoji, or with some emoji, are a list."""

# Those that are drawn in colours by themselves, and five that most fonts draw so (Unicode TR 51).
_COLOURED = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2639\u263a\u261d\u2648-\u2653"
    "\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5"
    "\u26fa\u26fd\u2705\u270a-\u270c\u2728\u274c\u274e\u2753-\u2755\u2757\u2764\u2795-\u2797\u27b0"
    "\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201"
    "\U0001f21a\U0001f22f\U0001f232-\U0001f236\U0001f238-\U0001f23a\U0001f250\U0001f251"
    "\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0"
    "\U0001f900-\U0001f9ff\U0001fa70-\U0001faff"
)
# Those that are only with the selector U+FE0F behind them; without it they are signs, as ™ and ↔.
_SELECTED = (
    "\xa9\xae\u203c\u2049\u2122\u2139\u2194-\u21aa\u2300-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299\U0001f170\U0001f171\U0001f17e\U0001f17f"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_ONE = (
    f"(?:[{_COLOURED}]\ufe0f?|[{_SELECTED}]\ufe0f)[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
_EMOJI = f"(?:{_ONE}(?:\u200d(?:{_ONE}|[\u2640\u2642\u2695\u2696\u2708]))*|[0-9#*]\ufe0f?\u20e3)"
# Scripts that put spaces between their words; in others an emoji between two letters parts words.
_LETTERS = (
    "[a-zA-Z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0370-\u03ff\u0400-\u052f\u1e00-\u1fff]"
)

EMOJI = re.compile(f"{_EMOJI}|{_FLAG}")
_ROW = re.compile(rf"{_EMOJI}(?:[ \t]*{_EMOJI})+")
_GROUP = re.compile(rf"{_EMOJI}(?:[ \t]*{_EMOJI})*")
_IN_WORD = re.compile(rf"(?<!{_LETTERS}){_LETTERS}+(?:(?:{_EMOJI})+{_LETTERS}+)+")
_LAST = re.compile(rf"(?:{_EMOJI}|{_FLAG})(?:[ \t]*(?:{_EMOJI}|{_FLAG}))*")
_ANY = re.compile(f"[{_COLOURED}\u20e3\ufe0f\U0001f1e6-\U0001f1ff]")
_BULLET = re.compile(rf"[ \t]*((?:{_EMOJI}|{_FLAG})++)[ \t]*+(?=\S)")
_VOWEL = re.compile("[aeiouyà-öø-ÿœαεηιουωάέήίόύώаеёиоуыэюяіїє]", re.I)
# They say something by themselves: done, not done, beware.
_STARS = frozenset("⭐🌟")
_COUNTED = frozenset("⭐🌟🟥🟧🟨🟩🟦🟪🟫⬛⬜")
"""How many there are says something: stars of a rating, squares of a chart."""
_SIGNS = frozenset("✅❌❎✔✖☑⚠ℹ➡⬅⬆⬇❓❗⛔🔴🟢🟡🟠🔵⚪⚫\u20e3")


def has_emoji(text: str) -> bool:
    """Whether there may be an emoji in it; quick for texts without any."""
    return not text.isascii() and _ANY.search(text) is not None


def emoji_in(text: str) -> list[str]:
    """All emoji of ``text``, flags included, in order."""
    return EMOJI.findall(text)


def without_emoji(text: str) -> str:
    """``text``, as long as before, with spaces for its emoji."""
    return EMOJI.sub(lambda one: " " * len(one[0]), text) if has_emoji(text) else text


def rows_of_emoji(text: str) -> list[Span]:
    """Where more than three emoji stand side by side; flags, which say which country, are none, and
    neither are up to five stars, which say how good something is."""
    return [Span(*row.span()) for row in _ROW.finditer(text) if _is_row(EMOJI.findall(row[0]))]


def _is_row(emoji: list[str]) -> bool:
    rates = len(emoji) <= MOST_STARS and set("".join(emoji)) <= _STARS
    return len(emoji) > MOST_IN_A_ROW and not rates


def groups_of_emoji(text: str) -> list[Span]:
    """Where emoji stand, each group with only spaces between them as one; flags are none."""
    return [Span(*group.span()) for group in _GROUP.finditer(text)]


def count_of(text: str) -> int:
    """How many emoji there are; more than three side by side, found by themselves, count as many
    as would be left of them."""
    groups = (EMOJI.findall(group.of(text)) for group in groups_of_emoji(text))
    return sum(len(g if len(g) <= MOST_IN_A_ROW else each_once(g)) for g in groups)


def emoji_at_end(text: str) -> Span:
    """The emoji that ``text`` ends with, with the spaces before them; empty at its end if none."""
    last = None
    for last in _LAST.finditer(text):  # noqa: B007 - looked for from the end it takes for ever
        pass
    if last is None or text[last.end() :].strip():
        return Span(len(text), len(text))
    return Span(len(text[: last.start()].rstrip(" \t")), len(text))


def is_sign(one: str) -> bool:
    """Whether an emoji says something by itself, such as “done”."""
    return any(char in _SIGNS for char in one)


def can_go(emoji: Iterable[str]) -> bool:
    """Whether these can stand elsewhere, each once, and nothing is lost by it."""
    return not any(is_sign(one) or is_counted(one) for one in emoji)


def is_counted(one: str) -> bool:
    """Whether it says something how many of this emoji there are."""
    return any(char in _COUNTED for char in one)


def are_too_many(emoji: int, words: int) -> bool:
    """Whether a text of so many words has more emoji than one can hear and still follow."""
    return emoji > MOST_IN_POST and emoji * WORDS_FOR_EACH > words


def each_once(emoji: Iterable[str]) -> list[str]:
    """The first three different ones."""
    return list(dict.fromkeys(emoji))[:MOST_IN_A_ROW]


def emoji_in_words(text: str) -> list[Span]:
    """Words with an emoji between their letters, or written together with emoji between them."""
    return [Span(*word.span()) for word in _IN_WORD.finditer(text)]


def taken_apart(word: str) -> str | None:
    """A word from :func:`emoji_in_words` with its emoji beside it; ``None`` where one stands for
    letters that only the author knows, as in ``c🍕ffee``."""
    parts = EMOJI.split(word)
    emoji = EMOJI.findall(word)
    if not all(len(part) > 1 and _VOWEL.search(part) for part in parts):
        return None
    if len(emoji) == 1:
        return f"{parts[0]} {emoji[0]} {parts[1]}"
    return " ".join([*parts, "".join(each_once(emoji))])


def bullet_of(line: str) -> tuple[str, int] | None:
    """The emoji that ``line`` begins with, each once, and how long that beginning is, if more
    follows."""
    found = _BULLET.match(line)
    return ("".join(each_once(EMOJI.findall(found[1]))), found.end()) if found else None


def are_bullets(beginnings: list[str]) -> bool:
    """Whether lines that begin with these emoji are a list made by hand."""
    alike = len(set(beginnings)) == 1
    return len(beginnings) >= (SAME_BULLETS if alike else OTHER_BULLETS)


def say_nothing(beginnings: list[str]) -> bool:
    """Whether these bullets are only bullets: all the same, and none says “done” or the like."""
    return len(set(beginnings)) == 1 and not is_sign(beginnings[0])
