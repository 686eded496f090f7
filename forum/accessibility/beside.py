"""The words around pictures: what a reader meets right before and right after each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forum.accessibility.document import Document, Link, Passage, Picture
from forum.review import Span

_BETWEEN = re.compile(r"(?:\{[^{}\n]*\})?[\W_]{0,40}")
"""What may stand between a picture and what belongs to it: its marks, space, punctuation."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, the link around it, and the texts that may be its caption or say its words again."""

    picture: Picture
    link: Link | None
    beside: tuple[str, ...]


def pictures_with_words_beside(document: Document) -> Iterator[Shown]:
    """All pictures of ``document``, in reading order. Takes time linear in its length."""
    lines = {p.passage: list(_line(document.passages[p.passage])) for p in document.pictures}
    places = {
        (number, part): index
        for number, line in lines.items()
        for index, part in enumerate(line)
        if isinstance(part, Span)
    }
    for picture, link in _with_links(document):
        line, index = lines[picture.passage], places.get((picture.passage, picture.span), 0)
        near = [*line[max(0, index - 1) : index], *line[index + 1 : index + 2]]
        texts = [text for text in near if isinstance(text, str)]
        caption = [_caption(document, picture)] if len(line) == 1 else []
        rest = [] if link is None else [link.text.replace(picture.text, " ", 1)]
        yield Shown(picture, link, (picture.title, *rest, *texts, *caption))


def _line(passage: Passage) -> Iterator[str | Span]:
    """What a passage holds: its words, line by line, and the places of what is not words."""
    words = ""
    for run in passage.runs:
        if run.prose:
            words += run.text
            continue
        if words.strip():
            yield words
        words = ""
        if run.text != "\n":
            yield run.span
    if words.strip():
        yield words


def _caption(document: Document, picture: Picture) -> str:
    """The text of the next paragraph: that of a picture which stands by itself may be about it."""
    following = document.passages[picture.passage + 1 : picture.passage + 2]
    if not following or not following[0].runs:
        return ""
    start = following[0].runs[0].span.start
    return following[0].text if _BETWEEN.fullmatch(document.source, picture.span.end, start) else ""


def _with_links(document: Document) -> Iterator[tuple[Picture, Link | None]]:
    links = iter(document.links)
    link = next(links, None)
    for picture in document.pictures:
        while link and link.span.end <= picture.span.start:
            link = next(links, None)
        is_inside = link is not None and link.span.start < picture.span.start
        yield picture, link if is_inside else None
