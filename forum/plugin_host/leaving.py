"""Hooks that are to go. A plugin that implements one runs as before, and administrators read of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# So many releases have a hook that is to go, and warn of it; so long what a plugin uses stays.
RELEASES = 2


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to be known of a hook that is to go.

    Attributes:
        since: the first version that warns, such as ``0.2``.
        gone: the first version that has it no more.
        instead: what does the same from then on.
    """

    since: str
    gone: str
    instead: str


# By the hook's name. The changelog names each, and so does docs/HOOKS.md, where it stands.
LEAVING: dict[str, Leaving] = {}


def warnings_of(hooks: Iterable[str]) -> tuple[str, ...]:
    """What those who run a plugin with these hooks should know, a sentence's end for each that goes."""
    return tuple(
        f"implements {hook}, which is gone in Folkmoot {LEAVING[hook].gone}; instead: "
        f"{LEAVING[hook].instead}"
        for hook in sorted(hooks)
        if hook in LEAVING
    )
