"""Plugins as an administrator sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What became of a plugin at the start."""

    RUNNING = "running"
    OFF = "not enabled"
    REFUSED = "refused"
    LEFT_OUT = "left out: safe mode"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin as an administrator sees it.

    Attributes:
        reason: why it is refused, and what to mend; empty for the others.
        place: where it was found; empty when it was not.
        personal_data: what it says it stores about people.
        needs: the plugins that must run before it.
        warnings: what of it will not work for ever.
    """

    name: str
    title: str
    version: str
    state: State
    reason: str = ""
    place: str = ""
    personal_data: str = ""
    needs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
