"""Where ``{lang=fr}`` stands in the source, as the parser took it."""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it.token import Token

from forum.accessibility.inline import span_of
from forum.accessibility.places import Places
from forum.review import Span
from forum.text.attributes import LANG, PICTURE


@dataclass(frozen=True, slots=True)
class LanguageMark:
    """``{lang=fr}``: its place with the braces, and the tag."""

    span: Span
    tag: str


class Languages:
    """Walks the tokens of one source; ``marks`` has all marks so far, ``present`` the language that
    the next words are marked with, empty if with none."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.marks: list[LanguageMark] = []
        self._open = [""]

    @property
    def present(self) -> str:
        """The innermost mark around what comes next."""
        return self._open[-1]

    def read(self, token: Token) -> None:
        """Take in ``token``, of a block or inside of one."""
        if token.nesting < 0:
            self._open.pop()
            return
        tag = str(token.attrs.get("lang", ""))
        if token.nesting > 0:
            self._open.append(tag or self.present)
        if tag and (span := self._span(token)):
            self.marks.append(LanguageMark(span, tag))

    def _span(self, token: Token) -> Span | None:
        """On the line before a block, at the end of a span, behind a link or a picture."""
        source = self.places.source
        if token.map:
            line = self.places.line(token.map[0] - 1)
            at = source.rfind("{", line.start, line.end)
        else:
            end = span_of(token).end
            at = source.rfind("{", 0, end) if token.type == "span_open" else end
        found = (PICTURE if token.type == "image" else LANG).match(source, max(at, 0))
        return Span(*found.span()) if found else None
