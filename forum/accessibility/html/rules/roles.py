"""Roles: they exist, have what they need, and stand where they belong."""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.html.aria import ROLES
from forum.accessibility.html.names import is_exposed, name_of, text_of
from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.roles import (
    PRESENTATION,
    given_role,
    has_global,
    is_focusable,
    role_of,
)
from forum.accessibility.html.tree import Element, Page
from forum.phrases import Phrase as _

_SAYS_NOTHING = frozenset({"", "generic", *PRESENTATION})
_NAME_ELSEWHERE = frozenset({"img", "image", "link", "heading", "table", "grid", "region"})
"""Roles with a rule of their own about the name, or where only advice asks for one."""
_ACT_FOR_NAME = {"button": "97a4e1", "menuitem": "m6b1q3"}
# fmt: off
_FIELDS = frozenset({
    "checkbox", "combobox", "listbox", "menuitemcheckbox", "menuitemradio", "radio", "searchbox",
    "slider", "spinbutton", "switch", "textbox",
})
# fmt: on


@html_rule(
    "role-unknown",
    wcag="4.1.2",
    act=("674b10",),
    message=_("There is no such role, so nothing comes of it."),
    bad='<p role="headline">Opening hours</p>',
    good='<p role="note">Opening hours</p>',
)
def role_unknown(page: Page) -> Iterator[Fault]:
    """Role attributes with words of which none is a role."""
    for element in page.with_attribute("role"):
        if element.attributes["role"].strip() and not given_role(element) and not element.silent:
            yield Fault(element, ("role",))


@html_rule(
    "role-incomplete",
    wcag="4.1.2",
    act=("4e8ab6",),
    message=_("This role needs a state that is not given, so nobody hears how things stand."),
    bad='<p role="checkbox" aria-label="Ready"></p>',
    good='<p role="checkbox" aria-checked="true" aria-label="Ready"></p>',
)
def role_incomplete(page: Page) -> Iterator[Fault]:
    """Roles that were given without the states that they require."""
    for element in page.with_attribute("role"):
        role = given_role(element)
        if role and not element.silent and not _has_them_by_itself(element):
            missing = ROLES[role].required - _given(element)
            if missing and role not in _EXCUSED:
                yield Fault(element, ("role",))


def _given(element: Element) -> set[str]:
    return {name for name, value in element.attributes.items() if value.strip()}


def _has_them_by_itself(element: Element) -> bool:
    return element.tag in ("input", "select", "option", "progress", "meter", "hr", "button") or (
        element.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
    )


# A heading has the level 2 by default, and for comboboxes WAI-ARIA 1.1 asked for other things.
_EXCUSED = frozenset({"heading", "combobox"})


@html_rule(
    "role-without-name",
    wcag="4.1.2",
    act=("e086e5", "97a4e1", "m6b1q3"),
    message=_("This has no name, so a screen reader says only what kind of thing it is."),
    bad='<p role="progressbar" aria-valuenow="30"></p>',
    good='<p role="progressbar" aria-label="Import" aria-valuenow="30"></p>',
)
def role_without_name(page: Page) -> Iterator[Fault]:
    """Buttons, fields and others that need a name and have none."""
    for element in page.elements:
        role = role_of(element)
        known = ROLES.get(role)
        if known is None or known.naming != "must" or role in _NAME_ELSEWHERE:
            continue
        if element.tag == "img" or not is_exposed(element) or name_of(page, element):
            continue
        act = ("e086e5",) if role in _FIELDS else ()
        act = (_ACT_FOR_NAME[role],) if role in _ACT_FOR_NAME else act
        if element.tag == "input" and element.get("type") == "image":
            act = ("59796f",)
        carriers = ("role",) if given_role(element) else ()
        yield Fault(element, carriers, act=act)


@html_rule(
    "role-without-parent",
    wcag="1.3.1",
    act=("ff89c9",),
    message=_("This role is a part of something that is not around it."),
    bad='<div role="listitem">Clay</div>',
    good='<div role="list"><div role="listitem">Clay</div></div>',
)
def role_without_parent(page: Page) -> Iterator[Fault]:
    """Roles that were given and whose owner has none of the roles they need."""
    owners = _owners(page)
    for element in page.with_attribute("role"):
        role = given_role(element)
        if (
            role
            and ROLES[role].context
            and not element.silent
            and not _has_context(element, ROLES[role].context, owners)
        ):
            yield Fault(element, ("role",))


