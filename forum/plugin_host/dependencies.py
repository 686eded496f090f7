"""Which plugins need which: their order, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from forum.plugin_host.discovery import Found
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.manifest import Dependency, Manifest


def in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The names, each behind those it needs, and else by the alphabet.

    Those that need each other in a circle come in some order, and none of them may run.
    """
    placed: dict[str, None] = {}
    begun: set[str] = set()

    def place(name: str) -> None:
        if name in begun or name not in needs:
            return
        begun.add(name)
        for needed in sorted(needs[name]):
            place(needed)
        placed[name] = None

    for name in sorted(needs):
        place(name)
    return list(placed)


def circle_of(name: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """How a plugin comes to need itself, from it to it; empty when it does not."""
    seen: set[str] = set()

    def path_from(at: str) -> list[str]:
        for needed in sorted(needs.get(at, ())):
            if needed == name:
                return [at, name]
            if needed not in seen:
                seen.add(needed)
                if path := path_from(needed):
                    return [at, *path]
        return []

    return path_from(name)


def missing_for(manifest: Manifest, before: Mapping[str, Plugin]) -> str:
    """Why a plugin cannot run after those that were taken ``before`` it; empty when it can."""
    reasons = (_lack(need, before.get(need.name)) for need in manifest.dependencies)
    return next((reason for reason in reasons if reason), "")


def lack_of(name: str, found: Sequence[Found], wanted: Collection[str]) -> str:
    """Why a plugin could not run beside those that are wanted, as far as that is known without
    importing any; empty when nothing is known against it."""
    there = {one.name: one.manifest for one in found if one.manifest is not None and not one.fault}
    manifest = there.get(name)
    if manifest is None:
        return next((one.fault for one in found if one.name == name), "there is no such plugin")
    if misfit := manifest.misfit():
        return misfit
    for need in manifest.dependencies:
        other = there.get(need.name)
        if other is None or need.name not in wanted:
            return f"needs {need.name}, which is not {'there' if other is None else 'enabled'}"
        if misfit := need.misfit(other.version):
            return misfit
    return ""


def needing(name: str, found: Sequence[Found], wanted: Collection[str]) -> list[str]:
    """Those of the wanted plugins that need this one."""
    return [
        one.name
        for one in found
        if one.manifest is not None
        and one.name in wanted
        and name in {need.name for need in one.manifest.dependencies}
    ]


def _lack(need: Dependency, there: Plugin | None) -> str:
    if there is None:
        return f"needs {need.name}, which is not there"
    if there.state is not State.RUNNING:
        return f"needs {need.name}, which does not run ({there.reason or there.state})"
    return need.misfit(there.version)
