"""Plugins as administrators see them: what became of each, what fails, what is under way."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from flask_babel import gettext
from sqlalchemy import bindparam, func, select

from forum.accounts.models import Grant
from forum.clock import utcnow
from forum.community import models
from forum.community.plugin_queries import OWN_MARK, enabled_plugins
from forum.config import current_settings
from forum.db import reading, value
from forum.errors import Conflict, NotFound
from forum.jobs.models import Job
from forum.places import plugins_folder
from forum.plugin_host import current_host
from forum.plugin_host.discovery import Found, find_plugins
from forum.plugin_host.kept_files import kept_files, names_with_files
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.manifest import CORE_NAMES, Manifest
from forum.plugin_host.running import Call, calls_in
from forum.plugin_host.tables import KeptTable, kept_tables, names_with_tables
from forum.plugin_host.tallies import Tally, tallies_in
from forum.plugin_host.trial import fault_of
from forum.plugin_host.troubles import NotedTrouble, noted_troubles

_COUNT_SETTINGS = select(func.count()).where(
    models.Setting.name.like(bindparam("mine"), escape="\\")
    | models.Setting.name.like(bindparam("secret"), escape="\\")
)
_COUNT_JOBS = select(func.count()).where(Job.name.like(bindparam("mine"), escape="\\"))
_COUNT_GRANTS = select(func.count()).where(Grant.permission.like(bindparam("mine"), escape="\\"))
# Shorter calls are how things should be.
LONG = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PluginView:
    """A plugin, or a part of the core that needs a look; ``plugin`` is None for that.

    Attributes:
        choice: ``enabled`` or ``disabled`` by an administrator, or ``set`` in the settings of the
            installation, which no page changes.
        keeps: whether it has tables or files.
        tallies: how its hooks, jobs and the like fare since the forum was started.
    """

    name: str
    plugin: Plugin | None
    troubles: tuple[NotedTrouble, ...]
    calls: tuple[Call, ...]
    choice: str = ""
    keeps: bool = False
    tallies: tuple[tuple[str, Tally], ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it was taken at the start."""
        return self.plugin is None or self.plugin.state == State.RUNNING


def plugin_views(plugins: Sequence[Plugin], folder: Path) -> list[PluginView]:
    """All plugins, and those parts of the core that are in trouble, by name.

    Args:
        folder: where the processes note the calls under way.
    """
    troubles, calls = noted_troubles(), long_calls(folder)
    known = _each_once(plugins)
    tallies = tallies_in(folder, current_host().tallies)
    names = {*known, *(t.plugin for t in troubles), *(c.plugin for c in calls)}
    return [
        PluginView(
            name,
            known.get(name),
            tuple(t for t in troubles if t.plugin == name),
            tuple(c for c in calls if c.plugin == name),
            tallies=tuple(
                (hook, t) for (plugin, hook), t in sorted(tallies.items()) if plugin == name
            ),
        )
        for name in sorted(names)
    ]


def _each_once(plugins: Sequence[Plugin]) -> dict[str, Plugin]:
    """By name the plugin that is used, or could be; of one that lies there twice it says so."""
    known: dict[str, Plugin] = {}
    for plugin in plugins:
        first = known.setdefault(plugin.name, plugin)
        if first is not plugin:
            twice = f"another of this name is not used: {plugin.place}"
            reason = f"{first.reason}; {twice}" if first.reason else twice
            known[plugin.name] = replace(first, reason=reason)
    return known


def long_calls(folder: Path) -> list[Call]:
    """The calls under way for over a second, in any process, and those whose process ended."""
    now = utcnow()
    return [c for c in calls_in(folder) if not c.is_alive or now - c.since > LONG]


def plugins_there() -> list[Found]:
    """Every plugin that is there at this moment, also those that came after the start."""
    # What was installed a moment ago is not known to Python yet.
    importlib.invalidate_caches()
    return find_plugins([plugins_folder(), *current_settings().plugin_paths])


