"""What a plugin must be to be registered. Refused early and clearly, not when a member posts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator

import pluggy

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")


class PluginRefused(Exception):
    """A plugin that cannot be registered.

    Attributes:
        plugin: its name.
        reason: what its author or the administrator must mend.
    """

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r} cannot be used: {reason}")
        self.plugin = plugin
        self.reason = reason


def is_name(name: str) -> bool:
    """Whether it can stand in logs, jobs and addresses."""
    return _NAME.fullmatch(name) is not None


def require_name(name: str, taken: Collection[str]) -> None:
    """See to it that the name can stand in logs, jobs and addresses, once.

    Raises:
        PluginRefused: it cannot.
    """
    if not is_name(name):
        raise PluginRefused(name, "a name has small letters, digits, - and _, and 60 at most")
    if name in taken:
        raise PluginRefused(name, "another plugin has this name")


def require_sound(
    name: str,
    plugin: object,
    found: list[tuple[str, pluggy.HookImpl]],
    *,
    known: Collection[str],
    may_write: Callable[[str], bool],
) -> None:
    """See to it that every implementation of a plugin is one the dispatcher can call.

    Raises:
        PluginRefused: with all that is wrong.
    """
    faults = [fault for hook, how in found for fault in _faults(hook, how, known, may_write)]
    implemented = [hook for hook, _ in found]
    faults += [f"{hook} is implemented twice" for hook in known if implemented.count(hook) > 1]
    faults += [
        f"{hook} is not marked with @hookimpl"
        for hook in known
        if hook in dir(plugin) and hook not in implemented
    ]
    if faults:
        raise PluginRefused(name, "; ".join(sorted(faults)))


def _faults(
    hook: str, how: pluggy.HookImpl, known: Collection[str], may_write: Callable[[str], bool]
) -> Iterator[str]:
    function = how.function
    if hook not in known:
        yield f"there is no hook {hook}"
    if how.wrapper or how.hookwrapper or how.tryfirst or how.trylast:
        yield f"{hook} asks for an order or a wrapper; each implementation is called by itself"
    # Called like a function, either would only hand back something that never runs.
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        yield f"{hook} must be a plain function, not async and without yield"
    if hook.startswith("with_") and not may_write(hook):
        yield f"{hook} writes in the forum's transaction, and this plugin may not"
