"""Language: a screen reader speaks with the voice of the language that a text is said to be in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forum.accessibility.blocks import Block
from forum.accessibility.document import OBJECT, Document, Passage
from forum.accessibility.language_tags import is_language, tag_meant_by
from forum.accessibility.languages import other_language_of
from forum.accessibility.lettering import plain
from forum.accessibility.registry import Fault, rule
from forum.accessibility.repair import is_as_written, place_of, replaced
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span

_MOST_QUOTED = 100
_MARK = re.compile(r"\{ ?lang ?= ?(?P<tag>[^{}\n]{0,40}?) ?\}")
_TRIED = re.compile(rf"(?:\[[^\[\]]{{0,1000}}\])?{_MARK.pattern}")
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+")


@rule(
    "language-unknown",
    wcag="3.1.2",
    act=("de46e4",),
    severity=Severity.WARN,
    message=_("This names no language: please write a tag such as de or pt-BR, right behind it."),
    help=_(
        "Only a known tag tells a screen reader which voice to speak with. Write [Guten Tag]{lang=de} "
        "instead of [Guten Tag]{lang=german}; before a whole paragraph {lang=de} stands on a line of "
        "its own."
    ),
    bad="She said [Guten Tag]{lang=german} to all.",
    good="She said [Guten Tag]{lang=de} to all.",
)
def language_unknown(document: Document) -> Iterator[Fault]:
    """Marks of a language that there is not, and those that stay text because they are no mark."""
    for mark in document.language_marks:
        if not is_language(mark.tag):
            words = mark.span.of(document.source)
            yield Fault(mark.span, words, _with_tag(mark.span, mark.tag))
    for passage in document.passages:
        text = passage.text
        if not passage.nested and "lang" in text:
            offsets = passage.offsets(document.source)
            for found in _MARK.finditer(text):
                is_behind = _is_behind_a_link(document.source, text, offsets, found)
                if is_behind or _is_meant(text, found):
                    span = place_of(offsets, Span(*found.span()))
                    holds = is_behind or _would_hold(document.source, text, offsets, found)
                    yield Fault(span, found[0], _with_tag(span, found["tag"]) if holds else None)


def _with_tag(span: Span, words: str) -> Repair | None:
    tag = tag_meant_by(words)
    return Repair(span, f"{{lang={tag}}}", _("Name the language by its tag")) if tag else None


def _is_meant(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark that stayed text was meant as one: behind a bracket, or first in its line."""
    before = text[: mark.start()].rstrip(" ")
    return not before or before[-1] in "])\n"


def _is_behind_a_link(source: str, text: str, offsets: list[int], mark: re.Match[str]) -> bool:
    """Whether it stands right behind a link or a picture, by a bracket that is not read."""
    start = offsets[mark.start()]
    written = start > 0 and source[start] == "{" and source[start - 1] in ")]"
    return written and text[: mark.start()][-1:] != source[start - 1]


