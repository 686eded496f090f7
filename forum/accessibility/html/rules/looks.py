"""How words look: contrast and spacing, from inline styles. A post keeps none of these."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from forum.accessibility.html.colours import (
    coloured_texts,
    font_size,
    is_large,
    length,
    paint_of,
)
from forum.accessibility.html.names import is_seen, text_of
from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.roles import role_of
from forum.accessibility.html.styles import is_important, value_of
from forum.accessibility.html.tree import Element, Page, Text
from forum.phrases import Phrase as _
from forum.review import Severity

_LETTERS = re.compile(r"[^\W\d_]")
_COLOURS = ("color", "background", "background-color", "opacity")
_INHERITED = ("inherit", "unset", "revert", "revert-layer")
LEAST_LETTERS, LEAST_WORDS, LEAST_LINES = 0.12, 0.16, 1.5
"""Of the size of the letters (WCAG 2.2, 1.4.12)."""
_COLUMN = 1000.0
"""Pixels that a line may be long where nothing says otherwise."""


@html_rule(
    "contrast-low",
    wcag="1.4.3",
    act=("afw4f7", "09o5cg"),
    message=_("These words differ too little in lightness from what is behind them."),
    bad='<p style="color: #aaa">Closed on Mondays</p>',
    good='<p style="color: #555">Closed on Mondays</p>',
)
def contrast_low(page: Page) -> Iterator[Fault]:
    """Contrast under 4.5 to 1, or under 3 to 1 for large letters."""
    for element, contrast in _contrasts(page):
        if contrast < (3 if is_large(element) else 4.5):
            yield Fault(element, _blamed(element), by=_coloured(element))


@html_rule(
    "contrast-not-enhanced",
    wcag="1.4.6",
    act=("09o5cg",),
    message=_("These words differ less in lightness from what is behind them than many need."),
    bad='<p style="color: #666">Closed on Mondays</p>',
    good='<p style="color: #555">Closed on Mondays</p>',
)
def contrast_not_enhanced(page: Page) -> Iterator[Fault]:
    """Contrast that is enough for level AA but under 7 to 1, or 4.5 to 1 for large letters."""
    for element, contrast in _contrasts(page):
        least, best = (3, 4.5) if is_large(element) else (4.5, 7)
        if least <= contrast < best:
            yield Fault(element, _blamed(element), by=_coloured(element))


def _contrasts(page: Page) -> Iterator[tuple[Element, float]]:
    for element in coloured_texts(page.elements):
        words = "".join(child.text for child in element.children if isinstance(child, Text))
        if element.space != "html" or not is_seen(element) or _is_disabled(page, element):
            continue
        if len(_LETTERS.findall(words)) < 2:
            continue
        paint = paint_of(element)
        if paint is not None and paint.is_visible:
            yield element, round(paint.contrast, 2)


def _is_disabled(page: Page, element: Element) -> bool:
    """Whether it belongs to something that cannot be used now: WCAG leaves that out."""
    around = (element, *element.ancestors())
    if any(each.get("aria-disabled") == "true" or "disabled" in each.attributes for each in around):
        return True
    label = element if element.tag == "label" else element.within("label")
    target = page.by_id.get(label.get("for") or "") if label is not None else None
    return target is not None and "disabled" in target.attributes


def _coloured(element: Element) -> Element:
    """The nearest element around the words that gives them or their background a colour."""
    return next((e for e in (element, *element.ancestors()) if _blamed(e)), element)


def _blamed(element: Element) -> tuple[str, ...]:
    """The attributes that colour it; found again on the element around it."""
    for each in (element, *element.ancestors()):
        if any(name in each.style for name in _COLOURS):
            return ("style",)
        if found := tuple(name for name in ("color", "bgcolor") if name in each.attributes):
            return found
    return ("style",)


Measure = Callable[[Element, Element], float | None]


def _cramped(page: Page, name: str, least: float, measure: Measure) -> Iterator[Fault]:
    """Elements with an important declaration by which some words inside get too little."""
    for element in page.elements:
        if element.space != "html" or not is_important(element.style, name):
            continue
        if value_of(element.style, name) in _INHERITED or not is_seen(element):
            continue
        for words in _words_with(element, name):
            share = measure(element, words)
            if share is not None and share < least - 0.001:
                yield Fault(element, ("style",))
                break


def _words_with(element: Element, name: str) -> Iterator[Element]:
    """Elements with words of their own that have the declaration of ``element``."""
    pending = [element]
    while pending:
        each = pending.pop()
        if each.hidden or (each is not element and name in each.style):
            continue
        if any(isinstance(child, Text) and child.text.strip() for child in each.children):
            yield each
        pending += list(each.elements)


def _spacing(name: str) -> Measure:
    def measure(element: Element, words: Element) -> float | None:
        written = value_of(element.style, name)
        if written in ("initial", "normal"):
            return 0.0
        pixels = length(written, font_size(element))
        return None if pixels is None else pixels / font_size(words)

    return measure


def _line_height(element: Element, words: Element) -> float | None:
    if not _wraps(words):
        return None
    written = value_of(element.style, "line-height")
    if written in ("initial", "normal"):
        return 1.2
    if re.fullmatch(r"[0-9.]+", written):
        return float(written) if written.count(".") < 2 and written != "." else None
    pixels = length(written, font_size(element))
    return None if pixels is None else pixels / font_size(words)


def _wraps(element: Element) -> bool:
    """Whether its words take more than one line: by a break, or in the width that they have."""
    if any(each.tag == "br" for each in element.descendants()):
        return True
    widths = [_width(each) for each in (element, *element.ancestors())]
    column = min((width for width in widths if width is not None), default=_COLUMN)
    return len(text_of(element)) * font_size(element) / 2 > column


def _width(element: Element) -> float | None:
    found = (length(value_of(element.style, n), 16) for n in ("width", "max-width"))
    written = [value_of(element.style, n) for n in ("width", "max-width")]
    if any(each.endswith("%") for each in written):
        return None
    return min((each for each in found if each), default=None)


@html_rule(
    "spacing-letters",
    wcag="1.4.12",
    act=("24afc2",),
    message=_("The letters stand too close together, and a reader cannot change that."),
    bad='<p style="letter-spacing: 0.1em !important">Closed on Mondays</p>',
    good='<p style="letter-spacing: 0.1em">Closed on Mondays</p>',
)
def spacing_letters(page: Page) -> Iterator[Fault]:
    """Important letter spacing under 0.12 of the letters' size."""
    return _cramped(page, "letter-spacing", LEAST_LETTERS, _spacing("letter-spacing"))