def _owners(page: Page) -> dict[Element, Element]:
    """Who owns what by ``aria-owns``."""
    return {
        owned: owner
        for owner in page.with_attribute("aria-owns")
        for owned in page.referred(owner, "aria-owns")
    }


def _has_context(element: Element, wanted: frozenset[str], owners: dict[Element, Element]) -> bool:
    seen: set[Element] = set()
    at: Element | None = element
    while at is not None and at not in seen:
        seen.add(at)
        at = owners.get(at, at.parent)
        if at is None or not _is_object(at):
            continue
        role = role_of(at)
        if role == "group" and "group" in wanted:
            # Items of trees hold groups of further items; those of menus hold whole menus.
            wanted |= {"treeitem"} & {given_role(element)}
            continue
        return role in wanted
    return False


@html_rule(
    "role-without-children",
    wcag="1.3.1",
    act=("bc4a75",),
    message=_("This role promises parts of a certain kind, and has others or none."),
    bad='<div role="list"><div>Clay</div></div>',
    good='<div role="list"><div role="listitem">Clay</div></div>',
)
def role_without_children(page: Page) -> Iterator[Fault]:
    """Roles that were given and own nothing, or something else, than what they ask for."""
    owners = _owners(page)
    for element in page.with_attribute("role"):
        role = given_role(element)
        wanted = ROLES[role].owned if role else frozenset[str]()
        if not wanted or element.silent or element.get("aria-busy") == "true":
            continue
        roles = [role_of(each) for each in _owned(page, element, owners, "group" in wanted)]
        if any(each not in wanted for each in roles) or (not roles and text_of(element)):
            yield Fault(element, ("role",))


def _owned(
    page: Page, element: Element, owners: dict[Element, Element], through_groups: bool
) -> Iterator[Element]:
    """The nearest elements inside that have a role of their own, and those owned from afar.

    Groups, where they are allowed, stand for what they hold.
    """
    inside = [each for each in element.elements if owners.get(each, element) is element]
    pending = [*page.referred(element, "aria-owns")[::-1], *inside[::-1]]
    met: set[Element] = set()
    while pending:
        child = pending.pop()
        if child in met or child.silent:
            continue
        met.add(child)
        is_group = through_groups and role_of(child) == "group"
        if not is_group and (_is_object(child) or _is_mere_text(child)):
            yield child
        else:
            pending.extend(list(child.elements)[::-1])


def _is_object(element: Element) -> bool:
    """Whether assistive technology has it in its tree as something of its own."""
    is_plain = not element.tag or role_of(element) in _SAYS_NOTHING
    return not is_plain or (given_role(element) not in PRESENTATION and _is_marked(element))


def _is_marked(element: Element) -> bool:
    return bool(element.tag) and (is_focusable(element) or has_global(element))


def _is_mere_text(element: Element) -> bool:
    """Whether there are words inside and no element with a role that would hold them."""
    if given_role(element) in PRESENTATION or not text_of(element):
        return False
    return not any(_is_object(each) for each in element.descendants())


@html_rule(
    "decoration-exposed",
    wcag="1.1.1",
    act=("46ca7f",),
    message=_("This is marked as decoration, and yet it is made to be heard."),
    bad='<img alt="" aria-label="Kiln" src="/files/kiln.png">',
    good='<img alt="Kiln" src="/files/kiln.png">',
)
def decoration_exposed(page: Page) -> Iterator[Fault]:
    """Decoration that the keyboard reaches, or that has attributes which make it heard."""
    for element in page.elements:
        is_marked = given_role(element) in PRESENTATION or (
            element.tag == "img" and element.get("alt") == "" and "role" not in element.attributes
        )
        if not is_marked or element.silent:
            continue
        if is_focusable(element) or has_global(element):
            yield Fault(element, _exposing(element))


def _exposing(element: Element) -> tuple[str, ...]:
    """The attributes that make it heard."""
    aria = [n for n in element.attributes if n.startswith("aria-") and n != "aria-hidden"]
    by_keyboard = [n for n in ("tabindex", "role") if n in element.attributes]
    return tuple(aria or by_keyboard)[:1]


RULES = (
    role_unknown,
    role_incomplete,
    role_without_name,
    role_without_parent,
    role_without_children,
    decoration_exposed,
)