def _would_hold(source: str, text: str, offsets: list[int], mark: re.Match[str]) -> bool:
    """Whether a right tag would do: on the line above a paragraph, or right behind ``[words]``, all
    written as they are read."""
    if mark.start() == 0 and text[mark.end() : mark.end() + 1] == "\n":
        end = offsets[mark.end() - 1] + 1
        begins = offsets[0] == 0 or source[offsets[0] - 1] == "\n"
        return begins and not source[end : source.index("\n", end)].strip()
    start = text.rfind("[", 0, mark.start())
    words = text[start + 1 : mark.start() - 1]
    return (
        start >= 0
        and text[mark.start() - 1] == "]"
        and not set(words) & set("[]{}\\" + OBJECT)
        and bool(words.strip())
        and is_as_written(source, text, offsets, Span(start, mark.end()))
        and source[max(0, offsets[start] - 1)] not in "\\!]"
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Words in another language: where, which, how they are quoted, and what would mark them."""

    span: Span
    tag: str
    words: str
    letters: int
    edit: tuple[Span, str] | None


@rule(
    "language-other",
    wcag="3.1.2",
    severity=Severity.HINT,
    message=_("This seems to be in another language than the post: please say which one it is in."),
    help=_(
        "A screen reader reads it with the voice of the post's language, which nobody understands. "
        "Write [Wie geht es euch allen heute?]{lang=de} instead of the bare words; before a whole "
        "paragraph {lang=de} stands on a line of its own. If all of the post is in it, and your "
        "community writes in several languages, choose it below the text."
    ),
    bad=(
        "She wrote to all of us before the meeting.\n\nIch freue mich sehr darauf, euch alle bald "
        "wieder zu sehen."
    ),
    good=(
        "She wrote to all of us before the meeting.\n\n{lang=de}\nIch freue mich sehr darauf, euch "
        "alle bald wieder zu sehen."
    ),
)
def language_other(document: Document) -> Iterator[Fault]:
    """Sentences and paragraphs in another language, also quoted ones; where most of the post is in
    one, all of them are one fault."""
    parts = list(_parts(document))
    if parts and _is_the_whole(document, parts):
        yield _fault(document, parts)
    else:
        yield from (_fault(document, [part]) for part in parts)


def _is_the_whole(document: Document, parts: list[_Part]) -> bool:
    """Whether ``parts`` are in one language and two thirds of all words."""
    letters = sum(sum(map(str.isalpha, passage.text)) for passage in document.passages)
    in_parts = sum(part.letters for part in parts)
    return len({part.tag for part in parts}) == 1 and in_parts * 3 >= letters * 2


def _fault(document: Document, parts: list[_Part]) -> Fault:
    span = Span(min(part.span.start for part in parts), max(part.span.end for part in parts))
    return Fault(span, parts[0].words, _marked(document.source, parts))


def _marked(source: str, parts: list[_Part]) -> Repair | None:
    edits = [part.edit for part in parts if part.edit]
    if len(edits) < len(parts):
        return None
    span = Span(edits[0][0].start, edits[-1][0].end)
    return Repair(span, replaced(source, span, edits), _("Mark the language"))


def _parts(document: Document) -> Iterator[_Part]:
    blocks = {block.passage: block for group in document.groups for block in group.blocks}
    for number, passage in enumerate(document.passages):
        text = plain(_unmarked(passage))
        tag = other_language_of(text, document.language)
        if tag:
            yield _whole(document.source, passage, blocks.get(number), tag)
        elif _SENTENCE_END.search(text):
            yield from _sentences(document, passage, text)


def _unmarked(passage: Passage) -> str:
    """The words whose language nobody has named, nor tried to, in a text as long as before."""
    text = "".join(OBJECT * len(run.text) if run.language else run.text for run in passage.runs)
    return _TRIED.sub(lambda tried: OBJECT * len(tried[0]), text) if "lang" in text else text


def _whole(source: str, passage: Passage, block: Block | None, tag: str) -> _Part:
    """A passage of its own; on top of the post it takes a line before it as its mark."""
    span = Span(passage.runs[0].span.start, passage.runs[-1].span.end)
    lines = block.lines if block else ()
    if lines and source[lines[0].span.start : span.start].strip("[ xX]"):
        span = Span(lines[0].span.start, span.end)
    if lines:
        span = Span(span.start, max(lines[-1].span.end, span.end))
    words = span.of(source)
    on_top = block is not None and (span.start == 0 or source[span.start - 1] == "\n")
    edit = (span, f"{{lang={tag}}}\n{words}") if on_top else _bracketed(span, words, tag)
    return _part(span, tag, passage.text, edit)


def _bracketed(span: Span, words: str, tag: str) -> tuple[Span, str] | None:
    """``[words]{lang=fr}``, where brackets inside do not come in the way."""
    sound = words.count("[") == words.count("]") and not words.startswith("^")
    return (span, f"[{words}]{{lang={tag}}}") if sound and "\\" not in words else None


def _part(span: Span, tag: str, text: str, edit: tuple[Span, str] | None) -> _Part:
    quoted = " ".join(text.replace(OBJECT, " ").split())[:_MOST_QUOTED]
    return _Part(span, tag, quoted, sum(map(str.isalpha, text)), edit)


def _sentences(document: Document, passage: Passage, text: str) -> Iterator[_Part]:
    """Neighbouring sentences in one other language as one part."""
    found: list[tuple[Span, str]] = []
    for place in _places(text):
        tag = other_language_of(place.of(text), document.language)
        if (
            tag
            and found
            and found[-1][1] == tag
            and not text[found[-1][0].end : place.start].strip()
        ):
            found[-1] = Span(found[-1][0].start, place.end), tag
        elif tag:
            found.append((place, tag))
    offsets = passage.offsets(document.source) if found else []
    for place, tag in found:
        span, words = place_of(offsets, place), place.of(passage.text)
        written = span.of(document.source)
        alike = " ".join(written.split()) == " ".join(words.split())
        edit = _bracketed(span, written, tag) if alike else None
        yield _part(span, tag, words, edit)


def _places(text: str) -> Iterator[Span]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        yield Span(start, end.start())
        start = end.end()
    yield Span(start, len(text))


RULES = (language_unknown, language_other)
