"""What a screen reader calls an element, and which of its words can be seen.

Source: Accessible Name and Description Computation 1.2, without style sheets; HTML Accessibility
API Mappings 1.0, section 4, for what names an element of HTML.
"""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.html.aria import ROLES
from forum.accessibility.html.roles import given_role, natural_role, role_of
from forum.accessibility.html.styles import value_of
from forum.accessibility.html.tree import Element, Page, Text

MOST_STEPS = 100_000
"""Elements and words that are read for all names of a page together: references may point at the
same long text a thousand times. What is beyond has a name as far as we can tell."""
MOST_DEEP = 150
"""Elements inside each other, or owned by each other, that one name is read from."""
_BEYOND = "…"
_FAR_AWAY = -900
"""Pixels or letters: so far outside nothing is seen."""
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table",
    "td", "th", "tr", "ul",
})
# fmt: on


def name_of(page: Page, element: Element) -> str:
    """The accessible name of ``element`` on one line; empty where it has none."""
    return " ".join(_name(page, element).split())


def _name(page: Page, element: Element) -> str:
    referred = page.referred(element, "aria-labelledby")
    said = " ".join(_said(page, each, frozenset(), labelled=True) for each in referred)
    if said.strip():
        return said
    label = element.get("aria-label") or ""
    if label.strip():
        return label
    own = _own_name(page, element, frozenset({element}))
    if own.strip():
        return own
    role = ROLES.get(role_of(element))
    if (role and role.from_content) or element.tag == "summary":
        content = _inside(page, element, frozenset({element}))
        if content.strip():
            return content
    return element.get("title") or element.get("placeholder") or ""


def _own_name(page: Page, element: Element, seen: frozenset[Element]) -> str:
    """What the language of the element has for its name."""
    tag = element.tag
    if tag in ("img", "area"):
        return element.get("alt") or ""
    if tag == "input":
        return _input_name(page, element, seen)
    if tag in ("select", "textarea", "meter", "progress", "output", "button"):
        return _label(page, element, seen)
    inside = {"table": "caption", "fieldset": "legend", "svg": "title", "figure": "figcaption"}
    if tag in inside:
        found = next((each for each in element.elements if each.tag == inside[tag]), None)
        return _inside(page, found, seen, all_of_it=True) if found else ""
    return ""


def _input_name(page: Page, element: Element, seen: frozenset[Element]) -> str:
    kind = (element.get("type") or "").strip().lower()
    if kind in ("submit", "reset"):
        return element.attributes.get("value", kind)
    if kind == "button":
        return element.get("value") or _label(page, element, seen)
    if kind == "image":
        return element.get("alt") or _label(page, element, seen)
    return _label(page, element, seen)


def _label(page: Page, element: Element, seen: frozenset[Element]) -> str:
    around = element.within("label")
    wanted = element.get("id")
    labels = page.labels.get(wanted, []) if wanted else []
    if around is not None and "for" not in around.attributes:
        labels = [*labels, around]
    return " ".join(_inside(page, label, seen) for label in labels)


def _said(page: Page, element: Element, seen: frozenset[Element], *, labelled: bool = False) -> str:
    """What an element adds to a name; ``labelled`` when it was pointed at, hidden or not."""
    if element in seen or len(seen) > MOST_DEEP:
        return ""
    if element.silent and not labelled:
        return ""
    seen |= {element}
    label = element.get("aria-label") or ""
    own = label if label.strip() else _own_name(page, element, seen)
    if own.strip():
        return own
    content = _inside(page, element, seen, all_of_it=labelled and element.silent)
    return content if content.strip() else element.get("title") or ""


def _inside(
    page: Page, element: Element, seen: frozenset[Element], *, all_of_it: bool = False
) -> str:
    words = sum(len(child.text) for child in element.children if isinstance(child, Text))
    page.steps += 1 + len(element.children) + words // 50
    if page.steps > MOST_STEPS:
        return _BEYOND
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, Text):
            parts.append("" if element.hidden and not all_of_it else child.text)
            continue
        said = _said(page, child, seen, labelled=all_of_it)
        parts.append(f" {said} " if child.tag in _BLOCKS else said)
    owned = page.referred(element, "aria-owns")
    parts += [f" {_said(page, each, seen | {element})}" for each in owned]
    return "".join(parts)


def text_of(element: Element) -> str:
    """All words inside that are not hidden, on one line."""
    if element.words is None:
        element.words = " ".join("".join(_words(element)).split())
    return element.words


def _words(element: Element) -> Iterator[str]:
    if element.hidden:
        return
    pending: list[Element | Text] = element.children[::-1]
    while pending:
        child = pending.pop()
        if isinstance(child, Text):
            yield child.text
        elif not child.hidden:
            if child.tag in _BLOCKS:
                yield " "
            pending += child.children[::-1]
            pending += [Text(" ", child.span)] if child.tag in _BLOCKS else []


def is_exposed(element: Element) -> bool:
    """Whether assistive technology meets it as what it is."""
    if element.silent:
        return False
    return not any(_is_flat(each) for each in element.ancestors())


def _is_flat(element: Element) -> bool:
    """Whether what stands inside is only presentation."""
    given = given_role(element)
    role = ROLES.get(given or natural_role(element))
    return bool(role and role.flat) and element.tag != "svg"


def is_seen(element: Element) -> bool:
    """Whether its words stand where eyes find them, as far as inline styles tell."""
    if element.hidden:
        return False
    return not any(_is_moved_away(each) for each in (element, *element.ancestors()))


def _is_moved_away(element: Element) -> bool:
    style = element.style
    if not style:
        return False
    places = ["margin-left", "margin-top", "text-indent"]
    if value_of(style, "position") in ("absolute", "fixed"):
        places += ["left", "top", "right", "bottom"]
    if any(_number(value_of(style, place)) <= _FAR_AWAY for place in places):
        return True
    clipped = value_of(style, "clip").replace(" ", "") in ("rect(0,0,0,0)", "rect(0000)")
    return clipped or value_of(style, "opacity") in ("0", "0%", "0.0")


def _number(value: str) -> float:
    digits = value.rstrip("abcdefghijklmnopqrstuvwxyz%")
    try:
        return float(digits)
    except ValueError:
        return 0.0


def has_seen_text(element: Element) -> bool:
    """Whether there is a word inside that can be seen."""
    return is_seen(element) and bool(text_of(element))
