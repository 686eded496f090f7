"""Structure: paragraphs that can be read in one go, drawings and quotes that say what they are."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from forum.accessibility.blocks import Block, Group, Line
from forum.accessibility.document import Document
from forum.accessibility.drawings import drawings, is_drawn
from forum.accessibility.language_tags import primary
from forum.accessibility.listing import READ_AS_MARKUP, line_after
from forum.accessibility.places import Places
from forum.accessibility.prose import is_prose, quote_mark
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import replaced
from forum.accessibility.walls import is_wall
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span

_CLOSED = frozenset({"indented", "fence", "table", "list", "quote", "heading"})
_FENCE = re.compile("`{3,}")
_CAN_BE_MARKUP = re.compile(r"[\[\]<>&`*_~\\]|://|@|www\.")
_LOOKALIKE = re.compile(r"(?:\\?>|&gt;|[›»＞])[ \t]*")
_DESCRIPTION = {"de": "Die Zeichnung zeigt: …", "fr": "Le dessin montre : …"}
_ENGLISH_DESCRIPTION = "The drawing shows: …"


def _blocks(document: Document, *kinds: str) -> Iterator[tuple[Group, Block]]:
    """The author's own blocks of these kinds, with what they stand in."""
    for group in document.groups:
        for block in group.blocks:
            if block.kind in kinds and not group.nested:
                yield group, block


@rule(
    "structure-wall",
    wcag="",
    severity=Severity.HINT,
    message=_("This paragraph is very long: please part it where a new thought begins."),
    help=_(
        "Many people lose their place in a paragraph of over 200 words, above all on a small screen "
        "or enlarged. Leave an empty line where a new thought begins, instead of one block of text."
    ),
    bad=" ".join(["Whoever has the night shift writes down what is still open."] * 20),
    good="Whoever has the night shift writes down what is still open.\n\nThe early shift signs it.",
    mends=Mends.NOTHING,
)
def structure_wall(document: Document) -> Iterator[Fault]:
    """Paragraphs over the number of words; where to part them only the author knows."""
    for _group, block in _blocks(document, "paragraph"):
        for stretch in _stretches(block):
            words = " ".join(" ".join(line.text for line in stretch).split())
            if is_wall(words):
                yield Fault(Span(stretch[0].span.start, stretch[-1].span.end), words)


def _stretches(block: Block) -> Iterator[list[Line]]:
    """The lines of a paragraph, as they run on until a break that the author asked for."""
    stretch: list[Line] = []
    for line in block.lines:
        if line.hard:
            yield stretch
            stretch = []
        stretch.append(line)
    if stretch:
        yield stretch


@rule(
    "structure-drawing",
    wcag="1.1.1",
    severity=Severity.WARN,
    message=_("These lines look like a drawing: please put them into a block of code."),
    help=_(
        "Outside a block of code the spaces go and the drawing falls apart, and a screen reader "
        "reads sign after sign. Put a line of ``` above and below it, and say in a sentence before "
        "it what it shows, instead of leaving it between the words. The button leaves you a place "
        "for that sentence."
    ),
    bad="+------+     +------+\n| Oven |---->| Rack |\n+------+     +------+",
    good="From the oven the bowls go onto the rack.\n\n"
    "```text\n+------+     +------+\n| Oven |---->| Rack |\n+------+     +------+\n```",
)
def structure_drawing(document: Document) -> Iterator[Fault]:
    """Neighbouring lines of the post itself that draw something (WCAG failure F72, technique H86)."""
    places = Places(document.source)
    lines = _open_lines(document, places)
    starts = sorted(block.span.start for _group, block in _blocks(document, "paragraph"))
    for first, after in drawings(lines):
        span = Span(places.starts[first], places.starts[after] - 1)
        at = bisect_right(starts, span.start)
        repair = _as_code(document, span, starts[at - 1] if at else span.start)
        yield Fault(span, span.of(document.source).strip("\n"), repair)


def _open_lines(document: Document, places: Places) -> list[str]:
    """The lines of the source; those of code, tables, lists and quotes are left empty."""
    lines = document.source.split("\n")
    for group in document.groups:
        for block in group.blocks:
            first = bisect_right(places.starts, block.span.start) - 1
            after = bisect_left(places.starts, block.span.end)
            if block.kind in _CLOSED and not _is_stroke(block, lines[first : first + 2]):
                lines[first:after] = [""] * (after - first)
    return lines


