"""Acronyms of the community at their first use, against its glossary."""

from __future__ import annotations

import re
from functools import lru_cache

from forum.review import Span

Glossary = tuple[tuple[str, str], ...]
"""Acronyms, each with what it stands for."""
EXAMPLE: Glossary = (("ABC", "Always Be Calm"),)
"""The glossary of the rule's examples."""

_BLANK = "\ufffc"


def first_uses(texts: list[str], glossary: Glossary) -> list[tuple[int, Span, str]]:
    """Acronyms that nothing in ``texts`` explains: number of the text, place there, explanation.

    What an acronym stands for may be written out anywhere; a text that has it explains it, and so
    does one that has words in brackets behind it, or it in brackets behind words.
    """
    uses, explanations, brackets = _patterns(glossary)
    if not any(uses.search(text) for text in texts):
        return []
    blanked = [explanations.sub(_blank, text) for text in texts]
    said = {_folded(found[0]) for text in texts for found in explanations.finditer(text)}
    said |= {found[found.lastgroup or 0] for text in texts for found in brackets.finditer(text)}
    unsaid = {s: long for s, long in glossary if s not in said and _folded(long) not in said}
    return _first(blanked, unsaid)


def _first(texts: list[str], open_: dict[str, str]) -> list[tuple[int, Span, str]]:
    found = []
    uses, *_ = _patterns(tuple(open_.items()))
    for number, text in enumerate(texts):
        for use in uses.finditer(text) if open_ else ():
            if long := open_.pop(use["short"], ""):
                found.append((number, Span(*use.span()), long))
    return found


@lru_cache(maxsize=16)
def _patterns(glossary: Glossary) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Of the acronyms as whole words, also of several (``APIs``) and with what they own (``API's``);
    of what they stand for; and of those that brackets explain.

    Longer ones first, or ``API`` would hide ``APIC``. A part of a name or an address is no use.
    """
    short = "|".join(re.escape(short) for short in _by_length([short for short, _ in glossary]))
    longer = _by_length([long for _, long in glossary])
    long = "|".join(r"\s+".join(map(re.escape, words.split())) for words in longer)
    return (
        re.compile(rf"(?<![\w./@-])(?P<short>{short or '(?!)'})(?:['’]?s)?(?![\w@]|[./-]\w)"),
        re.compile(rf"(?<!\w)(?:{long or '(?!)'})(?!\w)", re.IGNORECASE),
        re.compile(
            rf"(?<!\w)(?P<before>{short or '(?!)'})s? ?\((?=[^()]{{0,20}}[^\W\d_]{{2}})"
            rf"|(?:[^\W\d_]|{_BLANK}) ?\((?P<behind>{short or '(?!)'})s?\)"
        ),
    )


def _by_length(words: list[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)


def _blank(found: re.Match[str]) -> str:
    return _BLANK * len(found[0])


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())
