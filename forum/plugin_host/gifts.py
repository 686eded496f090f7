"""What plugins bring at the start: pages, navigation, permissions, settings, work, commands; and what of
it is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from click import Command
from flask import Blueprint
from flask_babel.speaklater import LazyString

from forum.brought import (
    ArchivedTable,
    CaseKind,
    CookieOffer,
    Door,
    NavigationEntry,
    PeriodicWork,
    Permission,
    PluginJob,
    PluginSetting,
)
from forum.plugin_host.answers import LONGEST_LABEL, WrongAnswer, is_address, is_line
from forum.plugin_host.implementation import Implementation
from forum.plugin_host.manifest import FILE
from forum.plugin_host.registration import PluginRefused
from forum.plugin_host.running import Calls
from forum.plugin_host.tables import prefix_of
from forum.setting_kinds import TimesOfDay
from forum.traces import in_a_line

ROLES = ("guest", "member", "moderator", "admin")
MOST_GIFTS = 50
LONGEST_REFUSAL = 200
LONGEST_CASE_KIND = 40  # the width of its column
DECIDES = "case.decide"
DECISIONS = ("done", "nothing", "label", "changes", "move", "remove")
OF_WAITING = ("done", "changes", "remove")
LONGEST_SETTING = 80  # the width of the column
LONGEST_JOB = 50  # what fails is noted as "job:<name>", in 60
MOST_MINUTES = 31 * 24 * 60
LONGEST_HELP = 400
LONGEST_PERMISSION = 60  # the width of the column in which it can be granted or denied
_PERMISSION = re.compile(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_]*")
COOKIE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
PERIODS = ("week", "month", "quarter")
_COMMAND = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
# A plugin of this name could never be asked for any of its own.
FORUM_COMMANDS = frozenset(
    {"backup", "categories", "changes", "community", "config", "doctor", "export", "findings"}
    | {"give-role", "groups", "import", "invitations", "invite", "jobs", "levels", "mail"}
    | {"maintenance", "members", "migrate", "pictures", "plugins", "restore", "review", "roles"}
    | {"secret", "serve", "settings", "setup-link", "themes", "worker"}
)

Gift = TypeVar("Gift")


@dataclass(slots=True)
class Gifts:
    """What one plugin brings."""

    blueprints: list[Blueprint] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    navigation: list[NavigationEntry] = field(default_factory=list)
    case_kinds: list[CaseKind] = field(default_factory=list)
    settings: list[PluginSetting[Any]] = field(default_factory=list)
    jobs: list[PluginJob] = field(default_factory=list)
    periodic: list[PeriodicWork] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    cookies: list[CookieOffer] = field(default_factory=list)
    archived: list[ArchivedTable] = field(default_factory=list)

    @property
    def works(self) -> list[PluginJob | PeriodicWork]:
        """What the worker does for it."""
        return [*self.jobs, *self.periodic]


def gifts_of(
    plugin: str, implementations: list[Implementation], calls: Calls, *, door: str = ""
) -> Gifts:
    """What a plugin's ``register_*`` hooks give.

    Args:
        door: the address at which it may have a door; none while empty.

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
        # What is looked at may be an object of the plugin's own, and looking at it its code.
        except Exception as error:
            reason = f"{implementation.hook} gave what cannot be looked at: {in_a_line(error)}"
            raise PluginRefused(plugin, reason) from None
    _require_finders(plugin, gifts)
    _require_planned(plugin, gifts)
    _require_door(plugin, gifts, door)
    return gifts


def _require_door(plugin: str, gifts: Gifts, allowed: str) -> None:
    """Administrators read in the manifest which address is outside of the forum's own care."""
    for one in gifts.doors:
        if one.path != allowed:
            fault = f"gave a door at {one.path!r}; its {FILE} must say: door = {one.path!r}"
            raise PluginRefused(plugin, f"register_doors {fault}")
    if gifts.cookies and not (gifts.doors and gifts.doors[0].cookies):
        fault = "gave cookies, but no door that is given any"
        raise PluginRefused(plugin, f"register_cookies {fault}")


def _require_planned(plugin: str, gifts: Gifts) -> None:
    """Work at times that nobody could ever set would be done at other times than people believe."""
    for work in gifts.periodic:
        if isinstance(work.times, PluginSetting) and work.times not in gifts.settings:
            fault = f"gave {work.name} a setting for its times that the plugin does not bring"
            raise PluginRefused(plugin, f"register_periodic {fault}")
    names = [work.name for work in gifts.works]
    if len(set(names)) != len(names):
        raise PluginRefused(plugin, "two kinds of its work have one name")


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
        if not _may_be_said(permission.refusal, LONGEST_REFUSAL):
            raise WrongAnswer(f"gave {permission.name} without a refusal of one line")
        # In this order: to compare a text that waits for the reader's language is to say it.
        if not (_may_be_said(permission.words, LONGEST_REFUSAL) or permission.words == ""):
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
        if kind.of_waiting and not set(kind.decisions) <= set(OF_WAITING):
            raise WrongAnswer(
                f"gave {kind.name} of posts that wait other decisions than {OF_WAITING}"
            )
    names = [kind.name for kind in gifts.case_kinds]
    if len(set(names)) != len(names):
        raise WrongAnswer("gave two kinds of one name")


def _may_be_said(words: Any, longest: int = LONGEST_LABEL) -> bool:
    # A text that waits for the reader's language is judged when the page is made.
    return isinstance(words, LazyString) or is_line(words, longest)


