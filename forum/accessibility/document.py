"""A draft, parsed once into the things that rules speak about, each with its place in the source.

The parser is the one that renders the post (:mod:`forum.text.markdown`), so a rule never sees
something else than the reader will. All spans are offsets into :attr:`Document.source`, which is
the *normalised* source: the same text that is stored and rendered.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from forum.accessibility.blocks import Group, groups_of
from forum.accessibility.inline import OBJECT as OBJECT
from forum.accessibility.inline import objects, span_of, words
from forum.accessibility.marks import LanguageMark, Languages
from forum.accessibility.places import Places
from forum.review import Draft, Span
from forum.text.attributes import PICTURE
from forum.text.lines import is_visible
from forum.text.markdown import normalize, parse

_MARKS = re.compile(f"(?:{PICTURE.pattern})*")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``marks`` are its ``#`` signs (``None`` when underlined), ``nested`` if quoted."""

    level: int
    span: Span
    marks: Span | None
    text: str
    nested: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link.

    Attributes:
        span: all of it, as in ``[label](address "title")``.
        label: what stands between the square brackets; ``None`` for a bare address.
        text: what a screen reader says: the words and the alternatives of pictures.
        pictures: how many pictures it holds.
        passage: which of the document's passages it stands in.
    """

    span: Span
    label: Span | None
    href: str
    title: str
    text: str
    pictures: int
    passage: int = 0

    @property
    def leads_nowhere(self) -> bool:
        """Whether its address is only ``#``."""
        return not is_visible(self.href.removeprefix("#"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Attributes:
        span: all of it, as in ``![alternative](address "title")``, less attributes behind it.
        marks: those attributes, as in ``{decorative}``; empty when there are none.
        text: the alternative.
        decorative: whether the author says that it has no meaning.
        names_link: whether a link around it has nothing else to say where it leads.
        label: the alternative as it is written; ``None`` where its end is unknown.
        title: the words in quotes behind the address.
        passage: which of the document's passages it stands in.
    """

    span: Span
    marks: Span
    address: str
    text: str
    decorative: bool
    names_link: bool = False
    label: Span | None = None
    title: str = ""
    passage: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its line without what is around it, and its cells' words.

    A cell also has one :data:`OBJECT` for each thing in it that is not words.
    """

    span: Span
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything to see."""
        return not any(is_visible(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``header``, the line of dashes (``rule``), and the rows below it."""

    span: Span
    header: Row
    rule: Span
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text without markup; ``prose`` is false for code, pictures, bare addresses.

    ``language`` is the tag that it is marked with, itself or with what is around it.
    """

    span: Span
    text: str
    prose: bool = True
    language: str = ""

    def offsets(self, source: str) -> list[int]:
        """Where in ``source`` each character of ``text`` is written; -1 where that is unknown.

        An escape (``\\*``) or a character reference (``&amp;``) is longer than what it stands for.
        """
        if self.span.of(source) == self.text:
            return list(range(self.span.start, self.span.end))
        found = list(_aligned(self, source)) if self.prose else []
        return found if len(found) == len(self.text) else [-1] * len(self.text)


def _aligned(run: TextRun, source: str) -> Iterator[int]:
    """Offsets of the characters of ``run``; stops early where source and text part ways."""
    start = at = run.span.start
    pending = ""
    for char in run.text:
        if not pending:
            start = at
            reference = _ENTITY.match(source, at, run.span.end)
            if reference and (value := html.unescape(reference[0])).startswith(char):
                at, pending = reference.end(), value
            else:
                at += source[at : at + 1] == "\\" and source[at + 1 : at + 2] == char
                start, pending, at = at, source[at : at + 1], at + 1
        if not pending.startswith(char) or at > run.span.end:
            return
        yield start
        pending = pending[len(char) :]


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one paragraph, heading or cell.

    It is ``nested`` in a quotation or a footnote, and ``quoted`` when somebody else is.
    """

    runs: tuple[TextRun, ...]
    nested: bool
    quoted: bool = False

    @property
    def text(self) -> str:
        """Its words, with :data:`OBJECT` for each run that is not prose."""
        return "".join(run.text for run in self.runs)

    def offsets(self, source: str) -> list[int]:
        """Where in ``source`` each character of :attr:`text` is written; -1 where unknown."""
        return [offset for run in self.runs for offset in run.offsets(source)]


@dataclass(frozen=True, slots=True)
class Document:
    """What a draft holds, in the order a reader meets it.

    Attributes:
        source: the normalised Markdown, to which all spans refer.
        language: BCP 47 tag of the language the draft is most likely in.
        headings, links, pictures, tables, passages, language_marks: those things, each with its
            place.
        groups: the blocks side by side, by what holds them.
        titles: what pages of this forum are called, by the address that a link has to them.
        glossary: the community's acronyms, each with what it stands for.
    """

    source: str
    language: str
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    passages: tuple[Passage, ...]
    groups: tuple[Group, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    language_marks: tuple[LanguageMark, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()

    @property
    def acronyms(self) -> frozenset[str]:
        """Those of the community's glossary."""
        return frozenset(short for short, _ in self.glossary)

    @classmethod
    def of(cls, draft: Draft) -> Document:
        """The document of ``draft``; raises as :meth:`parse`."""
        return cls.parse(draft.source, draft.language, draft.titles, draft.glossary)

    @classmethod
    def parse(
        cls,
        source: str,
        language: str = "en",
        titles: Mapping[str, str] | None = None,
        glossary: tuple[tuple[str, str], ...] = (),
    ) -> Document:
        """The document that ``source`` renders to.

        Takes time linear in its length.

        Raises:
            Invalid: the text is too tangled to be parsed (:func:`forum.text.markdown.parse`).
        """
        source = normalize(source)
        reader, tokens = _Reader(source), parse(source)
        reader.read(tokens)
        return cls(
            source,
            language,
            tuple(reader.headings),
            tuple(reader.links),
            tuple(reader.pictures),
            tuple(reader.tables),
            tuple(reader.passages),
            groups_of(reader.places, tokens),
            titles or {},
            tuple(reader.languages.marks),
            glossary,
        )


class _Reader:
    """Walks the tokens of one source once and collects what :class:`Document` holds."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.places = Places(source)
        self.nested = 0
        self.quoted = 0
        self.languages = Languages(self.places)
        self.headings: list[Heading] = []
        self.links: list[Link] = []
        self.pictures: list[Picture] = []
        self.tables: list[Table] = []
        self.passages: list[Passage] = []

    def read(self, tokens: Sequence[Token]) -> None:
        """Collect from all ``tokens``; a footnote counts as nested, for it is moved to the end."""
        for index, token in enumerate(tokens):
            self.languages.read(token)
            if token.type in ("blockquote_open", "footnote_block_open"):
                self.nested += 1
                self.quoted += token.type == "blockquote_open"
            elif token.type in ("blockquote_close", "footnote_block_close"):
                self.nested -= 1
                self.quoted -= token.type == "blockquote_close"
            elif token.type == "heading_open":
                self._heading(token, tokens[index + 1])
            elif token.type == "table_open":
                self._table(tokens, index)
            elif token.type == "inline":
                self._inline(token.children or [])

    def _heading(self, token: Token, inline: Token) -> None:
        first, after = token.map or [0, 1]
        span = self.places.block(first, after)
        marks = None
        if token.markup.startswith("#"):
            start = self.source.index("#", self.places.starts[first])
            marks = Span(start, start + len(token.markup))
            span = Span(start, span.end)
        text = words(inline.children or [])
        self.headings.append(Heading(int(token.tag[1:]), span, marks, text, self.nested > 0))

    def _table(self, tokens: Sequence[Token], index: int) -> None:
        first, after = tokens[index].map or [0, 2]
        rows: list[Row] = []
        for at in range(index + 1, len(tokens)):
            token = tokens[at]
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                line = (token.map or [first])[0]
                place = self.places.line(line) if rows else self.places.block(line, line + 1)
                rows.append(Row(place, ()))
            elif token.type == "inline":
                cell = words(token.children or []) + objects(token.children or [])
                rows[-1] = Row(rows[-1].span, (*rows[-1].cells, cell))
        span = self.places.block(first, after)
        self.tables.append(Table(span, rows[0], self.places.line(first + 1), tuple(rows[1:])))

    def _inline(self, children: Sequence[Token]) -> None:
        runs: list[TextRun] = []
        opened, bare = -1, False
        for index, child in enumerate(children):
            self.languages.read(child)
            if child.type == "link_open":
                opened, bare = index, child.markup in ("autolink", "linkify")
            elif child.type == "link_close":
                link = self._link(children[opened], children[opened + 1 : index])
                runs += _gap(link)
                self.links.append(link)
                self._pictures(children[opened + 1 : index], link)
                opened, bare = -1, False
            elif child.nesting == 0 and child.type != "task_box":
                runs.append(_run(child, bare, self.languages.present))
                self._pictures([child] if opened < 0 else [], None)
        self.passages.append(Passage(tuple(runs), self.nested > 0, self.quoted > 0))

    def _pictures(self, tokens: Sequence[Token], link: Link | None) -> None:
        alone = link is not None and not is_visible(link.text + link.title)
        for token in tokens:
            if token.type == "image":
                span = span_of(token)
                marks = _MARKS.match(self.source, span.end)
                self.pictures.append(
                    Picture(
                        span,
                        Span(span.end, marks.end() if marks else span.end),
                        str(token.attrs["src"]),
                        words(token.children or []),
                        "decorative" in token.attrs,
                        alone,
                        self._label(span, token.children or [], len("![")),
                        str(token.attrs.get("title", "")),
                        len(self.passages),
                    )
                )

    def _link(self, token: Token, inside: Sequence[Token]) -> Link:
        span = span_of(token)
        return Link(
            span,
            None if token.markup in ("autolink", "linkify") else self._label(span, inside),
            str(token.attrs.get("href", "")),
            str(token.attrs.get("title", "")),
            words(inside),
            sum(child.type == "image" for child in inside),
            len(self.passages),
        )

    def _label(self, span: Span, inside: Sequence[Token], opening: int = 1) -> Span | None:
        """Between the brackets; an empty label may still hold spaces the parser dropped."""
        start = span.start + opening
        end = max([start, *(span_of(child).end for child in inside)])
        while self.source[end : end + 1].isspace():
            end += 1
        closed = self.source[end : end + 1] == "]" and end < span.end
        return Span(start, end) if closed else None


def _run(token: Token, bare: bool, language: str) -> TextRun:
    if token.type in ("softbreak", "hardbreak"):
        return TextRun(span_of(token), "\n", prose=False, language=language)
    if token.type == "text" and not bare:
        return TextRun(span_of(token), token.content, language=language)
    return TextRun(span_of(token), OBJECT, prose=False, language=language)


def _gap(link: Link) -> list[TextRun]:
    """A link still without words stands between those around it, unless it can only go."""
    awaited = not is_visible(link.text) and not link.leads_nowhere
    return [TextRun(link.span, OBJECT, prose=False)] if awaited else []
