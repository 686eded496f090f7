"""What the plugins that run have brought, ready for those who use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from click import Command
from flask import Blueprint

from forum.brought import (
    CaseKind,
    CookieOffer,
    Door,
    GivenCookie,
    NavigationEntry,
    PeriodicWork,
    Permission,
    PluginJob,
    PluginSetting,
)
from forum.plugin_host.answers import LONGEST_LABEL, WrongAnswer, is_line
from forum.plugin_host.gifts import COOKIE as COOKIE_NAME
from forum.plugin_host.gifts import Gifts
from forum.plugin_host.implementation import Implementation, log
from forum.traces import trace_of

# What a job is called where hooks are named: in the log, in figures, on the page of plugins.
JOB = "job:"
COOKIE = "cookie:"
DOOR = "door"
Make = Callable[[str, str, Callable[..., Any], tuple[str, ...]], Implementation]


class Bringing:
    """A part of the host of plugins: what they gave when they were taken."""

    def __init__(self) -> None:
        self._gifts: dict[str, Gifts] = {}
        self._jobs: dict[str, Implementation] = {}
        self._pages: list[Implementation] = []
        self._doors: dict[str, tuple[Door, Implementation]] = {}
        self._offers: dict[str, tuple[CookieOffer, Door, Implementation]] = {}

    def _take(self, plugin: str, gifts: Gifts, make: Make) -> None:
        self._gifts[plugin] = gifts
        for work in gifts.works:
            self._jobs[work.name] = make(plugin, JOB + work.name, work.run, ("call",))
        for door in gifts.doors:
            self._doors[plugin] = (door, make(plugin, DOOR, door.application, ()))
            for offer in gifts.cookies:
                give = make(plugin, COOKIE + offer.name, _sound(offer, door), ("member", "period"))
                self._offers[offer.name] = (offer, door, give)

    def _drop(self, plugin: str) -> None:
        gifts = self._gifts.pop(plugin, Gifts())
        for work in gifts.works:
            self._jobs.pop(work.name, None)
        for offer in gifts.cookies:
            self._offers.pop(offer.name, None)
        self._pages = [page for page in self._pages if page.plugin != plugin]
        self._doors.pop(plugin, None)

    def blueprints(self) -> list[tuple[str, list[Blueprint]]]:
        """The plugins that bring pages, and those."""
        found = [(plugin, gifts.blueprints) for plugin, gifts in self._gifts.items()]
        return [(plugin, blueprints) for plugin, blueprints in found if blueprints]

    @property
    def navigation(self) -> list[NavigationEntry]:
        """What plugins bring to the main navigation."""
        return [entry for gifts in self._gifts.values() for entry in gifts.navigation]

    @property
    def permissions(self) -> list[Permission]:
        """The permissions that plugins bring."""
        return [p for gifts in self._gifts.values() for p in gifts.permissions]

    @property
    def case_kinds(self) -> dict[str, CaseKind]:
        """The kinds of cases that plugins bring, by name, in the reader's language."""
        return {k.name: _in_words(k) for gifts in self._gifts.values() for k in gifts.case_kinds}

    def refusal_of(self, permission: str) -> str:
        """What is said to those who may not; empty for a permission that no plugin brings."""
        return next((p.refusal for p in self.permissions if p.name == permission), "")

    def granted(self, roles: frozenset[str]) -> str:
        """The grants that plugins bring for these roles, as ``scopes_from`` takes them."""
        found = self.permissions
        return " ".join(f"{p.name}:allow:" for p in found if not roles.isdisjoint(p.roles))

    @property
    def settings(self) -> list[PluginSetting[Any]]:
        """The settings of plugins, plugin by plugin."""
        return [setting for gifts in self._gifts.values() for setting in gifts.settings]

    def settings_of(self, plugin: str) -> list[PluginSetting[Any]]:
        """The settings of one plugin, in its order; none while it does not run."""
        return list(self._gifts.get(plugin, Gifts()).settings)

    @property
    def jobs(self) -> dict[str, PluginJob | PeriodicWork]:
        """The kinds of work of plugins, by name, those that come again among them."""
        return {work.name: work for gifts in self._gifts.values() for work in gifts.works}

    @property
    def periodic(self) -> list[PeriodicWork]:
        """The work of plugins that comes again."""
        return [work for gifts in self._gifts.values() for work in gifts.periodic]

    @property
    def archived(self) -> dict[str, list[str]]:
        """The tables that plugins give to archives, plugin by plugin, each behind those it depends on."""
        given = {plugin: [t.name for t in gifts.archived] for plugin, gifts in self._gifts.items()}
        return {plugin: tables for plugin, tables in given.items() if tables}

    @property
    def deeds(self) -> list[Implementation]:
        """What plugins do besides their hooks."""
        doors = [deed for _, deed in self._doors.values()]
        offers = [deed for _, _, deed in self._offers.values()]
        return [*self._jobs.values(), *self._pages, *doors, *offers]

    @property
    def doors(self) -> dict[str, tuple[Door, Implementation]]:
        """The doors of plugins, by plugin, and what is told when one fails."""
        return dict(self._doors)

    @property
    def leaving(self) -> list[tuple[str, str]]:
        """What plugins offer those who sign out: words and an address."""
        links = (door.leaving for door, _ in self._doors.values())
        return [(str(link[0]), link[1]) for link in links if link is not None]

    @property
    def offers(self) -> list[tuple[CookieOffer, Door, Implementation]]:
        """What browsers are given for these doors, and what gives it."""
        return list(self._offers.values())

    def job(self, name: str) -> Implementation | None:
        """What does jobs of this name; ``None`` when no plugin that runs brings them."""
        return self._jobs.get(name)

    def commands_of(self, plugin: str) -> list[Command]:
        """The commands of one plugin; none while it does not run."""
        return list(self._gifts.get(plugin, Gifts()).commands)


def _sound(offer: CookieOffer, door: Door) -> Callable[[int, str], list[GivenCookie]]:
    def give(member: int, period: str) -> list[GivenCookie]:
        cookies = offer.give(member, period)
        if not isinstance(cookies, list) or len(cookies) > MOST_COOKIES:
            raise WrongAnswer(f"returned no list of {MOST_COOKIES} cookies at most")
        if not all(isinstance(one, GivenCookie) and _is_cookie(one, door) for one in cookies):
            raise WrongAnswer("returned a cookie that is none, or not one of its door")
        return cookies

    return give


def _is_cookie(cookie: GivenCookie, door: Door) -> bool:
    return (
        COOKIE_NAME.fullmatch(cookie.name) is not None
        and cookie.name.startswith(door.cookies)
        and _VALUE.fullmatch(cookie.value) is not None
        and type(cookie.days) is int
        and 1 <= cookie.days <= MOST_DAYS
    )


MOST_COOKIES = 10
# Browsers keep none for longer (RFC 6265bis, 5.5).
MOST_DAYS = 400
_VALUE = re.compile(r"[A-Za-z0-9_.~-]{1,2000}")


def _in_words(kind: CaseKind) -> CaseKind:
    def said(words: Any, instead: str) -> str:
        try:
            found = str(words)
        except Exception as error:
            # A text that waits for its reader runs the plugin's code.
            log.error("%s: its words cannot be said: %s", kind.name, trace_of(error))
            return instead
        return found if is_line(found, LONGEST_LABEL) else instead

    label, heading = said(kind.label, kind.name), said(kind.heading, kind.name)
    return replace(kind, label=label, heading=heading, done=said(kind.done, ""))
