"""What somebody wrote, as a quotation in the Markdown of somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from markdown_it.utils import EnvType

from forum.text.markdown import parse

MOST_QUOTED = 2_000
"""Characters of a quotation; who wants to read all of it follows the link to where it stands."""
DEEPEST = 1
"""Quotes that a quoted text may hold; what those quote in turn is left out."""

LEADING = re.compile(r"\A[ \t>*+0-9.)-]+")
QUOTE_SIGNS = re.compile(rf"(?:[^>]*>){{{DEEPEST}}}")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block of a text with the lines that belong to it, and the mark that closes it when cut."""

    lines: list[str]
    fence: str = ""

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))


def quotation(source: str, attribution: str) -> str:
    """``source``, which must be normalised, as a block quote that begins with ``attribution``.

    At most about ``MOST_QUOTED`` characters, cut between two blocks where that is possible, with
    an ellipsis. Footnotes stay in the post they belong to: their names could mean others here.

    Args:
        attribution: one line of Markdown.

    Raises:
        Invalid: as :func:`forum.text.markdown.parse`.
    """
    pieces, definitions = _pieces(_without_deep_quotes(_without_note_marks(source)))
    body = [line for piece in _fitting(pieces) for line in ("", *piece.lines)]
    words = "\n".join(body).casefold()
    needed = [line for name, lines in definitions if f"[{name}]" in words for line in lines]
    lines = [attribution, *body, *([""] if needed else []), *needed]
    return "".join(f"> {line}\n" if line else ">\n" for line in map(_with_spaces, lines))


def _with_spaces(line: str) -> str:
    # After the quote sign, a tab would reach less far than before.
    return LEADING.sub(lambda found: found[0].expandtabs(4), line)


def _without_note_marks(source: str) -> str:
    spans = {
        child.meta["span"]
        for token in parse(source)
        for child in token.children or []
        if child.type == "footnote_ref"
    }
    for start, end in sorted(spans, reverse=True):
        source = source[:start] + source[end:]
    return source


def _without_deep_quotes(source: str) -> str:
    lines = source.split("\n")
    for start, end in reversed(list(_deep_quotes(parse(source)))):
        around = QUOTE_SIGNS.match(lines[start])
        # The sign of the quote around it keeps apart what stands before and after.
        lines[start:end] = [around[0] if around else ">"]
    return "\n".join(lines)


def _deep_quotes(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    depth = 0
    for token in tokens:
        if token.type in ("blockquote_open", "blockquote_close"):
            depth += token.nesting
            if token.nesting > 0 and depth == DEEPEST + 1 and token.map:
                yield token.map[0], token.map[1]


def _pieces(source: str) -> tuple[list[_Piece], list[tuple[str, list[str]]]]:
    """The blocks of a text, and the addresses defined apart from them: name, lines."""
    lines, begun = source.split("\n"), 0
    env: EnvType = {}
    tokens = parse(source, env)
    places = {name: reference["map"] for name, reference in env.get("references", {}).items()}
    defined = {line for start, end in places.values() for line in range(start, end)}
    pieces: list[_Piece] = []
    for token in tokens:
        if token.level or token.nesting < 0 or not token.map:
            continue
        start, end = token.map
        attributes = [n for n in range(begun, start) if lines[n].startswith("{")]
        while end > start and not lines[end - 1].strip(" \t"):
            end -= 1
        inside = [n for n in (*attributes, *range(start, end)) if n not in defined]
        fence = token.markup if token.type == "fence" else ""
        pieces.append(_Piece([lines[n] for n in inside], fence))
        begun = end
    return pieces, [(name.casefold(), lines[a:b]) for name, (a, b) in places.items()]


def _fitting(pieces: Sequence[_Piece]) -> list[_Piece]:
    room, kept = MOST_QUOTED, list[_Piece]()
    for piece in pieces:
        if piece.size > room:
            return [*(kept or [_beginning(piece)]), _Piece(["…"])]
        kept.append(piece)
        room -= piece.size
    return kept


def _beginning(piece: _Piece) -> _Piece:
    """As many whole lines as fit; of a single long one, as many words."""
    room, kept = MOST_QUOTED, list[str]()
    for line in piece.lines:
        if len(line) > room:
            break
        kept.append(line)
        room -= len(line)
    if not kept:
        cut = piece.lines[0][:MOST_QUOTED]
        kept = [cut.rpartition(" ")[0] or cut]
    return _Piece([*kept, *([piece.fence] if piece.fence else [])])
