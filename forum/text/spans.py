"""Where each piece of a post stands in its source.

markdown-it gives lines for blocks and nothing for what is inside a line. Here the inline parser
notes, for each token, the characters it was made from; each block notes where its content stood
in the source before quote signs, list indents and escaped pipes were taken away. Both together
give every inline token ``meta["span"]``: Python string offsets into the source.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType

from forum.errors import Invalid
from forum.phrases import Phrase as _

Segments = list[tuple[int, int]]
"""Where content and source run in step: ``(offset in the content, offset in the source)``."""

BlockRule = Callable[[StateBlock, int, int, bool], bool]

MAX_LOOKAHEAD = 50_000
"""Steps that looking for closing brackets may take in one post; 1,388 real posts need at most 119.

The caps refuse what they can see in one scan; this stops what hides from them, such as closing
brackets inside code spans. 50,000 steps are at most half a second.
"""

MAX_INLINE_DEPTH = 5
"""Pictures within pictures and footnotes within footnotes; each level parses its content anew."""


class SpanInline(ParserInline):
    """markdown-it's inline parser, which also notes ``meta["span"]`` relative to its content."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Parse ``src`` into ``tokens``.

        Raises:
            Invalid: pictures or footnotes stand inside each other more than 5 deep.
        """
        env["depth"] = env.get("depth", 0) + 1
        if env["depth"] > MAX_INLINE_DEPTH + 1:
            raise Invalid("source", _too_deep(MAX_INLINE_DEPTH))
        parsed = super().parse(src, md, env, tokens)
        env["depth"] -= 1
        _widen(parsed)
        return parsed

    def skipToken(self, state: StateInline) -> None:  # noqa: N802
        """Step over one token, as markdown-it does, within the budget of the whole post."""
        steps = state.env["steps"] = state.env.get("steps", 0) + 1
        if steps > MAX_LOOKAHEAD:
            raise Invalid("source", _too_hard())
        super().skipToken(state)

    def tokenize(self, state: StateInline) -> None:
        """Make tokens from the content between ``state.pos`` and ``state.posMax``."""
        rules = self.ruler.getRules("")
        deepest = state.md.options["maxNesting"]
        end = state.posMax
        text_from = -1
        while state.pos < end:
            pos, before = state.pos, len(state.tokens)
            for rule in rules if state.level < deepest else ():
                if rule(state, False):
                    break
            else:
                state.append_pending(state.src[pos])
                state.pos += 1
            if len(state.tokens) > before:
                _note(state.tokens, before, text_from, pos, state.pos)
                text_from = -1
            elif text_from < 0 and state.pending:
                text_from = pos
        if state.pending:
            state.pushPending().meta["span"] = (text_from, end)


def _too_deep(limit: int) -> str:
    return _(
        "Pictures or footnotes stand inside each other more than %(limit)s deep. Put them apart.",
        limit=limit,
    )


def _too_hard() -> str:
    return _(
        "This text has too many square brackets without a partner. "
        "Close them, or put a backslash before those that should stay as they are."
    )


def _note(tokens: list[Token], first: int, text_from: int, pos: int, end: int) -> None:
    """Give the tokens that one rule has made the characters ``pos`` to ``end``.

    ``text_from`` is where text still waiting before them began, or -1. A rule may take back the
    end of that text (spaces before a line break, the scheme of a bare address).
    """
    token = tokens[first]
    if text_from >= 0 and token.type == "text":
        pos = text_from + len(token.content)
        token.meta["span"] = (text_from, pos)
        first += 1
    elif text_from >= 0 and token.type == "link_open":
        pos = text_from
    made = [token for token in tokens[first:] if "span" not in token.meta]
    if made and all(token.type == "text" for token in made):
        _note_in_turn(made, pos)
        return
    if made and made[0].markup == "autolink":
        _note_brackets(made, pos, end)
        return
    reached = end
    for token in tokens[first:]:
        if "span" in token.meta:
            reached = token.meta["span"][1]
        else:
            token.meta["span"] = (pos if token.nesting >= 0 else reached, end)


def _note_brackets(link: list[Token], pos: int, end: int) -> None:
    """``<https://example.org>`` is a link whose text stands between its marks."""
    opening, text, closing = link
    opening.meta["span"] = (pos, end)
    text.meta["span"] = (pos + 1, end - 1)
    closing.meta["span"] = (end - 1, end)


def _note_in_turn(delimiters: list[Token], pos: int) -> None:
    """A run of ``*``, ``_`` or ``~`` is one text token for each delimiter."""
    for token in delimiters:
        token.meta["span"] = (pos, pos + len(token.content))
        pos += len(token.content)


def _widen(tokens: list[Token]) -> None:
    """Let an opening token span its whole element; its closing token spans the end mark."""
    opened: list[Token] = []
    for token in tokens:
        if token.nesting > 0:
            opened.append(token)
        elif token.nesting < 0:
            _widen_pair(opened.pop(), token)


def _widen_pair(opening: Token, closing: Token) -> None:
    start, end = opening.meta["span"]
    close_start, close_end = closing.meta["span"]
    if opening.markup in ("**", "__"):
        start = min(start, end - 2)
        close_end = close_start + 2
        closing.meta["span"] = (close_start, close_end)
    opening.meta["span"] = (start, max(end, close_end))


def join_texts(rule: Callable[[StateInline], None]) -> Callable[[StateInline], None]:
    """markdown-it's ``fragments_join``, keeping the span of what is joined."""

    def joined(state: StateInline) -> None:
        for run in _runs(state.tokens, ("text",)):
            run[-1].meta["span"] = _union(run)
        rule(state)

    return joined


