"""Attributes for assistive technology: they exist, have a value that means something, and fit."""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.html.aria import ATTRIBUTES, GLOBAL, ROLES, is_valid
from forum.accessibility.html.names import text_of
from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.roles import (
    PRESENTATION,
    given_role,
    is_control,
    is_tabbable,
    natural_role,
    role_of,
)
from forum.accessibility.html.tree import Element, Page
from forum.phrases import Phrase as _

_NAMES = ("aria-label", "aria-labelledby", "aria-braillelabel")
_NOTHING = frozenset({"br", "wbr", "col", "colgroup", "head", "html", "link", "meta", "param"})
"""Elements that are no object of their own for assistive technology (ARIA in HTML)."""
_TREE_ROW = frozenset({"aria-posinset", "aria-setsize", "aria-level", "aria-expanded"})
_MUST_EXIST = frozenset({"aria-activedescendant", "aria-details", "aria-flowto", "aria-owns"})


def _aria(element: Element) -> Iterator[tuple[str, str]]:
    return ((n, v) for n, v in element.attributes.items() if n.startswith("aria-"))


@html_rule(
    "aria-unknown",
    wcag="4.1.2",
    act=("5f99a7",),
    message=_("There is no such ARIA attribute, so nothing comes of it."),
    bad='<p aria-lable="Opening hours">9 to 5</p>',
    good='<p aria-description="Opening hours">9 to 5</p>',
)
def aria_unknown(page: Page) -> Iterator[Fault]:
    """Attributes that begin with ``aria-`` and are not in WAI-ARIA."""
    for element in page.elements:
        for name, _value in _aria(element):
            if name not in ATTRIBUTES:
                yield Fault(element, (name,))


@html_rule(
    "aria-value",
    wcag="4.1.2",
    act=("6a7281",),
    message=_("This ARIA attribute has a value that means nothing."),
    bad='<p aria-live="loud">Saved</p>',
    good='<p aria-live="polite">Saved</p>',
)
def aria_value(page: Page) -> Iterator[Fault]:
    """Values that are not of the attribute's type, and references that lead nowhere."""
    for element in page.elements:
        if element.space == "math":
            continue
        for name, value in _aria(element):
            if name not in ATTRIBUTES:
                continue
            if not is_valid(name, value) or _leads_nowhere(page, element, name):
                yield Fault(element, (name,))


def _leads_nowhere(page: Page, element: Element, name: str) -> bool:
    value = element.attributes[name].strip()
    if not value or page.referred(element, name) or element.get("aria-expanded") == "false":
        return False
    if name == "aria-controls":
        return "aria-haspopup" not in element.attributes and _is_shown(element)
    return name in _MUST_EXIST


def _is_shown(element: Element) -> bool:
    """Whether what it controls is there now: it is not a tab that was not chosen."""
    return element.get("aria-selected") != "false"


@html_rule(
    "aria-error-unheard",
    wcag="4.1.2",
    act=("6a7281",),
    message=_("The error that this field points at is not there, or nobody is told of it."),
    bad='<p role="textbox" aria-label="Year" aria-invalid="true" aria-errormessage="e1">12</p>',
    good='<p role="textbox" aria-label="Year" aria-invalid="true" aria-errormessage="e1">12</p>'
    '<p id="e1" role="alert">Four digits</p>',
)
def aria_error_unheard(page: Page) -> Iterator[Fault]:
    """Error messages of wrong fields that are hidden, or that nothing announces."""
    for element in page.with_attribute("aria-errormessage"):
        wrong = element.get("aria-invalid") not in (None, "", "false")
        messages = page.referred(element, "aria-errormessage")
        described = page.referred(element, "aria-describedby")
        heard = [m for m in messages if not m.silent and (m in described or _is_announced(m))]
        if wrong and element.attributes["aria-errormessage"].strip() and not heard:
            yield Fault(element, ("aria-errormessage",))


def _is_announced(element: Element) -> bool:
    return given_role(element) in ("alert", "status") or element.get("aria-live") in (
        "assertive",
        "polite",
    )


@html_rule(
    "aria-reference",
    wcag="4.1.2",
    act=("in6db8",),
    message=_("This ARIA attribute points at something that is not there."),
    bad='<p role="scrollbar" aria-controls="gone" aria-valuenow="5"></p>',
    good='<p role="scrollbar" aria-controls="here" aria-valuenow="5"></p><p id="here">Text</p>',
)
def aria_reference(page: Page) -> Iterator[Fault]:
    """Required references and names, of which not one leads to an element."""
    for element in page.with_attribute("aria-labelledby"):
        is_lost = element.attributes["aria-labelledby"].strip() and not element.silent
        if is_lost and not page.referred(element, "aria-labelledby"):
            # Not what the ACT rule is about: no role requires this one.
            yield Fault(element, ("aria-labelledby",), act=())
    for element in page.with_attribute("aria-controls"):
        needs = _needs_controls(element) and not element.silent
        if (
            needs
            and element.attributes["aria-controls"].strip()
            and not page.referred(element, "aria-controls")
        ):
            yield Fault(element, ("aria-controls",))


def _needs_controls(element: Element) -> bool:
    role = role_of(element)
    is_open = element.get("aria-expanded") == "true"
    return role == "scrollbar" or (role == "combobox" and is_open)


