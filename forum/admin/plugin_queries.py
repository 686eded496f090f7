"""Plugins as administrators see them: what became of each, what fails, what is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from forum.clock import utcnow
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.running import Call, calls_in
from forum.plugin_host.troubles import NotedTrouble, noted_troubles

# Shorter calls are how things should be.
LONG = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class PluginView:
    """A plugin, or a part of the core that needs a look; ``plugin`` is None for that."""

    name: str
    plugin: Plugin | None
    troubles: tuple[NotedTrouble, ...]
    calls: tuple[Call, ...]

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
    known = {plugin.name: plugin for plugin in plugins}
    names = {*known, *(t.plugin for t in troubles), *(c.plugin for c in calls)}
    return [
        PluginView(
            name,
            known.get(name),
            tuple(t for t in troubles if t.plugin == name),
            tuple(c for c in calls if c.plugin == name),
        )
        for name in sorted(names)
    ]


def long_calls(folder: Path) -> list[Call]:
    """The calls under way for over a second, in any process, and those whose process ended."""
    now = utcnow()
    return [c for c in calls_in(folder) if not c.is_alive or now - c.since > LONG]
