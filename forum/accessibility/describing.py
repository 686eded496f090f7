"""What pictures say to those who do not see them, and how that is written anew in a source."""

from __future__ import annotations

from collections.abc import Mapping

from forum.accessibility.document import Document, Picture
from forum.accessibility.repair import replaced
from forum.review import Span
from forum.text.allowed import is_own_picture
from forum.text.pictures import picture_label

DECORATIVE = "decorative"


def own_pictures(document: Document) -> list[Picture]:
    """The pictures of ``document`` that were uploaded here, in the order of its source."""
    found = [picture for picture in document.pictures if is_own_picture(picture.address)]
    return sorted(found, key=lambda picture: picture.span)


def picture_at(document: Document, span: Span | None) -> Picture | None:
    """The picture of our own that a finding with this span is about, if it is about one."""
    if span is None:
        return None
    return next((p for p in own_pictures(document) if p.span.start == span.start), None)


def described(document: Document, words: Mapping[Span, str]) -> str:
    """The source with these alternatives in place of what the pictures had; an empty one marks the
    picture as decoration. Everything else stays as it is, character for character.

    Args:
        words: by the span of the picture; white space in them is folded.
    """
    source = document.source
    edits = [
        (
            Span(picture.span.start, picture.marks.end),
            _written(source, picture, words[picture.span]),
        )
        for picture in own_pictures(document)
        if picture.span in words
    ]
    return replaced(source, Span(0, len(source)), edits)


def _written(source: str, picture: Picture, words: str) -> str:
    return f"![{picture_label(words)}]{_target(source, picture)}{_marks(source, picture, words)}"


def _target(source: str, picture: Picture) -> str:
    """What stands behind the label: the address, with the title where there is one. A reference to a
    definition elsewhere becomes the address, since its name may be the label itself."""
    written = picture.span.of(source)
    label, opening, rest = written.rpartition(f"]({picture.address}")
    if not opening:
        label, opening, rest = written.rpartition(f"](<{picture.address}>")
    return opening[1:] + rest if opening and label else f"({picture.address})"


def _marks(source: str, picture: Picture, words: str) -> str:
    kept = [
        word
        for mark in picture.marks.of(source).split("{")
        for word in mark.rstrip("} ").split()
        if word != DECORATIVE
    ]
    said = kept if words.strip() else [DECORATIVE, *kept]
    return f"{{{' '.join(said)}}}" if said else ""
