"""What plugins bring at the start: pages, navigation, permissions, kinds of cases; and what of it is
refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Blueprint
from flask_babel.speaklater import LazyString

from forum.hookspecs import CaseKind, NavigationEntry, Permission
from forum.plugin_host.answers import LONGEST_LABEL, WrongAnswer, is_address, is_line
from forum.plugin_host.implementation import Implementation
from forum.plugin_host.registration import PluginRefused
from forum.plugin_host.running import Calls
from forum.traces import in_a_line

ROLES = ("guest", "member", "moderator", "admin")
MOST_GIFTS = 50
LONGEST_REFUSAL = 200
LONGEST_CASE_KIND = 40  # the width of its column
DECIDES = "case.decide"
DECISIONS = ("done", "nothing", "label", "changes", "move", "remove")
LONGEST_PERMISSION = 60  # the width of the column in which it can be granted or denied
_PERMISSION = re.compile(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*")

Gift = TypeVar("Gift")


@dataclass(slots=True)
class Gifts:
    """What one plugin brings."""

    blueprints: list[Blueprint] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    navigation: list[NavigationEntry] = field(default_factory=list)
    case_kinds: list[CaseKind] = field(default_factory=list)


def gifts_of(plugin: str, implementations: list[Implementation], calls: Calls) -> Gifts:
    """What a plugin's ``register_*`` hooks give.

    Raises:
        PluginRefused: one of them crashes, or gives something that cannot be used.
    """
    gifts = Gifts()
    for implementation in implementations:
        with calls.noted(plugin, implementation.hook):
            answer = _answer_of(implementation)
        try:
            _TAKERS[implementation.hook](plugin, gifts, answer)
        except WrongAnswer as error:
            raise PluginRefused(plugin, f"{implementation.hook} {error}") from None
    _require_finders(plugin, gifts)
    return gifts


def _require_finders(plugin: str, gifts: Gifts) -> None:
    """A case that nobody could ever find would wait for good."""
    own = {permission.name for permission in gifts.permissions}
    for kind in gifts.case_kinds:
        if kind.permission not in own | {DECIDES}:
            fault = f"gave {kind.name} a permission that is neither {DECIDES} nor one it brings"
            raise PluginRefused(plugin, f"register_case_kinds {fault}")


def _answer_of(implementation: Implementation) -> Any:
    try:
        return implementation.function()
    except KeyboardInterrupt:
        raise
    # Whatever it raises, the forum starts without the plugin.
    except BaseException as error:
        reason = f"{implementation.hook} failed: {in_a_line(error)}"
        raise PluginRefused(implementation.plugin, reason) from None


def _list_of(answer: Any, kind: type[Gift]) -> list[Gift]:
    if not isinstance(answer, list) or len(answer) > MOST_GIFTS:
        raise WrongAnswer(f"must give a list of {MOST_GIFTS} at most")
    for index, gift in enumerate(answer):
        if not isinstance(gift, kind):
            raise WrongAnswer(f"gave {type(gift).__name__} at {index} instead of {kind.__name__}")
    return list(answer)


def _take_blueprints(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.blueprints = _list_of(answer, Blueprint)
    for blueprint in gifts.blueprints:
        if blueprint.name != plugin and not blueprint.name.startswith(f"{plugin}_"):
            raise WrongAnswer(
                f"gave a blueprint {blueprint.name!r}, whose name must be {plugin!r} or begin "
                f"with {plugin + '_'!r}"
            )


def _take_permissions(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.permissions = _list_of(answer, Permission)
    for permission in gifts.permissions:
        if not _is_permission(permission.name) or not permission.name.startswith(f"{plugin}."):
            raise WrongAnswer(f"gave a permission whose name is not {plugin}.something")
        if not is_line(permission.refusal, LONGEST_REFUSAL):
            raise WrongAnswer(f"gave {permission.name} without a refusal of one line")
        if permission.words and not is_line(permission.words, LONGEST_REFUSAL):
            raise WrongAnswer(f"gave {permission.name} words that are no line")
        roles = permission.roles
        if not isinstance(roles, tuple) or not all(role in ROLES for role in roles):
            raise WrongAnswer(f"gave {permission.name} to a role that is none of {ROLES}")


def _is_permission(name: Any) -> bool:
    return (
        isinstance(name, str)
        and len(name) <= LONGEST_PERMISSION
        and _PERMISSION.fullmatch(name) is not None
    )


def _take_navigation(_plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.navigation = [navigation_entry(entry) for entry in _list_of(answer, NavigationEntry)]


def navigation_entry(entry: NavigationEntry) -> NavigationEntry:
    """The entry, if it can be shown.

    Raises:
        WrongAnswer: it cannot.
    """
    if not _may_be_said(entry.label):
        raise WrongAnswer(f"gave an entry whose label is no line of 1 to {LONGEST_LABEL}")
    if not is_address(entry.url):
        raise WrongAnswer("gave an entry whose address does not lead into this forum")
    if not isinstance(entry.permission, str):
        raise WrongAnswer("gave an entry whose permission is no text")
    return entry


def _take_case_kinds(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.case_kinds = _list_of(answer, CaseKind)
    for kind in gifts.case_kinds:
        if not _is_permission(kind.name) or not kind.name.startswith(f"{plugin}."):
            raise WrongAnswer(f"gave a kind whose name is not {plugin}.something")
        if len(kind.name) > LONGEST_CASE_KIND:
            raise WrongAnswer(f"gave a kind whose name is longer than {LONGEST_CASE_KIND}")
        said = [_may_be_said(words) for words in (kind.label, kind.heading)]
        if not all(said) or not (_may_be_said(kind.done) or kind.done == ""):
            raise WrongAnswer(f"gave {kind.name} words that are no line of 1 to {LONGEST_LABEL}")
        if not _are_decisions(kind.decisions):
            raise WrongAnswer(f"gave {kind.name} no decisions, or others than {DECISIONS}")
    names = [kind.name for kind in gifts.case_kinds]
    if len(set(names)) != len(names):
        raise WrongAnswer("gave two kinds of one name")


def _may_be_said(words: Any) -> bool:
    # A text that waits for the reader's language is judged when the page is made.
    return isinstance(words, LazyString) or is_line(words, LONGEST_LABEL)


def _are_decisions(decisions: Any) -> bool:
    is_some = isinstance(decisions, tuple) and len(decisions) > 0
    return is_some and all(decision in DECISIONS for decision in decisions)


_TAKERS: dict[str, Callable[[str, Gifts, Any], None]] = {
    "register_blueprints": _take_blueprints,
    "register_permissions": _take_permissions,
    "register_navigation": _take_navigation,
    "register_case_kinds": _take_case_kinds,
}