def manifest_of(name: str) -> Manifest:
    """What a plugin that is there says of itself.

    Raises:
        NotFound: there is none of this name whose manifest can be read.
    """
    for one in plugins_there():
        if one.name == name and one.manifest is not None:
            return one.manifest
    raise NotFound(gettext("There is no plugin of this name."))


def chosen_views(plugins: Sequence[Plugin], folder: Path) -> list[PluginView]:
    """``plugin_views`` with what was chosen for each, those that came after the start among them, and
    those that are gone and have left tables or files."""
    enabled, named = enabled_plugins(), current_settings().plugins
    keeping = names_with_tables(reading()) | names_with_files()
    known = {plugin.name for plugin in plugins}
    new = [_new(one) for one in plugins_there() if one.name not in known]
    known |= {plugin.name for plugin in new}
    left = {name for name in keeping if name not in {n.replace("-", "_") for n in known}}
    gone = [_missing(name) for name in sorted((enabled - known) | left)]

    def chosen(view: PluginView) -> PluginView:
        if view.plugin is None:
            return view
        choice = "set" if view.name in named else "disabled"
        choice = "enabled" if view.name in enabled and choice != "set" else choice
        return replace(view, choice=choice, keeps=view.name.replace("-", "_") in keeping)

    return [chosen(view) for view in plugin_views([*plugins, *new, *gone], folder)]


def _new(one: Found) -> Plugin:
    manifest = one.manifest
    title, version = (manifest.title, manifest.version) if manifest else (one.name, "")
    state = State.REFUSED if one.fault else State.OFF
    personal = manifest.personal_data if manifest else ""
    return Plugin(one.name, title, version, state, one.fault, one.place, personal)


def _missing(name: str) -> Plugin:
    return Plugin(name, name, "", State.REFUSED, "there is no plugin of this name")


def require_loadable(name: str) -> None:
    """See to it that a plugin does not end or hang the forum when it is loaded. Takes a second or two, so
    ask it outside of a transaction.

    Raises:
        Conflict: it does, or cannot be loaded; the message says why.
    """
    settings = current_settings()
    wanted = {*enabled_plugins(), *settings.plugins}
    folders = [plugins_folder(), *settings.plugin_paths]
    if fault := fault_of(name, wanted, folders):
        raise Conflict(gettext("%(name)s cannot run: %(reason)s.", name=name, reason=fault))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a plugin keeps, apart from its code.

    Attributes:
        tables: its tables, with how many rows each has.
        settings: how many of its settings are not at their default, secrets among them.
        jobs: how many of its jobs wait.
        grants: how many grants of its permissions there are.
        troubles: how many of its hooks an administrator should look at.
        files: how many files it keeps beside the database.
    """

    tables: tuple[KeptTable, ...]
    settings: int
    jobs: int
    grants: int
    troubles: int
    files: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to drop."""
        counted = (self.settings, self.jobs, self.grants, self.troubles, self.files)
        return not self.tables and not any(counted)


def kept_of(name: str) -> Kept:
    """What a plugin keeps, whether it runs, is disabled, or is not there any more.

    Raises:
        NotFound: it keeps nothing.
    """
    if name in CORE_NAMES:
        raise NotFound(gettext("This is a part of the forum itself."))
    mine = f"{_escaped(name)}.%"
    kept = Kept(
        tuple(kept_tables(reading(), name)),
        value(_COUNT_SETTINGS, {"mine": mine, "secret": f"{_escaped(name)}{OWN_MARK}%"}),
        value(_COUNT_JOBS, {"mine": mine}),
        value(_COUNT_GRANTS, {"mine": mine}),
        sum(trouble.plugin == name for trouble in noted_troubles()),
        len(kept_files(name)),
    )
    if kept.is_nothing:
        raise NotFound(gettext("Nothing is kept of a plugin of this name."))
    return kept


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
