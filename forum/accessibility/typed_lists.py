"""Telling lists whose bullets or numbers are typed into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

_SPACE = r"[ \t\u00a0\u2002-\u200a]"
_BULLET = re.compile(rf"(?:[•◦▪▫‣⁃●○■□►▶➢➤]{_SPACE}*|[·∙*+–-]{_SPACE}+)(?=\S)")
_NUMBER = re.compile(rf"\(?([1-9]\d{{0,2}})[.)]{_SPACE}+(?=\S)")
_UNSURE = frozenset("·∙*+–-")
"""These also stand for other things: a remark, a sum, somebody who speaks."""
_SPEAKERS = frozenset("–-")
_SENTENCE = re.compile(r"""[.!?…]["'”’»“)]*\Z""")
_ASKED = re.compile(r"""[!?]["'”’»“)]*\Z""")

MIN_ITEMS = 2
MIN_UNSURE_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line begins with: ``style`` is the bullet, or how the number is written."""

    style: str
    number: int | None = None

    @property
    def opens(self) -> bool:
        """Whether it can stand before the first item of a list."""
        return self.number in (None, 1)

    @property
    def is_sure(self) -> bool:
        """Whether it can hardly be anything else than the mark of a list."""
        return self.style not in _UNSURE

    def follows(self, other: Mark) -> bool:
        """Whether it is the next mark of a list that has ``other``."""
        number = None if other.number is None else other.number + 1
        return self == Mark(other.style, number)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line of text; ``goes_on`` when nobody asked for the break before it."""

    text: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A line, by its number, that begins with ``mark``, and how many lines it has in all."""

    line: int
    mark: Mark
    length: int = 1


def mark_of(text: str) -> Mark | None:
    """The bullet or number that ``text`` begins with, if more comes after it."""
    if found := _NUMBER.match(text):
        return Mark(found[0].replace(found[1], "1").strip(), int(found[1]))
    return Mark(text[0]) if _BULLET.match(text) else None


def typed_lists(lines: Iterable[TypedLine]) -> Iterator[list[Item]]:
    """The typed lists in ``lines``, each with its items.

    Two items with the same bullet, or with numbers from 1 on, are a list; with a bullet that can
    mean something else, three, unless they are a conversation.
    """
    items: list[Item] = []
    lines = list(lines)
    for at, line in enumerate(lines):
        mark = mark_of(line.text)
        if items and mark and mark.follows(items[-1].mark):
            items.append(Item(at, mark))
        elif items and not mark and line.goes_on:
            items[-1] = replace(items[-1], length=items[-1].length + 1)
        else:
            yield from _if_list(items, lines)
            items = [Item(at, mark)] if mark and mark.opens else []
    yield from _if_list(items, lines)


def _if_list(items: list[Item], lines: Sequence[TypedLine]) -> Iterator[list[Item]]:
    least = MIN_ITEMS if items and items[0].mark.is_sure else MIN_UNSURE_ITEMS
    if len(items) >= least and not _is_conversation(items, lines):
        yield items


def _is_conversation(items: list[Item], lines: Sequence[TypedLine]) -> bool:
    """Whether somebody speaks behind each dash: all are sentences, and one asks or cries out."""
    if items[0].mark.style not in _SPEAKERS:
        return False
    ends = [lines[item.line + item.length - 1].text.rstrip() for item in items]
    return all(map(_SENTENCE.search, ends)) and any(map(_ASKED.search, ends))