def join_all_texts(rule: Callable[[StateCore], None]) -> Callable[[StateCore], None]:
    """markdown-it's ``text_join``, keeping the span of what is joined."""

    def joined(state: StateCore) -> None:
        for token in state.tokens:
            if token.children:
                _join_spans(token.children)
        rule(state)

    return joined


def _join_spans(tokens: list[Token]) -> None:
    for run in _runs(tokens, ("text", "text_special")):
        run[0].meta["span"] = _union(run)
    for token in tokens:
        if token.children:
            _join_spans(token.children)


def _runs(tokens: list[Token], kinds: tuple[str, ...]) -> list[list[Token]]:
    """The longest stretches of tokens of these kinds."""
    runs: list[list[Token]] = []
    previous = False
    for token in tokens:
        current = token.type in kinds
        if current and previous:
            runs[-1].append(token)
        elif current:
            runs.append([token])
        previous = current
    return runs


def _union(run: list[Token]) -> tuple[int, int]:
    spans = [token.meta["span"] for token in run if token.content] or [run[0].meta["span"]]
    return min(start for start, _ in spans), max(end for _, end in spans)


def noting(rule: BlockRule, locate: Callable[[StateBlock, list[Token]], None]) -> BlockRule:
    """A block rule that also notes where the content of its inline tokens stands in the source."""

    def noted(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        before = len(state.tokens)
        found = rule(state, start, end, silent)
        if found and not silent:
            locate(state, state.tokens[before:])
        return found

    return noted


def locate_lines(state: StateBlock, tokens: list[Token]) -> None:
    """Paragraphs and underlined headings: each line of the content ends a line of the source."""
    token = next(token for token in tokens if token.type == "inline")
    assert token.map is not None
    at, segments = 0, []
    for number, line in enumerate(token.content.split("\n"), token.map[0]):
        end = state.eMarks[number]
        if at + len(line) == len(token.content):
            end = _trimmed(state.src, state.bMarks[number], end)
        segments.append((at, end - len(line)))
        at += len(line) + 1
    token.meta["segments"] = segments


def _trimmed(source: str, start: int, end: int) -> int:
    """``end`` without the white space before it, as markdown-it trims the last line."""
    return start + len(mdTrim("." + source[start:end])) - 1


def locate_heading(state: StateBlock, tokens: list[Token]) -> None:
    """A heading with ``#``: its content follows the signs and white space that open it."""
    token = tokens[1]
    assert token.map is not None
    line = token.map[0]
    start = state.bMarks[line] + state.tShift[line] + len(tokens[0].markup)
    at = state.src.find(token.content, start, state.eMarks[line])
    token.meta["segments"] = [(0, at)]


def locate_cells(state: StateBlock, tokens: list[Token]) -> None:
    """A table: each cell of a row, with its escaped pipes."""
    cells: list[Segments] = []
    for token in tokens:
        if token.type == "tr_open":
            assert token.map is not None
            line = token.map[0]
            start = state.bMarks[line] + state.tShift[line]
            cells = _cells(state.src, start, state.eMarks[line])
        elif token.type == "inline":
            token.meta["segments"] = cells.pop(0) if cells else [(0, state.eMarks[line])]


def _cells(source: str, start: int, end: int) -> list[Segments]:
    """Where the cells of the row between ``start`` and ``end`` stand."""
    bars = [at for at in range(start, end) if source[at] == "|" and not _escaped(source, start, at)]
    edges = [start - 1, *bars, _trimmed(source, start, end)]
    cells = [(left + 1, right) for left, right in pairwise(edges)]
    if bars and cells[0][0] == cells[0][1]:
        cells.pop(0)
    return [_cell(source, *cell) for cell in cells]


def _escaped(source: str, start: int, at: int) -> bool:
    return at > start and source[at - 1] == "\\"


def _cell(source: str, start: int, end: int) -> Segments:
    """The segments of one cell: a new one after each backslash that hid a pipe."""
    raw = source[start:end]
    start += len(raw) - len(mdTrim(raw + ".")) + 1
    segments, content = [(0, start)], 0
    if "\\|" not in raw:
        return segments
    for at in range(start, end - 1):
        if source[at] == "\\" and source[at + 1] == "|":
            segments.append((content, at + 1))
        else:
            content += 1
    return segments


def place(tokens: list[Token], segments: Segments, env: EnvType, base: int = 0) -> None:
    """Turn the spans of ``tokens``, relative to their content, into spans of the source.

    ``base`` is where the content of nested tokens (the words of a picture, a footnote written in
    the line) begins inside the content that ``segments`` describe.
    """
    for token in tokens:
        start, end = token.meta["span"]
        inside = base + start + 2
        if token.type == "image" and token.children:
            place(token.children, segments, env, inside)
        elif token.type == "footnote_ref" and "label" not in token.meta:
            place(env["footnotes"]["list"][token.meta["id"]]["tokens"], segments, env, inside)
        token.meta["span"] = _place(segments, base + start, base + end)


def _place(segments: Segments, start: int, end: int) -> tuple[int, int]:
    first = _offset(segments, start)
    return first, max(first, _offset(segments, end - 1) + 1 if end > start else first)


def _offset(segments: Segments, at: int) -> int:
    content, source = segments[max(0, bisect_right(segments, (at, 1 << 60)) - 1)]
    return source + at - content
