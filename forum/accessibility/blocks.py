"""What a draft is built of: paragraphs with their lines, lists, quotes, code, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markdown_it.token import Token

from forum.accessibility.inline import BREAKS, OBJECT, span_of
from forum.accessibility.places import Places
from forum.review import Span
from forum.text.lines import is_visible

_KINDS = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "table_open": "table",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "blockquote_open": "quote",
    "code_block": "indented",
    "fence": "fence",
    "hr": "rule",
}
_HOLDERS = {"blockquote": "quote", "list_item": "item", "footnote": "footnote"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paragraph or heading.

    Attributes:
        span: what is written there, without breaks and the marks of lists and quotes.
        text: its words, with one :data:`OBJECT` for each thing that is not words.
        hard: whether the author asked for the break before it.
        whole: whether no emphasis and no link reaches into it from the line before.
        bold: whether everything in it is bold.
    """

    span: Span
    text: str
    hard: bool
    whole: bool
    bold: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A block.

    Attributes:
        kind: ``paragraph``, ``heading``, ``table``, ``list``, ``quote``, ``indented`` or ``fence``
            (code), ``rule``.
        span: all of it, less the marks of lists and quotes before its first line.
        lines: those of a paragraph or heading.
        passage: the number of its passage in the document; -1 if it has none of its own.
        text: the words of code.
    """

    kind: str
    span: Span
    lines: tuple[Line, ...] = ()
    passage: int = -1
    text: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether it is a heading in which nothing can be seen."""
        return self.kind == "heading" and not any(is_visible(line.text) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks side by side in one ``holder``: the ``post`` itself, ``quote``, ``item``, ``footnote``.

    ``nested`` when it is somebody else's words, or a footnote, at whatever depth.
    """

    holder: str
    nested: bool
    blocks: tuple[Block, ...]

    @property
    def shown(self) -> list[Block]:
        """The blocks without headings that have no words, which nobody sees or hears."""
        return [block for block in self.blocks if not block.is_silent]


def groups_of(places: Places, tokens: Sequence[Token]) -> tuple[Group, ...]:
    """All groups of blocks, each in the order of the source; inner ones before outer ones."""
    reader = _Reader(places)
    for index, token in enumerate(tokens):
        reader.read(token, tokens[index + 1] if token.nesting > 0 else token)
    reader.close()
    return tuple(reader.groups)


class _Reader:
    """Walks the tokens once; ``open`` has the groups that the present token is in."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.groups: list[Group] = []
        self.passages = 0
        self.open: list[tuple[str, bool, list[Block]]] = [("post", False, [])]

    def read(self, token: Token, inside: Token) -> None:
        """Take in ``token``; ``inside`` comes right after it, if it opens something."""
        if token.type in _KINDS:
            self.open[-1][2].append(self._block(token, inside))
        name, _, end = token.type.rpartition("_")
        if name in _HOLDERS and end == "open":
            nested = self.open[-1][1] or name != "list_item"
            self.open.append((_HOLDERS[name], nested, []))
        elif name in _HOLDERS and end == "close":
            self.close()
        self.passages += token.type == "inline"

    def close(self) -> None:
        """The innermost group has no more blocks."""
        holder, nested, blocks = self.open.pop()
        self.groups.append(Group(holder, nested, tuple(blocks)))

    def _block(self, token: Token, inside: Token) -> Block:
        first, after = token.map or [0, 1]
        span, kind = self.places.block(first, after), _KINDS[token.type]
        if inside.type != "inline":
            return Block(kind, span, text=token.content)
        lines = tuple(_lines(inside.children or []))
        return Block(kind, span, lines, self.passages)


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    """The lines of ``tokens``, which are those of one block."""
    open_marks, hard = 0, False
    for is_break, group in groupby(tokens, key=lambda token: token.type in BREAKS):
        line = list(group)
        if is_break:
            hard = any(token.type == "hardbreak" for token in line)
            continue
        whole = open_marks == 0
        open_marks += sum(token.nesting for token in line)
        yield Line(_extent(line), _text(line), hard, whole, whole and _is_bold(line))


def _extent(tokens: Sequence[Token]) -> Span:
    """An opening token reaches to the end of its element, a closing one is only its mark."""
    start = min(span_of(token).start for token in tokens)
    ends = [span_of(token).end for token in tokens if token.nesting <= 0]
    return Span(start, max(ends, default=start))


def _text(tokens: Sequence[Token]) -> str:
    return "".join(
        token.content if token.type == "text" else OBJECT for token in tokens if token.nesting == 0
    )


def _is_bold(tokens: Sequence[Token]) -> bool:
    """Whether one ``**`` opens the line and the one that closes it ends it; italics may be around."""
    depths: list[int] = []
    for token in tokens:
        depths.append((depths[-1] if depths else 0) + token.nesting)
    if not depths[:-1] or min(depths[:-1]) == 0:
        return False
    return tokens[0].type == "strong_open" or (
        tokens[0].type == "em_open" and _is_bold(tokens[1:-1])
    )
