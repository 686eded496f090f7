"""Lettering: letters of mathematics, in circles or in boxes are no font."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from forum.accessibility.capitals import can_lower, sentence_case
from forum.accessibility.document import Document
from forum.accessibility.lettering import plain, posing_letters
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import place_of, replaced
from forum.accessibility.shouting import shouted_runs
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span

_MOST_QUOTED = 100
_NO_LETTERS = re.compile(r"[\W\d_]*")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"[@:]\S")
# Beside these, plain letters would be a mention, a reference, an address, an attribute or emphasis.
_BEFORE, _AFTER = frozenset("@&={<[^\\/*_~"), re.compile(r"[@*_~]|:/|\.\w")


@rule(
    "letters-fancy",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_("These letters only look like a font: please write them in plain letters."),
    help=_(
        "A screen reader says “mathematical bold script capital F” for each of them, or nothing at "
        "all; search does not find the words, and many screens show empty boxes. Write *Fancy* "
        "with asterisks instead of 𝓕𝓪𝓷𝓬𝔂. Single letters as in mathematics, such as ℝ, are fine."
    ),
    bad="Welcome to our 𝓕𝓪𝓷𝓬𝔂 workshop",
    good="Welcome to our *fancy* workshop, where 𝑥 ∈ ℝ",
    mends=Mends.SAFELY,
)
def letters_fancy(document: Document) -> Iterator[Fault]:
    """Words in such letters, in the author's own prose; all those of a paragraph are one fault."""
    for passage in document.passages:
        text = passage.text
        if not passage.nested and (found := posing_letters(text)):
            runs = [_from_first_letter(text, run) for run in found]
            offsets = passage.offsets(document.source)
            quoted = " … ".join(run.of(text) for run in runs)[:_MOST_QUOTED]
            span = place_of(offsets, Span(runs[0].start, runs[-1].end))
            yield Fault(span, quoted, _in_plain(document, text, runs, offsets))


def _from_first_letter(text: str, run: Span) -> Span:
    """Numbers before the words stay: ``1.`` in plain digits would begin a list."""
    before = _NO_LETTERS.match(plain(run.of(text)))
    return Span(run.start + (before.end() if before else 0), run.end)


def _in_plain(document: Document, text: str, runs: list[Span], offsets: list[int]) -> Repair | None:
    words = None if any(_is_more(text, run) for run in runs) else _words(document, text, runs)
    if words is None:
        return None
    letters = list(zip(offsets, text, words, strict=True))
    if any(document.source[at] != old for at, old, new in letters if old != new):
        return None
    edits = [(Span(at, at + 1), new) for at, old, new in letters if old != new]
    span = Span(edits[0][0].start, edits[-1][0].end)
    return Repair(span, replaced(document.source, span, edits), _("Write in plain letters"))


def _is_more(text: str, run: Span) -> bool:
    """Whether plain letters would be a mention, a reference, an address or an attribute there."""
    beside = text[max(0, run.start - 1)] in _BEFORE or _AFTER.match(text, run.end)
    return bool(beside or _ADDRESS.search(plain(run.of(text))))


def _words(document: Document, text: str, runs: list[Span]) -> str | None:
    """``text``, as long as before, with ``runs`` in plain letters, and in small ones where they
    would be a run of capitals."""
    language, known = document.language, document.acronyms
    most, words = len(shouted_runs(text, known)), _each(text, runs, plain)
    if len(shouted_runs(words, known)) > most and can_lower(language):
        words = _each(text, runs, lambda run: _in_a_sentence(plain(run), language, known))
    is_fit = len(words) == len(text) and len(shouted_runs(words, known)) <= most
    return words if is_fit else None


def _each(text: str, runs: list[Span], change: Callable[[str], str]) -> str:
    return replaced(text, Span(0, len(text)), [(run, change(run.of(text))) for run in runs])


def _in_a_sentence(words: str, language: str, known: frozenset[str]) -> str:
    first = _WORD.search(words)

    def lowered(word: re.Match[str]) -> str:
        opens = first is not None and word.start() == first.start()
        return sentence_case(word[0], language, opens=opens, known=known)

    return _WORD.sub(lambda word: lowered(word) if word[0].isupper() else word[0], words)


RULES = (letters_fancy,)