def _is_stroke(block: Block, lines: list[str]) -> bool:
    """Whether a quote is only the line of a drawing that happens to begin with ``>``.

    A heading is when it is drawn over a line of ``=`` or ``-``.
    """
    if block.kind == "heading":
        return all(map(is_drawn, lines))
    return block.kind == "quote" and is_drawn(lines[0]) and not any(map(is_drawn, lines[1:]))


def _as_code(document: Document, span: Span, paragraph: int) -> Repair | None:
    """The lines as they are inside a block of code, below a sentence to be finished.

    Not where the lines around them, once apart, would be something else than before; ``paragraph``
    is where the last paragraph begins that begins before them.
    """
    source, drawn = document.source, span.of(document.source)
    after = line_after(source, span.end)
    opening = READ_AS_MARKUP.match(source, paragraph) or source.startswith(("**", "__"), paragraph)
    if READ_AS_MARKUP.match(after) or (paragraph < span.start and opening):
        return None
    fence = "`" * max([3, *(len(found) + 1 for found in _FENCE.findall(drawn))])
    language = primary(document.language)
    above = "" if source[: span.start].endswith("\n\n") or not span.start else "\n"
    below = "\n" if after else ""
    description = _DESCRIPTION.get(language, _ENGLISH_DESCRIPTION)
    block = f"{above}{description}\n\n{fence}text\n{drawn}\n{fence}{below}"
    return Repair(span, block, _("Put it into a block of code"))


@rule(
    "structure-quote",
    wcag="1.3.1",
    severity=Severity.HINT,
    message=_("This looks like a quotation, but is not marked as one: please begin it with >."),
    help=_(
        "Indented by four spaces a text is code: it does not wrap, and a screen reader says “code”. "
        "Begin each line of what somebody else wrote with > and a space, instead of spaces, › or »."
    ),
    bad="Ada wrote:\n\n    The key hangs beside the door. Whoever comes last turns the light off.",
    good="Ada wrote:\n\n> The key hangs beside the door. Whoever comes last turns the light off.",
)
def structure_quote(document: Document) -> Iterator[Fault]:
    """Indented text that is plainly prose, and paragraphs whose lines begin with a lookalike."""
    for group, block in _blocks(document, "indented", "paragraph"):
        if block.kind == "indented" and is_prose(block.text):
            repair = _unindented(document.source, block) if group.holder == "post" else None
            yield Fault(block.span, " ".join(block.text.split()), repair)
        elif block.kind == "paragraph" and _is_marked(document.source, block):
            words = " ".join(" ".join(line.text for line in block.lines).split())
            yield Fault(block.span, words, _marked(document.source, block))


def _unindented(source: str, block: Block) -> Repair | None:
    """The text behind ``>``; not if it has signs that would then mean something."""
    lines = [line.strip() for line in block.text.rstrip("\n").split("\n")]
    if _CAN_BE_MARKUP.search(block.text) or any(map(READ_AS_MARKUP.match, lines)):
        return None
    start = source.rfind("\n", 0, block.span.start) + 1
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    end = block.span.end - source[: block.span.end].endswith("\n")
    below = "\n" if line_after(source, end) else ""
    return Repair(Span(start, end), quoted + below, _("Mark it as a quotation"))


def _is_marked(source: str, block: Block) -> bool:
    """Whether the first line has a lookalike, and every other one has too or only goes on."""
    if not block.lines or not _mark(source, block.lines[0]):
        return False
    return all(line.whole and (not line.hard or _mark(source, line)) for line in block.lines[1:])


def _mark(source: str, line: Line) -> Span | None:
    """Where the lookalike stands that the line begins with; not inside a link or the like."""
    found = _LOOKALIKE.match(source, line.span.start, line.span.end)
    return Span(*found.span()) if found and quote_mark(line.text) else None


def _marked(source: str, block: Block) -> Repair | None:
    """``>`` in place of each lookalike, also before a few words that go on; not where the words
    behind it would begin a list or so."""
    found = (_LOOKALIKE.match(source, line.span.start, line.span.end) for line in block.lines)
    marks = [Span(*mark.span()) for mark in found if mark]
    if any(READ_AS_MARKUP.match(source, mark.end) for mark in marks):
        return None
    edits = [(mark, "> ") for mark in marks]
    return Repair(block.span, replaced(source, block.span, edits), _("Mark it as a quotation"))


RULES = (structure_wall, structure_drawing, structure_quote)
