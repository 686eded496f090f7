"""What WAI-ARIA 1.2 says of roles, states and properties, as tables.

Sources: WAI-ARIA 1.2 (sections 5.3 and 6.6), DPUB-ARIA 1.1 and Graphics-ARIA 1.0 for the roles that
begin with ``doc-`` and ``graphics-``, and of the draft of WAI-ARIA 1.3 what browsers have already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from forum.accessibility.html.aria_roles import ROLES_WRITTEN

BOOLEAN = "true false"
OPTIONAL = "true false undefined"
THREE = "true false mixed undefined"

# fmt: off
ATTRIBUTES: dict[str, str] = {
    "aria-activedescendant": "id",
    "aria-atomic": BOOLEAN,
    "aria-autocomplete": "inline list both none",
    "aria-braillelabel": "string",
    "aria-brailleroledescription": "string",
    "aria-busy": BOOLEAN,
    "aria-checked": THREE,
    "aria-colcount": "integer",
    "aria-colindex": "integer",
    "aria-colindextext": "string",
    "aria-colspan": "integer",
    "aria-controls": "ids",
    "aria-current": "page step location date time true false",
    "aria-describedby": "ids",
    "aria-description": "string",
    "aria-details": "ids",
    "aria-disabled": BOOLEAN,
    "aria-dropeffect": "tokens: copy execute link move none popup",
    "aria-errormessage": "ids",
    "aria-expanded": OPTIONAL,
    "aria-flowto": "ids",
    "aria-grabbed": OPTIONAL,
    "aria-haspopup": "false true menu listbox tree grid dialog",
    "aria-hidden": OPTIONAL,
    "aria-invalid": "grammar false spelling true",
    "aria-keyshortcuts": "string",
    "aria-label": "string",
    "aria-labelledby": "ids",
    "aria-level": "integer",
    "aria-live": "assertive off polite",
    "aria-modal": BOOLEAN,
    "aria-multiline": BOOLEAN,
    "aria-multiselectable": BOOLEAN,
    "aria-orientation": "horizontal undefined vertical",
    "aria-owns": "ids",
    "aria-placeholder": "string",
    "aria-posinset": "integer",
    "aria-pressed": THREE,
    "aria-readonly": BOOLEAN,
    "aria-relevant": "tokens: additions all removals text",
    "aria-required": BOOLEAN,
    "aria-roledescription": "string",
    "aria-rowcount": "integer",
    "aria-rowindex": "integer",
    "aria-rowindextext": "string",
    "aria-rowspan": "integer",
    "aria-selected": OPTIONAL,
    "aria-setsize": "integer",
    "aria-sort": "ascending descending none other",
    "aria-valuemax": "number",
    "aria-valuemin": "number",
    "aria-valuenow": "number",
    "aria-valuetext": "string",
}
"""Each attribute with the type of its value, or the words that it may be."""

LEAST = {
    "aria-colcount": -1, "aria-rowcount": -1, "aria-setsize": -1, "aria-colindex": 1,
    "aria-rowindex": 1, "aria-level": 1, "aria-posinset": 1, "aria-colspan": 1, "aria-rowspan": 0,
}
"""The smallest integers that mean something."""

GLOBAL = frozenset({
    "aria-atomic", "aria-braillelabel", "aria-brailleroledescription", "aria-busy",
    "aria-controls", "aria-current", "aria-describedby", "aria-description", "aria-details",
    "aria-disabled", "aria-dropeffect", "aria-errormessage", "aria-flowto", "aria-grabbed",
    "aria-haspopup", "aria-hidden", "aria-invalid", "aria-keyshortcuts", "aria-label",
    "aria-labelledby", "aria-live", "aria-owns", "aria-relevant", "aria-roledescription",
})
"""Those that every element may have; four of them only until a later version of WAI-ARIA."""
# fmt: on

_INTEGER = re.compile(r"[-+]?[0-9]{1,9}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Role:
    """What a role asks for.

    Attributes:
        required: attributes that it has to have.
        supported: attributes that it may have besides the global ones, the required included.
        context: roles of which one has to own it; ``owned``: roles of which it has to own one.
        naming: ``no`` where a name is not allowed, ``must`` where one is asked for.
        from_content: whether its words are its name.
        flat: whether what is inside is only presentation.
    """

    required: frozenset[str]
    supported: frozenset[str]
    context: frozenset[str]
    owned: frozenset[str]
    naming: str
    from_content: bool
    flat: bool


def _aria(names: str) -> frozenset[str]:
    return frozenset(f"aria-{name}" for name in names.split())


def _role(line: str) -> tuple[str, Role]:
    name, flags, required, supported, context, owned = (part.strip() for part in line.split("|"))
    marks = flags.split()
    naming = "no" if "no" in marks else "must" if "must" in marks else ""
    return name, Role(
        _aria(required),
        _aria(required) | _aria(supported),
        frozenset(context.split()),
        frozenset(owned.split()),
        naming,
        "content" in marks,
        "flat" in marks,
    )


ROLES: dict[str, Role] = dict(
    _role(line) for line in ROLES_WRITTEN.strip().replace("\n    ", " ").splitlines()
)


def is_valid(attribute: str, value: str) -> bool:
    """Whether ``value`` is of the type of this attribute, which is in ``ATTRIBUTES``.

    That ids belong to an element is not looked at. An empty value is like none at all.
    """
    kind, value = ATTRIBUTES[attribute], value.strip()
    if kind in ("string", "id", "ids") or not value:
        return kind != "id" or len(value.split()) <= 1
    if kind == "number":
        return bool(_NUMBER.fullmatch(value))
    if kind == "integer":
        return bool(_INTEGER.fullmatch(value)) and int(value) >= LEAST[attribute]
    if kind.startswith("tokens:"):
        return set(value.lower().split()) <= set(kind.split()[1:])
    return value.lower() in kind.split()
