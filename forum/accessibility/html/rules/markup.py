"""Markup that contradicts itself: an attribute twice, an id of two elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.tree import Page
from forum.phrases import Phrase as _

_REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "for")


@html_rule(
    "attribute-twice",
    wcag="4.1.1",
    act=("e6952f",),
    message=_("This has the same attribute twice; browsers heed only the first."),
    bad='<p title="Open" title="Closed">Today</p>',
    good='<p title="Open">Today</p>',
)
def attribute_twice(page: Page) -> Iterator[Fault]:
    """Start tags with one attribute more than once. The sanitiser keeps only what counts."""
    return (Fault(element, element.twice) for element in page.elements if element.twice)


@html_rule(
    "id-twice",
    wcag="4.1.2",
    act=("3ea0c8",),
    message=_("Two elements have the id that another one refers to, so it is not clear to which."),
    bad='<p id="a">Shift</p><p id="a">Who</p><p aria-labelledby="a" role="group">Early</p>',
    good='<p id="a">Shift</p><p id="b">Who</p><p aria-labelledby="a" role="group">Early</p>',
)
def id_twice(page: Page) -> Iterator[Fault]:
    """Ids that stand on several elements and are referred to."""
    count = Counter(element.attributes["id"] for element in page.with_attribute("id"))
    used = {
        word
        for element in page.elements
        for name in _REFERRING
        for word in (element.get(name) or "").split()
    }
    met: set[str] = set()
    for element in page.with_attribute("id"):
        identifier = element.attributes["id"]
        if count[identifier] > 1 and identifier in used and identifier in met:
            yield Fault(element, ("id",))
        met.add(identifier)


RULES = (attribute_twice, id_twice)
