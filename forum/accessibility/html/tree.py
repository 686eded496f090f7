"""HTML as a browser reads it: a tree of elements, each with its place in the given text.

The parser is JustHTML, which follows the HTML standard's own algorithm and says where each tag
stood. It is imported where it is needed: most processes of a forum never review HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from forum.accessibility.html.styles import Style, style_of, value_of
from forum.review import Span

_NAME = r"[^\s/>=][^\s/>=]*+"
_VALUE = r"""(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)"""
_ATTRIBUTE = re.compile(rf"({_NAME})(?:\s*+=\s*+{_VALUE})?+")
_TAG = re.compile(rf"<[a-zA-Z][^\s/>]*+((?:[\s/]++|{_NAME}(?:\s*+=\s*+{_VALUE})?+|=)*+)>")
_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")

UNSEEN = frozenset({"head", "script", "style", "template", "title", "noscript", "datalist"})
"""Elements of HTML whose content no reader meets as text."""


@dataclass(slots=True)
class Text:
    """Words between tags, with references such as ``&amp;`` resolved."""

    text: str
    span: Span


@dataclass(slots=True, eq=False)
class Element:
    """An element.

    Attributes:
        tag: its name in small letters; ``space`` is ``html``, ``svg`` or ``math``.
        attributes: those that count: of one written twice the first.
        span: its start tag in the given HTML; where it was never written, that of its parent.
        twice: names of attributes that were written more than once.
        hidden: whether it, or what it stands in, is not shown at all.
        silent: whether assistive technology passes it over: hidden, or so marked.
        role: kept by :func:`forum.accessibility.html.roles.role_of`, which is asked often;
            ``words`` by :func:`forum.accessibility.html.names.text_of`.
        holds_data: whether it is a row with data cells.
    """

    tag: str
    space: str
    attributes: dict[str, str]
    span: Span
    parent: Element | None
    twice: tuple[str, ...] = ()
    hidden: bool = False
    silent: bool = False
    style: Style = field(default_factory=dict)
    children: list[Element | Text] = field(default_factory=list)
    role: str | None = None
    words: str | None = None
    holds_data: bool = False

    def get(self, name: str) -> str | None:
        """The value of an attribute, ``None`` where it is not."""
        return self.attributes.get(name)

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly inside."""
        return (child for child in self.children if isinstance(child, Element))

    def descendants(self) -> Iterator[Element]:
        """All elements inside, in reading order."""
        stack = list(self.elements)[::-1]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(list(element.elements)[::-1])

    def ancestors(self) -> Iterator[Element]:
        """What it stands in, from the inside."""
        element = self.parent
        while element is not None:
            yield element
            element = element.parent

    def within(self, *tags: str) -> Element | None:
        """The nearest element around it with one of these names."""
        return next((each for each in self.ancestors() if each.tag in tags), None)


class Page:
    """One text of HTML, parsed.

    Attributes:
        source: as it was given; spans refer to it.
        language: what it is in unless it says otherwise.
        elements: all of them, in reading order.
        kept: what was worked out already and is asked for again, by who asked and about what.
        steps: how much was read to make names of things; see ``names.MOST_STEPS``.
    """

    def __init__(self, source: str, language: str = "en") -> None:
        """Parse ``source``, which keeps to the caps of :func:`forum.text.caps.check_html`."""
        from justhtml import JustHTML

        # A carriage return counts as an end of line; the space keeps all places as they are.
        parsed = JustHTML(
            source.replace("\r", " "),
            sanitize=False,
            track_node_locations=True,
            scripting_enabled=True,
        )
        self.source = source
        self.language = language
        self.steps = 0
        self.kept: dict[object, Any] = {}
        self.elements: list[Element] = []
        self.root = Element("", "html", {}, Span(0, 0), None)
        self._take(parsed.root.children or [], self.root)

    @cached_property
    def by_id(self) -> dict[str, Element]:
        """The first element with each id."""
        found: dict[str, Element] = {}
        for element in self.elements:
            found.setdefault(element.attributes.get("id", ""), element)
        found.pop("", None)
        return found

    @cached_property
    def labels(self) -> dict[str, list[Element]]:
        """The labels for each id."""
        found: dict[str, list[Element]] = {}
        for label in self.tagged("label"):
            found.setdefault(label.attributes.get("for", ""), []).append(label)
        return found

    def referred(self, element: Element, attribute: str) -> list[Element]:
        """The elements whose ids ``attribute`` lists, as far as they are there."""
        ids = (element.get(attribute) or "").split()
        return [self.by_id[each] for each in ids if each in self.by_id]

    def tagged(self, *tags: str) -> Iterator[Element]:
        """All elements with one of these names."""
        return (element for element in self.elements if element.tag in tags)

    def with_attribute(self, name: str) -> Iterator[Element]:
        """All elements with this attribute."""
        return (element for element in self.elements if name in element.attributes)

    def _take(self, nodes: list[Any], parent: Element) -> None:
        # A stack, for elements may stand deeper inside each other than Python calls itself.
        pending: list[tuple[Any, Element]] = [(node, parent) for node in reversed(nodes)]
        while pending:
            node, around = pending.pop()
            if node.name == "#text":
                around.children.append(self._text(node, around))
            elif not node.name.startswith(("#", "!")):
                element = self._element(node, around)
                around.children.append(element)
                self.elements.append(element)
                around.holds_data = around.holds_data or element.tag == "td"
                content = getattr(node, "template_content", None) or node
                pending.extend((child, element) for child in reversed(content.children or []))

    def _text(self, node: Any, around: Element) -> Text:
        start = node.origin_offset
        if start is None:
            return Text(node.data, Span(around.span.end, around.span.end))
        end = _MARKUP.search(self.source, start)
        return Text(node.data, Span(start, end.start() if end else len(self.source)))

    def _element(self, node: Any, around: Element) -> Element:
        attributes = {name: value or "" for name, value in (node.attrs or {}).items()}
        span, twice = self._start_tag(node.origin_offset, around)
        style = style_of(attributes.get("style", ""))
        space = {"svg": "svg", "math": "math"}.get(node.namespace or "", "html")
        element = Element(node.name.lower(), space, attributes, span, around, twice, style=style)
        element.hidden = around.hidden or _is_hidden(element)
        said = attributes.get("aria-hidden", "").strip().lower() == "true"
        element.silent = element.hidden or around.silent or said
        return element

    def _start_tag(self, start: int | None, around: Element) -> tuple[Span, tuple[str, ...]]:
        if start is None:
            return around.span, ()
        written = _TAG.match(self.source, start)
        if not written:
            return Span(start, start + 1), ()
        names = [name.lower() for name in _ATTRIBUTE.findall(written[1])]
        twice = tuple(name for name in dict.fromkeys(names) if names.count(name) > 1)
        return Span(start, written.end()), twice


def _is_hidden(element: Element) -> bool:
    if element.tag in UNSEEN and element.space == "html":
        return True
    return (
        "hidden" in element.attributes
        or value_of(element.style, "display") == "none"
        or value_of(element.style, "visibility") in ("hidden", "collapse")
        or (element.tag == "input" and element.attributes.get("type", "").lower() == "hidden")
    )
