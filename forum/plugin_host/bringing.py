"""What the plugins that run have brought, ready for those who use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from click import Command
from flask import Blueprint

from forum.brought import (
    CaseKind,
    NavigationEntry,
    PeriodicWork,
    Permission,
    PluginJob,
    PluginSetting,
)
from forum.plugin_host.answers import LONGEST_LABEL, is_line
from forum.plugin_host.gifts import Gifts
from forum.plugin_host.implementation import Implementation, log
from forum.traces import trace_of

# What a job is called where hooks are named: in the log, in figures, on the page of plugins.
JOB = "job:"
Make = Callable[[str, str, Callable[..., Any], tuple[str, ...]], Implementation]


class Bringing:
    """A part of the host of plugins: what they gave when they were taken."""

    def __init__(self) -> None:
        self._gifts: dict[str, Gifts] = {}
        self._jobs: dict[str, Implementation] = {}

    def _take(self, plugin: str, gifts: Gifts, make: Make) -> None:
        self._gifts[plugin] = gifts
        for work in gifts.works:
            self._jobs[work.name] = make(plugin, JOB + work.name, work.run, ("call",))

    def _drop(self, plugin: str) -> None:
        gifts = self._gifts.pop(plugin, Gifts())
        for work in gifts.works:
            self._jobs.pop(work.name, None)

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
    def deeds(self) -> list[Implementation]:
        """What plugins do besides their hooks."""
        return list(self._jobs.values())

    def job(self, name: str) -> Implementation | None:
        """What does jobs of this name; ``None`` when no plugin that runs brings them."""
        return self._jobs.get(name)

    def commands_of(self, plugin: str) -> list[Command]:
        """The commands of one plugin; none while it does not run."""
        return list(self._gifts.get(plugin, Gifts()).commands)


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
