"""Takes the plugins that were asked for. One that cannot be used is named, and the forum starts."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from forum.plugin_host.dependencies import circle_of, in_order, missing_for
from forum.plugin_host.discovery import Found
from forum.plugin_host.dispatch import PluginHost
from forum.plugin_host.implementation import log
from forum.plugin_host.leaving import warnings_of
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.registration import PluginRefused
from forum.plugin_host.tables import UNMADE
from forum.traces import in_a_line, trace_of


def load_plugins(
    host: PluginHost,
    found: Sequence[Found],
    wanted: Collection[str],
    *,
    safe_mode: bool = False,
    unready: Callable[[Found], str] = lambda _one: "",
) -> list[Plugin]:
    """Register those of the plugins found that are wanted: what became of each, by name.

    Each comes after those it depends on, and only when these run. What is not wanted, or cannot be
    used, is never imported.

    Args:
        unready: says why a plugin's tables are not what it needs; nothing when they are.
    """
    there = {one.name: one for one in found if one.manifest is not None and not one.fault}
    needs = {name: _needed(one) for name, one in there.items()}
    others = [_outcome(one, State.REFUSED, one.fault) for one in found if one.fault]
    became = {plugin.name: plugin for plugin in others}
    for name in in_order(needs):
        one, circle = there[name], circle_of(name, needs)
        became[name] = _state_of(one, wanted, circle, safe_mode=safe_mode) or _taken(
            host, one, became, unready
        )
    missing = list(_not_there(found, wanted))
    taken = [plugin for plugin in became.values() if plugin not in others]
    plugins = sorted([*taken, *others, *missing], key=lambda plugin: plugin.name)
    for plugin in plugins:
        _say(plugin)
    return plugins


def _say(plugin: Plugin) -> None:
    """Log what somebody should know about a plugin."""
    # So it is whenever one is enabled for the first time: what goes on to make them says how that went.
    if plugin.reason == UNMADE:
        log.warning("plugin %s waits for its tables", plugin.name)
    elif plugin.state is State.REFUSED:
        log.error("plugin %s is not used: %s", plugin.name, plugin.reason)
    for warning in plugin.warnings:
        log.warning("plugin %s %s", plugin.name, warning)


def _needed(one: Found) -> list[str]:
    return [need.name for need in one.manifest.dependencies] if one.manifest else []


def _not_there(found: Sequence[Found], wanted: Collection[str]) -> Iterator[Plugin]:
    for name in sorted(set(wanted) - {one.name for one in found}):
        yield Plugin(name, name, "", State.REFUSED, "there is no plugin of this name")


def _outcome(one: Found, state: State, reason: str = "") -> Plugin:
    manifest = one.manifest
    title, version = (manifest.title, manifest.version) if manifest else (one.name, "")
    personal = manifest.personal_data if manifest else ""
    return Plugin(one.name, title, version, state, reason, one.place, personal, tuple(_needed(one)))


def _state_of(
    one: Found, wanted: Collection[str], circle: Sequence[str], *, safe_mode: bool
) -> Plugin | None:
    """What becomes of one that is not taken whatever the others do; ``None`` for others."""
    assert one.manifest is not None
    if one.name not in wanted:
        return _outcome(one, State.OFF)
    if safe_mode:
        return _outcome(one, State.LEFT_OUT)
    reason = one.manifest.misfit() or (f"needs itself: {' → '.join(circle)}" if circle else "")
    return _outcome(one, State.REFUSED, reason) if reason else None


def _taken(
    host: PluginHost, one: Found, before: Mapping[str, Plugin], unready: Callable[[Found], str]
) -> Plugin:
    assert one.manifest is not None
    if missing := missing_for(one.manifest, before) or unready(one):
        return _outcome(one, State.REFUSED, missing)
    try:
        with host.calls.noted(one.name, "import"):
            hooks = _imported(one)
        host.register(hooks, one.name, title=one.manifest.title, may_write=one.manifest.may_write)
        host.collect(
            one.name,
            door=one.manifest.door,
            permissions=one.manifest.permissions,
            kept_out=one.manifest.not_in_backups,
        )
    except PluginRefused as refusal:
        return _outcome(one, State.REFUSED, refusal.reason)
    own = [
        hook for hook in host.hooks if one.name in {i.plugin for i in host.implementations(hook)}
    ]
    return replace(_outcome(one, State.RUNNING), warnings=warnings_of(own))


def _imported(one: Found) -> object:
    try:
        return _hooks_of(one)
    except KeyboardInterrupt:
        raise
    # Whatever it raises, sys.exit() included, the forum starts without it.
    except BaseException as error:
        log.error("plugin %s cannot be imported: %s", one.name, trace_of(error))
        raise PluginRefused(one.name, f"cannot be imported: {in_a_line(error)}") from None


def _hooks_of(one: Found) -> object:
    if one.entry is not None:
        return one.entry.load()
    assert one.folder is not None
    _import_package(one.folder)
    return importlib.import_module(f"{one.folder.name}.hooks")


def _import_package(folder: Path) -> None:
    present = sys.modules.get(folder.name)
    if present is not None and str(folder) in getattr(present, "__path__", ()):
        return
    # What has this name is from another folder, and no plugin that runs here.
    _forget(folder.name)
    spec = spec_from_file_location(
        folder.name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = module_from_spec(spec)
    sys.modules[folder.name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        _forget(folder.name)
        raise


def _forget(package: str) -> None:
    for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
        del sys.modules[name]
