"""Takes the plugins that were asked for. One that cannot be used is named, and the forum starts."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from forum.plugin_host.discovery import Found
from forum.plugin_host.dispatch import PluginHost
from forum.plugin_host.implementation import log
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.registration import PluginRefused
from forum.traces import in_a_line, trace_of


def load_plugins(
    host: PluginHost, found: Sequence[Found], wanted: Collection[str], *, safe_mode: bool = False
) -> list[Plugin]:
    """Register those of the plugins found that are wanted: what became of each, by name.

    What is not wanted, or cannot be used, is never imported.
    """
    plugins = [_taken(host, one, wanted, safe_mode=safe_mode) for one in found]
    return sorted([*plugins, *_not_there(found, wanted)], key=lambda plugin: plugin.name)


def _not_there(found: Sequence[Found], wanted: Collection[str]) -> Iterator[Plugin]:
    for name in sorted(set(wanted) - {one.name for one in found}):
        yield _refused(Plugin(name, name, "", State.REFUSED, "there is no plugin of this name"))


def _refused(plugin: Plugin) -> Plugin:
    log.error("plugin %s is not used: %s", plugin.name, plugin.reason)
    return plugin


def _taken(host: PluginHost, one: Found, wanted: Collection[str], *, safe_mode: bool) -> Plugin:
    def become(state: State, reason: str = "") -> Plugin:
        manifest = one.manifest
        title, version = (manifest.title, manifest.version) if manifest else (one.name, "")
        personal = manifest.personal_data if manifest else ""
        return Plugin(one.name, title, version, state, reason, one.place, personal)

    if one.fault or one.manifest is None:
        return _refused(become(State.REFUSED, one.fault))
    if one.name not in wanted:
        return become(State.OFF)
    if safe_mode:
        return become(State.LEFT_OUT)
    if misfit := one.manifest.misfit():
        return _refused(become(State.REFUSED, misfit))
    try:
        with host.calls.noted(one.name, "import"):
            hooks = _imported(one)
        host.register(hooks, one.name, title=one.manifest.title, may_write=one.manifest.may_write)
        host.collect(one.name)
    except PluginRefused as refusal:
        return _refused(become(State.REFUSED, refusal.reason))
    return become(State.RUNNING)


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
