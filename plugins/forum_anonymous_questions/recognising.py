"""What in a draft may tell who wrote it: listed for its author, and kept nowhere.

It looks at words, not at sense, so it says too much rather than too little; what remains is for the author
to see. Texts are capped before they come here (32 KiB).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from babel.core import Locale, UnknownLocaleError
from babel.dates import get_day_names, get_month_names

MOST_FOUND = 100
MOST_PLACES = 2_000
# Where all nouns begin with a capital letter, one in a sentence is no sign of a name.
CAPITAL_NOUNS = frozenset({"de", "lb", "gsw", "nds"})
SHORTEST_RARE = 5
# A word that fewer of the posts looked at use is rare; with fewer posts nothing can be said.
USED_BY = 2
ENOUGH_POSTS = 30


class Kind(StrEnum):
    """What was found, in the order to look at it."""

    NAME = "name"
    ADDRESS = "address"
    DATE = "date"
    PROJECT = "project"
    RARE = "rare"


@dataclass(frozen=True, slots=True)
class Recognised:
    """Something by which a writer may be known.

    Attributes:
        words: as they stand in the draft.
        line: of the text, from 1, where it stands first; 0 in the title.
        times: how often it is there.
    """

    kind: Kind
    words: str
    line: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """How the forum's own posts write.

    Attributes:
        posts: how many were looked at.
        common: the words, in small letters, that at least ``USED_BY`` of them use.
    """

    posts: int = 0
    common: frozenset[str] = frozenset()

    @classmethod
    def of(cls, sources: Iterable[str]) -> Usage:
        """The usage of these posts."""
        posts, used = 0, dict[str, int]()
        for source in sources:
            posts += 1
            for word in {word.lower() for word in _WORD.findall(source)}:
                used[word] = used.get(word, 0) + 1
        return cls(posts, frozenset(word for word, times in used.items() if times >= USED_BY))

    def is_rare(self, word: str) -> bool:
        """Whether hardly anybody writes this word here."""
        return self.posts >= ENOUGH_POSTS and word.lower() not in self.common


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CAPITAL = re.compile(r"(?<![\w@/.])[^\W\d_a-z][^\W\d_]*[^\W\d_A-Z](?:-[^\W\d_]+)*(?!\w)")
_SENTENCE_ENDS = re.compile(
    r"(?:^|[.!?:…]['\"”’)*_]*\s+|\n\s*(?:[-*+>#]+\s+|\d+[.)]\s+)*|[\"“„(|]\s*)$"
)
_LOUD_BEFORE = re.compile(r"\b[A-Z]{2,}[,!?.:]? $")
_LOUD_BEHIND = re.compile(r"[,!?.:]? [A-Z]{2,}\b")
_HANDLE = re.compile(r"(?<![\w@])@[\w.-]{2,40}")
_ADDRESS = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"|\b(?:https?|ftp|ssh|file)://[^\s<>)\]]+"
    r"|\bwww\.[^\s<>)\]]+"
    r"|(?<![\w/])(?:~|\.{1,2})?/(?:[\w.@-]+/)+[\w.@-]*"
    r"|\b[A-Za-z]:\\[^\s<>|]+"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|\b[\w-]{1,60}\.(?:py|js|ts|java|cs|go|rs|c|h|cpp|sh|sql|ya?ml|toml|json|xml|cfg|conf|ini|log|csv|xlsx?"
    r"|docx?|pptx?|pdf|zip)\b"
)
_NUMBER_DATE = re.compile(
    r"\b\d{4}-\d{1,2}(?:-\d{1,2})?\b|\b\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
    r"|\b\d{1,2}[:.]\d{2}\s?(?:[ap]\.?m\b\.?|h\b|uhr\b)?",
    re.IGNORECASE,
)
_PROJECT = re.compile(
    r"(?<![\w@/.-])(?:[^\W\d_a-z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|[a-z]+(?:[A-Z][a-z0-9]*)+"
    r"|[A-Z][A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)*|(?=[\w-]{0,40}[^\W\d_])(?=[\w-]{0,40}\d)\w[\w-]{1,40}|\w+_\w+)(?!\w)"
)


def recognised(
    source: str,
    *,
    title: str = "",
    language: str = "en",
    members: Collection[str] = (),
    usage: Usage | None = None,
) -> list[Recognised]:
    """What may tell who wrote this, the first ``MOST_FOUND``.

    Args:
        language: BCP 47 tag of what it is in: names of days and months depend on it.
        members: names of members that may stand in it.
        usage: how others write here; without it nothing is said of rare words.
    """
    looked = _Looked(f"{title}\n{source}", language, members, usage or Usage())
    places: dict[tuple[Kind, str], list[int]] = {}
    for kind, start, words in islice(looked.all(), MOST_PLACES):
        places.setdefault((kind, words), []).append(start)
    order = list(Kind)
    met = sorted(places.items(), key=lambda one: (order.index(one[0][0]), min(one[1])))
    return [
        Recognised(kind, words, bisect_left(looked.breaks, min(starts)), len(starts))
        for (kind, words), starts in met[:MOST_FOUND]
    ]


class _Looked:
    """One text; each place of it is said to be one thing only."""

    def __init__(self, text: str, language: str, members: Collection[str], usage: Usage) -> None:
        self.text, self._language, self._usage = text, language, usage
        self._members = members
        self._taken = bytearray(len(text))
        self.breaks = [match.start() for match in re.finditer("\n", text)]

    def all(self) -> Iterator[tuple[Kind, int, str]]:
        """Everything, the surest first: what is taken once is not taken again."""
        yield from self._matches(Kind.ADDRESS, _ADDRESS)
        yield from self._matches(Kind.NAME, _HANDLE)
        yield from self._matches(Kind.DATE, _NUMBER_DATE)
        yield from self._matches(Kind.DATE, _named_dates(self._language))
        if self._members:
            yield from self._matches(Kind.NAME, _any_of(self._members))
        yield from self._matches(Kind.PROJECT, _PROJECT)
        yield from self._capitals()
        yield from self._rare()

    def _matches(self, kind: Kind, pattern: re.Pattern[str]) -> Iterator[tuple[Kind, int, str]]:
        for match in pattern.finditer(self.text):
            words = match.group().rstrip(".,;:!? \n")
            if kind is Kind.PROJECT and self._is_shouted(match):
                continue
            if words and self._take(match.start(), match.start() + len(words)):
                yield kind, match.start(), words

    def _is_shouted(self, match: re.Match[str]) -> bool:
        # Capital letters beside capital letters are loud words, and no abbreviation.
        if not (match.group().isalpha() and match.group().isupper()):
            return False
        start, end = match.span()
        before, behind = self.text[max(0, start - 30) : start], self.text[end : end + 30]
        return bool(_LOUD_BEFORE.search(before) or _LOUD_BEHIND.match(behind))

    def _take(self, start: int, end: int) -> bool:
        if any(self._taken[start:end]):
            return False
        self._taken[start:end] = b"\1" * (end - start)
        return True

    def _capitals(self) -> Iterator[tuple[Kind, int, str]]:
        are_nouns = self._language.partition("-")[0] in CAPITAL_NOUNS
        for match in _CAPITAL.finditer(self.text):
            before = self.text[max(0, match.start() - 40) : match.start()]
            if _SENTENCE_ENDS.search(before) or (
                are_nouns and not self._usage.is_rare(match.group())
            ):
                continue
            if self._take(*match.span()):
                yield Kind.NAME, match.start(), match.group()

    def _rare(self) -> Iterator[tuple[Kind, int, str]]:
        start = end = -1
        for match in _WORD.finditer(self.text):
            word = match.group()
            is_rare = len(word) >= SHORTEST_RARE and self._usage.is_rare(word)
            if not is_rare or any(self._taken[match.start() : match.end()]):
                continue
            # Rare words side by side are one phrase.
            if start >= 0 and self.text[end : match.start()] != " ":
                yield Kind.RARE, start, self.text[start:end]
                start = -1
            start, end = (match.start() if start < 0 else start), match.end()
        if start >= 0:
            yield Kind.RARE, start, self.text[start:end]


def _any_of(words: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _named_dates(language: str) -> re.Pattern[str]:
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    days = {name for name in get_day_names("wide", locale=locale).values() if name}
    months = {name for name in get_month_names("wide", locale=locale).values() if name}
    day = rf"(?:{'|'.join(map(re.escape, sorted(days)))})s?"
    month = "|".join(map(re.escape, sorted(months)))
    number = r"\d{1,2}(?:st|nd|rd|th|\.)?"
    dated = rf"{number}\s(?:of\s|de\s)?(?:{month})(?:\s\d{{4}})?|(?:{month})\s{number}(?!\d)(?:,?\s\d{{4}})?"
    return re.compile(rf"(?<!\w)(?:{dated}|(?:{month})\s\d{{4}}|{day})(?!\w)", re.IGNORECASE)


def candidates(text: str) -> list[str]:
    """The words of a text that may be parts of members' names: those with a capital letter, at most
    100."""
    found = (match.group() for match in _WORD.finditer(text))
    return list(dict.fromkeys(word for word in found if word[0].isupper() and len(word) > 1))[:100]