@html_rule(
    "spacing-words",
    wcag="1.4.12",
    act=("9e45ec",),
    message=_("The words stand too close together, and a reader cannot change that."),
    bad='<p style="word-spacing: 0.1em !important">Closed on Mondays</p>',
    good='<p style="word-spacing: 0.1em">Closed on Mondays</p>',
)
def spacing_words(page: Page) -> Iterator[Fault]:
    """Important word spacing under 0.16 of the letters' size."""
    return _cramped(page, "word-spacing", LEAST_WORDS, _spacing("word-spacing"))


@html_rule(
    "spacing-lines",
    wcag="1.4.12",
    act=("78fd32",),
    message=_("The lines stand too close together, and a reader cannot change that."),
    bad='<p style="line-height: 1.2 !important">Closed<br>on Mondays</p>',
    good='<p style="line-height: 1.2">Closed<br>on Mondays</p>',
)
def spacing_lines(page: Page) -> Iterator[Fault]:
    """Important line height under 1.5 where words take several lines."""
    return _cramped(page, "line-height", LEAST_LINES, _line_height)


@html_rule(
    "letters-tiny",
    wcag="1.4.4",
    severity=Severity.HINT,
    message=_("These letters are very small."),
    bad='<p style="font-size: 8px">Closed on Mondays</p>',
    good="<p>Closed on Mondays</p>",
)
def letters_tiny(page: Page) -> Iterator[Fault]:
    """Words under 10 pixels; letters of size 0 are not shown at all."""
    for element in page.elements:
        if (
            "font-size" in element.style
            and 0 < font_size(element) <= 10
            and text_of(element)
            and is_seen(element)
            and role_of(element) not in ("none", "presentation")
        ):
            yield Fault(element, ("style",))


RULES = (
    contrast_low,
    contrast_not_enhanced,
    spacing_letters,
    spacing_words,
    spacing_lines,
    letters_tiny,
)