def _take_settings(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.settings = _list_of(answer, PluginSetting)
    for setting in gifts.settings:
        _require_own(plugin, setting.name, LONGEST_SETTING, "a setting")
        if not _may_be_said(setting.label, LONGEST_REFUSAL):
            raise WrongAnswer(f"gave {setting.name} without a label of one line")
        # In this order: to compare a text that waits for the reader's language is to say it.
        if not (_may_be_said(setting.help, LONGEST_HELP) or setting.help == ""):
            raise WrongAnswer(f"gave {setting.name} a help that is no line")
        if not _is_its_own_default(setting):
            raise WrongAnswer(f"gave {setting.name} a kind that its default does not fit")
    _require_one_each(gifts.settings, "settings")


def _is_its_own_default(setting: PluginSetting[Any]) -> bool:
    try:
        kind = setting.kind
        return bool(kind.from_text(kind.to_text(setting.default)) == setting.default)
    # The kind may be the plugin's own code.
    except Exception:
        return False


def _take_jobs(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.jobs = _list_of(answer, PluginJob)
    for job in gifts.jobs:
        _require_work(plugin, job)


def _take_periodic(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.periodic = _list_of(answer, PeriodicWork)
    for work in gifts.periodic:
        _require_work(plugin, work)
        has_minutes = type(work.minutes) is int and 1 <= work.minutes <= MOST_MINUTES
        if has_minutes == bool(work.times) or not (has_minutes or _are_times(work.times)):
            raise WrongAnswer(
                f"gave {work.name} neither minutes from 1 to {MOST_MINUTES} nor times such as 07:00, "
                "or both"
            )


def _are_times(times: Any) -> bool:
    if isinstance(times, PluginSetting):
        return isinstance(times.kind, TimesOfDay)
    return isinstance(times, tuple) and all(
        isinstance(one, str) and _TIME.fullmatch(one) for one in times
    )


def _require_work(plugin: str, work: PluginJob | PeriodicWork) -> None:
    _require_own(plugin, work.name, LONGEST_JOB, "a kind of work")
    if not callable(work.run) or not isinstance(work.in_transaction, bool):
        raise WrongAnswer(f"gave {work.name} nothing that can be run")


def _take_commands(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.commands = _list_of(answer, Command)
    if gifts.commands and plugin in FORUM_COMMANDS:
        raise WrongAnswer(f"gave commands, but `forum {plugin}` is one of the forum's own")
    for command in gifts.commands:
        if not isinstance(command.name, str) or _COMMAND.fullmatch(command.name) is None:
            raise WrongAnswer(
                "gave a command whose name has other than small letters, digits and -"
            )
    _require_one_each(gifts.commands, "commands")


def _take_doors(_plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.doors = _list_of(answer, Door)
    if len(gifts.doors) > 1:
        raise WrongAnswer("gave two doors; there is one at most")
    for door in gifts.doors:
        if not callable(door.application) or not isinstance(door.cookies, tuple):
            raise WrongAnswer("gave a door without an application")
        if not all(isinstance(name, str) and COOKIE.fullmatch(name) for name in door.cookies):
            raise WrongAnswer("gave a door whose cookies' names no cookie can have")
        if door.leaving is not None and not _is_link(door.leaving):
            raise WrongAnswer("gave a door whose link for those who sign out is none")


def _is_link(link: Any) -> bool:
    is_pair = isinstance(link, tuple) and len(link) == 2
    return is_pair and _may_be_said(link[0], LONGEST_REFUSAL) and is_address(link[1])


def _take_cookies(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.cookies = _list_of(answer, CookieOffer)
    for offer in gifts.cookies:
        _require_own(plugin, offer.name, LONGEST_JOB, "an offer of cookies")
        if offer.every not in PERIODS or not callable(offer.give):
            raise WrongAnswer(f"gave {offer.name} another time than {PERIODS}, or nothing to call")
    _require_one_each(gifts.cookies, "offers of cookies")


def _take_archived(plugin: str, gifts: Gifts, answer: Any) -> None:
    gifts.archived = _list_of(answer, ArchivedTable)
    for table in gifts.archived:
        if not isinstance(table.name, str) or not table.name.startswith(prefix_of(plugin)):
            raise WrongAnswer(f"gave a table whose name does not begin with {prefix_of(plugin)}")
    _require_one_each(gifts.archived, "tables")


def _require_own(plugin: str, name: Any, longest: int, what: str) -> None:
    is_own = isinstance(name, str) and name.startswith(f"{plugin}.") and len(name) <= longest
    if not is_own or _PERMISSION.fullmatch(name) is None:
        raise WrongAnswer(f"gave {what} whose name is not {plugin}.something, {longest} at most")


def _require_one_each(given: Sequence[Any], what: str) -> None:
    names = [one.name for one in given]
    if len(set(names)) != len(names):
        raise WrongAnswer(f"gave two {what} of one name")


def _are_decisions(decisions: Any) -> bool:
    is_some = isinstance(decisions, tuple) and len(decisions) > 0
    return is_some and all(decision in DECISIONS for decision in decisions)


_TAKERS: dict[str, Callable[[str, Gifts, Any], None]] = {
    "register_blueprints": _take_blueprints,
    "register_permissions": _take_permissions,
    "register_navigation": _take_navigation,
    "register_case_kinds": _take_case_kinds,
    "register_settings": _take_settings,
    "register_jobs": _take_jobs,
    "register_periodic": _take_periodic,
    "register_commands": _take_commands,
    "register_doors": _take_doors,
    "register_cookies": _take_cookies,
    "register_archived": _take_archived,
}
