"""Which role an element plays: the one it was given where that counts, else that of its kind.

Sources: HTML Accessibility API Mappings 1.0 (element to role) and WAI-ARIA 1.2, section 7
(handling of author errors: unknown roles, and presentation that has to be heard all the same).
"""

from __future__ import annotations

from forum.accessibility.html.aria import GLOBAL, ROLES
from forum.accessibility.html.tree import Element

PRESENTATION = frozenset({"none", "presentation"})

# fmt: off
_BY_TAG = {
    "article": "article", "aside": "complementary", "blockquote": "blockquote",
    "button": "button", "caption": "caption", "code": "code", "datalist": "listbox", "del": "deletion",
    "details": "group", "dfn": "term", "dialog": "dialog", "em": "emphasis", "fieldset": "group",
    "figure": "figure", "form": "form", "hr": "separator", "ins": "insertion", "li": "listitem",
    "main": "main", "math": "math", "menu": "list", "meter": "meter", "nav": "navigation",
    "ol": "list", "optgroup": "group", "option": "option", "output": "status", "p": "paragraph",
    "progress": "progressbar", "search": "search", "strong": "strong", "sub": "subscript",
    "sup": "superscript", "table": "table", "tbody": "rowgroup", "textarea": "textbox",
    "tfoot": "rowgroup", "thead": "rowgroup", "time": "time", "tr": "row", "ul": "list",
    **{f"h{level}": "heading" for level in range(1, 7)},
}
_GENERIC = frozenset({
    "a", "address", "b", "bdi", "bdo", "body", "data", "div", "hgroup", "i", "pre", "q", "samp",
    "small", "span", "u", "area",
})
_BY_TYPE = {
    "button": "button", "checkbox": "checkbox", "email": "textbox", "image": "button",
    "number": "spinbutton", "radio": "radio", "range": "slider", "reset": "button",
    "search": "searchbox", "submit": "button", "tel": "textbox", "text": "textbox",
    "url": "textbox", "": "textbox",
}
_NO_ROLE = frozenset({
    "color", "date", "datetime-local", "file", "hidden", "month", "password", "time", "week",
})
# fmt: on


def role_of(element: Element) -> str:
    """The role that assistive technology gives ``element``; empty where it has none."""
    if element.role is None:
        given = given_role(element)
        is_heard = given in PRESENTATION and (is_focusable(element) or has_global(element))
        element.role = natural_role(element) if is_heard or not given else given
    return element.role


def given_role(element: Element) -> str:
    """The first role in its attribute that there is; empty without one."""
    words = (element.get("role") or "").lower().split()
    return next((word for word in words if word in ROLES), "")


def natural_role(element: Element) -> str:
    """The role that an element has when none is given; ``generic`` says nothing."""
    tag = element.tag
    if element.space != "html":
        return "link" if tag == "a" and _leads(element) else ""
    if tag in ("a", "area") and "href" in element.attributes:
        return "link"
    if tag == "img":
        return "presentation" if is_silenced(element) else "img"
    if tag == "input":
        return _input_role(element)
    if tag == "select":
        return "listbox" if "multiple" in element.attributes else "combobox"
    if tag in ("td", "th"):
        return _cell_role(element)
    if tag == "section":
        return "region" if _has_words_for_name(element) else "generic"
    return "generic" if tag in _GENERIC else _BY_TAG.get(tag, "")


def is_silenced(element: Element) -> bool:
    """Whether a picture says by an empty alternative that it is decoration."""
    if element.get("alt") != "":
        return False
    return not (is_focusable(element) or has_global(element) or element.get("title"))


def has_global(element: Element) -> bool:
    """Whether it has an attribute for assistive technology that makes it worth to be heard."""
    return any(
        name in GLOBAL and name != "aria-hidden" and _says(element, name)
        for name in element.attributes
    )


def _says(element: Element, name: str) -> bool:
    """An empty name, as in ``aria-label=""``, is like none at all."""
    return bool(element.attributes[name].strip()) or name not in ("aria-label", "aria-labelledby")


def is_focusable(element: Element) -> bool:
    """Whether the keyboard or a script can move to it."""
    if "disabled" in element.attributes and element.tag in _CONTROLS:
        return False
    tabindex = (element.get("tabindex") or "").strip()
    if tabindex.lstrip("+-").isdigit():
        return True
    return is_control(element)


def is_tabbable(element: Element) -> bool:
    """Whether the Tab key leads to it."""
    tabindex = (element.get("tabindex") or "").strip()
    return is_focusable(element) and not tabindex.startswith("-")


_CONTROLS = frozenset({"button", "input", "select", "textarea"})


def is_control(element: Element) -> bool:
    """Whether it is something to use by itself, whatever attributes it has."""
    tag = element.tag
    if tag in ("a", "area"):
        return _leads(element)
    if tag in ("audio", "video"):
        return "controls" in element.attributes
    if tag == "input":
        return element.attributes.get("type", "").lower() != "hidden"
    if tag == "summary":
        return element.parent is not None and element.parent.tag == "details"
    return tag in _CONTROLS or tag == "iframe" or element.get("contenteditable") in ("", "true")


def _leads(element: Element) -> bool:
    return "href" in element.attributes or "xlink:href" in element.attributes


def _input_role(element: Element) -> str:
    kind = element.attributes.get("type", "").strip().lower()
    if kind in _NO_ROLE:
        return ""
    role = _BY_TYPE.get(kind, "textbox")
    return "combobox" if role in ("textbox", "searchbox") and "list" in element.attributes else role


def _cell_role(element: Element) -> str:
    table = element.within("table")
    kind = role_of(table) if table is not None else ""
    if kind not in ("table", "grid", "treegrid"):
        return ""
    if element.tag == "td":
        return "cell" if kind == "table" else "gridcell"
    scope = (element.get("scope") or "").lower()
    if scope in ("row", "rowgroup"):
        return "rowheader"
    if scope in ("col", "colgroup"):
        return "columnheader"
    # Without a scope a header belongs to the data in its own row, where there are some.
    in_data = element.parent is not None and element.parent.holds_data
    return "rowheader" if in_data else "columnheader"


def _has_words_for_name(element: Element) -> bool:
    names = ("aria-label", "aria-labelledby", "title")
    return any((element.get(name) or "").strip() for name in names)
