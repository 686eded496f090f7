"""Headings, lists and the order of things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from forum.accessibility.html.colours import font_size, is_bold
from forum.accessibility.html.names import is_exposed, name_of, text_of
from forum.accessibility.html.registry import Fault, html_rule, same_rule
from forum.accessibility.html.roles import PRESENTATION, given_role, role_of
from forum.accessibility.html.styles import value_of
from forum.accessibility.html.tree import Element, Page, Text
from forum.accessibility.rules import headings
from forum.phrases import Phrase as _
from forum.review import Severity
from forum.text.lines import is_visible

_LISTS = frozenset({"ul", "ol", "menu"})
_SENTENCE = re.compile(r"[.!?:;,…]\s*$")
LONGEST_HEADING = 120


def headings_of(page: Page) -> Iterator[tuple[Element, int]]:
    """Headings with their levels, those quoted left out."""
    for element in page.elements:
        if role_of(element) != "heading" or not is_exposed(element):
            continue
        if element.within("blockquote") is None:
            yield element, level_of(element)


def level_of(element: Element) -> int:
    """The level of a heading: as said for assistive technology, else by its name."""
    said = (element.get("aria-level") or "").strip()
    if said.isdigit() and len(said) < 3 and int(said) > 0:
        return int(said)
    return int(element.tag[1]) if element.tag[1:].isdigit() else 2


def _carriers(element: Element) -> tuple[str, ...]:
    return () if re.fullmatch(r"h[1-6]", element.tag) else ("role",)


@html_rule(
    "heading-empty",
    wcag="1.3.1",
    act=("ffd0e9",),
    message=_("This heading has no words: please write some, or take it away."),
    bad="<h2></h2><p>Open from nine to five</p>",
    good="<h2>Opening hours</h2><p>Open from nine to five</p>",
)
def heading_empty(page: Page) -> Iterator[Fault]:
    """Headings in which there is nothing to be heard."""
    for element in page.elements:
        if role_of(element) == "heading" and is_exposed(element):
            name = name_of(page, element) or text_of(element)
            if not re.search(r"\w", name) and not _has_symbol(name):
                yield Fault(element, _carriers(element), element.span.of(page.source))


def _has_symbol(name: str) -> bool:
    """A letter of a private font is nothing that can be heard; an emoji is."""
    return any(is_visible(char) and ord(char) > 0x2000 and not _is_private(char) for char in name)


def _is_private(char: str) -> bool:
    return "\ue000" <= char <= "\uf8ff" or ord(char) >= 0xF0000


@same_rule(
    headings.heading_skipped,
    help=_(
        "People who listen to a page find their way by its headings, and a missing level sounds "
        "like a missing part. After a heading <h2> write <h3> and not <h4>."
    ),
    bad="<h2>Night shift</h2><h4>Handover</h4>",
    good="<h2>Night shift</h2><h3>Handover</h3>",
)
def heading_skipped(page: Page) -> Iterator[Fault]:
    """Headings more than one level deeper than the one before."""
    before: int | None = None
    for element, level in headings_of(page):
        if before is not None and level > before + 1:
            yield Fault(element, _carriers(element))
        before = level


@html_rule(
    "heading-bold",
    wcag="1.3.1",
    severity=Severity.HINT,
    message=_("This paragraph looks like a heading: please make it one."),
    bad="<p><b>Opening hours</b></p><p>Open from nine to five, but not on Mondays.</p>",
    good="<h2>Opening hours</h2><p>Open from nine to five, but not on Mondays.</p>",
)
def heading_bold(page: Page) -> Iterator[Fault]:
    """Short paragraphs, all bold or in large letters, before one that is not."""
    for element, following in _followed(page):
        words = text_of(element)
        if not words or len(words) > LONGEST_HEADING or _SENTENCE.search(words):
            continue
        if element.silent or element.within("blockquote", "li", "td", "th") is not None:
            continue
        if (
            following.tag == "p"
            and text_of(following)
            and _stands_out(element)
            and not _stands_out(following)
        ):
            yield Fault(element)


def _followed(page: Page) -> Iterator[tuple[Element, Element]]:
    """Paragraphs with the element right after each."""
    for around in (page.root, *page.elements):
        yield from (pair for pair in pairwise(around.elements) if pair[0].tag == "p")


def _stands_out(element: Element) -> bool:
    """Whether all of its words are bold, cursive or larger than others."""
    holders = [e for e in (element, *element.descendants()) if _has_words(e)]
    return bool(holders) and all(
        is_bold(e) or _is_cursive(e) or font_size(e) >= 1.15 * 16 for e in holders
    )


def _is_cursive(element: Element) -> bool:
    around = (element, *element.ancestors())
    return any(e.tag in ("i", "em") or value_of(e.style, "font-style") == "italic" for e in around)


def _has_words(element: Element) -> bool:
    return any(isinstance(child, Text) and child.text.strip() for child in element.children)


@html_rule(
    "list-item-alone",
    wcag="1.3.1",
    message=_("This item of a list stands in no list."),
    bad="<div><li>Clay</li></div>",
    good="<ul><li>Clay</li></ul>",
)
def list_item_alone(page: Page) -> Iterator[Fault]:
    """``li`` outside of lists, ``dt`` and ``dd`` outside of lists of definitions."""
    for element in page.tagged("li", "dt", "dd"):
        if element.silent or given_role(element):
            continue
        if not (_in_list(element) if element.tag == "li" else _in_definitions(element)):
            # A list that is said to be something else is one again without its role.
            parent = element.parent
            is_in_list = parent is not None and parent.tag in (*_LISTS, "dl")
            yield Fault(element, ("role",) if is_in_list else (), by=parent if is_in_list else None)


def _in_list(element: Element) -> bool:
    parent = element.parent
    if parent is None:
        return False
    role = given_role(parent)
    return role == "list" or (parent.tag in _LISTS and role in ("", *PRESENTATION))


def _in_definitions(element: Element) -> bool:
    parent = element.parent
    if parent is not None and parent.tag == "div" and not given_role(parent):
        parent = parent.parent
    if parent is None or parent.tag != "dl":
        return False
    return given_role(parent) in ("", "list")


@html_rule(
    "summary-empty",
    wcag="4.1.2",
    act=("2t702h",),
    message=_("What opens this part of the text has no words."),
    bad="<details><summary></summary><p>Open from nine to five</p></details>",
    good="<details><summary>Opening hours</summary><p>Open from nine to five</p></details>",
)
def summary_empty(page: Page) -> Iterator[Fault]:
    """The first ``summary`` of ``details``, where it is what it seems and says nothing."""
    for details in page.tagged("details"):
        first = next((each for each in details.elements if each.tag == "summary"), None)
        if first is None or not is_exposed(first) or given_role(first) in ("button", "link"):
            continue
        if given_role(first) and given_role(first) not in PRESENTATION:
            continue
        if not is_visible(name_of(page, first)) and not first.silent:
            yield Fault(first)


@html_rule(
    "tab-order-forced",
    wcag="2.4.3",
    message=_("This puts itself before everything else in the order of the Tab key."),
    bad='<p tabindex="2">First</p>',
    good='<p tabindex="0">First</p>',
)
def tab_order_forced(page: Page) -> Iterator[Fault]:
    """``tabindex`` above zero."""
    for element in page.with_attribute("tabindex"):
        number = element.attributes["tabindex"].strip()
        if number.isdigit() and number.strip("0"):
            yield Fault(element, ("tabindex",))


RULES = (
    heading_empty,
    heading_skipped,
    heading_bold,
    list_item_alone,
    summary_empty,
    tab_order_forced,
)
