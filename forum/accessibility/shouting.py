"""Finding runs of capitals in a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from forum.accessibility.capitals import Kind, kind_of
from forum.accessibility.document import OBJECT
from forum.accessibility.emoji import without_emoji
from forum.review import Span

MIN_WORDS = 3
"""So many words in capitals are a run …"""
MIN_LETTERS = 16
"""… and so are fewer words that have as many letters as this between them."""

_CHUNK = re.compile(rf"[^\s{OBJECT}]+|{OBJECT}")
_OPENING = "\"'“‘«„»([¡¿"
_QUOTED = ")]\"'”’»«"
_CLOSING = ".,;:!?…" + _QUOTED
_PARTING = ",:;"
_LIST_MARKS = frozenset("/|•·")
_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
_SQL = re.compile(
    r"\b(?:INSERT INTO|DELETE FROM|GROUP BY|NOT NULL|(?:PRIMARY|FOREIGN) KEY"
    r"|(?:CREATE|DROP|ALTER) (?:TABLE|VIEW|INDEX|DATABASE)|(?:LEFT|RIGHT|INNER|OUTER|CROSS) JOIN)\b"
)
_SENTENCE_END = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What stands between two spaces.

    Attributes:
        place: where ``word``, which is without the punctuation around it, stands in the passage.
        parted: whether a comma or the like sets the next word apart.
        opens: whether it is the first of a sentence.
    """

    place: Span
    word: str
    kind: Kind
    parted: bool
    opens: bool


def chunks(text: str, known: Collection[str] = ()) -> Iterator[Chunk]:
    """What stands between the spaces of ``text``, each thing that is not words by itself; ``known``
    are further acronyms, those of the community."""
    opens = True
    for match in _CHUNK.finditer(text):
        opened = match[0].lstrip(_OPENING)
        word = opened.rstrip(_CLOSING)
        start = match.end() - len(opened)
        closing = opened[len(word) :]
        kind = _kind(match[0], word, closing, known)
        parted = word in _LIST_MARKS or any(mark in closing for mark in _PARTING)
        yield Chunk(Span(start, start + len(word)), word, kind, parted, opens)
        opens = match[0].rstrip(_QUOTED).endswith(_SENTENCE_END)


def shouted_runs(text: str, known: Collection[str] = ()) -> list[list[Chunk]]:
    """The runs of capitals in ``text`` that are long enough to be hard to read, and are no commands
    of a program; emoji between the words make no difference. ``known`` as for :func:`chunks`."""
    if not _may_shout(text):
        return []
    runs = _runs(chunks(without_emoji(text), known))
    return [run for run in runs if _is_long(run) and not _is_command(run)]


def _may_shout(text: str) -> bool:
    """Whether enough words have no small letter: seen in a hundredth of the time a look takes."""
    loud = [word for word in text.replace(OBJECT, " ").split() if word.isupper()]
    words = [word for word in loud if len(word.strip(_OPENING + _CLOSING)) > 1]
    return len(words) >= MIN_WORDS or sum(map(len, words)) >= MIN_LETTERS


def _kind(chunk: str, word: str, closing: str, known: Collection[str]) -> Kind:
    """What is no prose ends a run; ``ON TIME (OT)`` explains an acronym, which stays."""
    if chunk == OBJECT:
        return Kind.OTHER
    explained = chunk.startswith(("(", "[")) and any(mark in closing for mark in ")]")
    return Kind.NEUTRAL if explained else kind_of(word, known)


def _runs(chunks: Iterator[Chunk]) -> Iterator[list[Chunk]]:
    """Neighbours that are not in small letters, without the acronyms and numbers at both ends."""
    for other, group in groupby(chunks, key=lambda chunk: chunk.kind is Kind.OTHER):
        run = list(group)
        loud = [index for index, chunk in enumerate(run) if chunk.kind is Kind.CAPITALS]
        if loud and not other:
            yield run[loud[0] : loud[-1] + 1]


def _is_command(run: list[Chunk]) -> bool:
    """Whether these are words of SQL, or the methods of HTTP, which are written so."""
    words = [chunk.word for chunk in run if chunk.kind is Kind.CAPITALS]
    known = set(words)
    is_query = {"SELECT", "FROM"} <= known or _SQL.search(" ".join(words))
    return known <= _METHODS or bool(is_query)


def _is_long(run: list[Chunk]) -> bool:
    """Judged between commas: ``READ, WRITE, EXECUTE`` lists three names and does not shout."""
    words, letters = 0, 0
    for chunk in run:
        if chunk.kind is Kind.CAPITALS:
            words, letters = words + 1, letters + len(chunk.word)
        if words >= MIN_WORDS or letters >= MIN_LETTERS:
            return True
        if chunk.parted:
            words = letters = 0
    return False