@html_rule(
    "aria-not-permitted",
    wcag="4.1.2",
    act=("5c01ea",),
    message=_("This ARIA attribute does not belong on this kind of element."),
    bad='<p role="alert" aria-selected="true">Saved</p>',
    good='<p role="alert">Saved</p>',
)
def aria_not_permitted(page: Page) -> Iterator[Fault]:
    """Attributes that the role does not have, and names where none is allowed."""
    for element in page.elements:
        if element.space == "math" or _is_custom(element):
            continue
        for name, value in _aria(element):
            if name in ATTRIBUTES and _is_out_of_place(element, name, value):
                yield Fault(element, (name,))


def _is_custom(element: Element) -> bool:
    """Scripts may give an element of their own kind a role that is not written."""
    return "-" in element.tag


def _is_out_of_place(element: Element, name: str, value: str) -> bool:
    if element.tag in _NOTHING and name != "aria-hidden":
        return True
    if element.silent and name == "aria-hidden":
        return False
    role = role_of(element)
    if name in _NAMES:
        return bool(value.strip()) and _may_have_no_name(element, role)
    return (
        not _is_supported(element, name, role)
        or _says_otherwise(element, name)
        or (name in _TREE_ROW and role == "row" and not _in_treegrid(element))
    )


def _may_have_no_name(element: Element, role: str) -> bool:
    if element.silent:
        return False
    known = ROLES.get(role)
    if role in PRESENTATION or known is None:
        return False
    return known.naming == "no"


def _is_supported(element: Element, name: str, role: str) -> bool:
    if name in GLOBAL:
        return True
    known = ROLES.get(role)
    if known is None:
        # What has no role, such as a field for a colour, is left to its own documentation.
        return element.space != "html" or element.tag in ("input", "iframe", "object", "video")
    return name in known.supported or (name == "aria-roledescription")


def _says_otherwise(element: Element, name: str) -> bool:
    """Whether the element says the same by itself, so that the two may differ."""
    kind = element.attributes.get("type", "").lower()
    if name != "aria-checked" or element.tag != "input" or kind not in ("checkbox", "radio"):
        return False
    said = element.attributes[name].strip().lower()
    own = "true" if "checked" in element.attributes else "false"
    return bool(said) and (said if said in ("true", "mixed") else "false") != own


def _in_treegrid(element: Element) -> bool:
    roles = (given_role(each) or natural_role(each) for each in element.ancestors())
    owner = next((role for role in roles if role in ("table", "grid", "treegrid")), "")
    return owner == "treegrid"


@html_rule(
    "aria-description-of-nothing",
    wcag="4.1.2",
    message=_("This describes a role where there is no role to describe."),
    bad='<p role="none" aria-roledescription="slide">First</p>',
    good='<p role="group" aria-roledescription="slide">First</p>',
)
def aria_roledescription(page: Page) -> Iterator[Fault]:
    """``aria-roledescription`` on what has no role, or one that says nothing."""
    for element in page.with_attribute("aria-roledescription"):
        role = given_role(element) or natural_role(element)
        if (
            role in ("", "generic", "paragraph", *PRESENTATION)
            and not element.silent
            and element.attributes["aria-roledescription"].strip()
        ):
            yield Fault(element, ("aria-roledescription",))


@html_rule(
    "aria-hidden-focus",
    wcag="4.1.2",
    act=("6cfa84",),
    message=_("The keyboard leads to this, but a screen reader says nothing there."),
    bad='<p aria-hidden="true"><a href="/guide">Guide</a></p>',
    good='<p aria-hidden="true">Guide</p>',
)
def aria_hidden_focus(page: Page) -> Iterator[Fault]:
    """What is hidden from assistive technology and holds something the Tab key leads to."""
    for element in page.with_attribute("aria-hidden"):
        if element.attributes["aria-hidden"].strip().lower() != "true" or element.hidden:
            continue
        inside = (element, *element.descendants())
        if any(is_tabbable(each) and not each.hidden for each in inside):
            yield Fault(element, ("aria-hidden",))


@html_rule(
    "role-text-interactive",
    wcag="4.1.2",
    message=_("This is to be read as mere text, but there is something inside to use."),
    bad='<p role="text">See the <a href="/guide">guide</a></p>',
    good='<p>See the <a href="/guide">guide</a></p>',
)
def role_text(page: Page) -> Iterator[Fault]:
    """``role="text"`` around what the keyboard or a script can move to."""
    for element in page.with_attribute("role"):
        inside = element.descendants() if given_role(element) == "text" else ()
        if any(is_control(each) or is_tabbable(each) for each in inside):
            yield Fault(element, ("role",), text_of(element))


@html_rule(
    "control-nested",
    wcag="4.1.2",
    act=("307n5z",),
    message=_(
        "Something to use stands inside something else to use; one of them cannot be reached."
    ),
    bad='<p><a href="/a">Guide <button>Copy</button></a></p>',
    good='<p><a href="/a">Guide</a> <button>Copy</button></p>',
)
def control_nested(page: Page) -> Iterator[Fault]:
    """Links, and what has mere presentation inside, around something the keyboard leads to."""
    for element in page.elements:
        known = ROLES.get(role_of(element))
        holds = role_of(element) == "link" or (known is not None and known.flat)
        if not holds or element.silent or element.space != "html" or element.tag == "text":
            continue
        inner = (each for each in element.descendants() if is_tabbable(each) and not each.hidden)
        if (first := next(inner, None)) is not None:
            yield Fault(first)


RULES = (
    control_nested,
    aria_unknown,
    aria_value,
    aria_error_unheard,
    aria_reference,
    aria_not_permitted,
    aria_roledescription,
    aria_hidden_focus,
    role_text,
)
