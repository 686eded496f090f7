"""One implementation of one hook: called, measured, and named in the log when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flask_babel import lazy_gettext

from forum.db import db
from forum.errors import ForumError, NotAllowed
from forum.metrics import current_metrics
from forum.plugin_host.answers import WrongAnswer, sound
from forum.plugin_host.unnoticed import is_unnoticed
from forum.plugin_host.watch import Watch
from forum.traces import trace_of

SLOW_SECONDS = 1.0

log = logging.getLogger("forum.plugins")


class HookFailed(ForumError):
    """An implementation failed whose part cannot be missing: the whole action is undone.

    Attributes:
        plugin: name of the plugin.
        hook: name of the hook.
    """

    def __init__(self, plugin: str, hook: str) -> None:
        # Translated when it is shown: here the database may not answer who is asking.
        super().__init__(
            lazy_gettext(
                "A part of the forum (%(plugin)s) did not work, so this was undone. Your text is "
                "kept. Try again in a moment; tell an administrator if it happens again.",
                plugin=plugin,
            )
        )
        self.plugin = plugin
        self.hook = hook

    def __str__(self) -> str:
        return f"{self.plugin}: {self.hook} failed"


class Crashed(Exception):
    """An implementation raised, or answered what its hook does not take, or is switched off. What
    it raised is in the log."""


class Interrupted(Exception):
    """The forum's own reason to end a call that is under way; no failure of the plugin."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """What one plugin does at one hook.

    Attributes:
        plugin: name of the plugin.
        hook: name of the hook.
        function: what is called.
        options: names of the hook's options that it takes.
        watch: knows whether it is to be called.
        slow_seconds: a call over this is logged as slow.
    """

    plugin: str
    hook: str
    function: Callable[..., Any]
    options: tuple[str, ...]
    watch: Watch
    slow_seconds: float = SLOW_SECONDS

    @property
    def id(self) -> str:
        """Names it for good, in jobs too: ``plugin:hook``."""
        return f"{self.plugin}:{self.hook}"

    def call(self, **given: Any) -> Any:
        """Run it where it is isolated already, such as in a worker's transaction of its own.

        Raises:
            HookFailed: it raised, or answered what its hook does not take.
        """
        try:
            return self.attempt(**given)
        except Crashed:
            raise HookFailed(self.plugin, self.hook) from None

    def attempt(self, **given: Any) -> Any:
        """Run it, measured unless nothing is to be noted: its answer, if that is one.

        Raises:
            NotAllowed: a ``check_*`` refuses.
            Crashed: anything else went wrong; it is in the log.
        """
        if self.watch.leaves_out(notes=not is_unnoticed()):
            raise Crashed
        start, call = perf_counter(), None if is_unnoticed() else self.watch.begin()
        try:
            return self._answer(given)
        except (KeyboardInterrupt, Interrupted):
            raise
        # A plugin may raise anything; a library that calls sys.exit() must not end the server.
        except BaseException as error:
            if isinstance(error, NotAllowed) and self.hook.startswith("check_"):
                raise
            self.note_crash(error, start)
            raise Crashed from None
        finally:
            if call is not None:
                self.watch.end(call)
                self._log_time(start)

    def _answer(self, given: dict[str, Any]) -> Any:
        answer = self.function(*(given[name] for name in self.options))
        if self.hook.startswith(("with_", "on_", "job:", "cookie:")):
            # What it left to be written fails here under its name, not later under the core's.
            db.session.flush()
        return sound(self.hook, answer, given)

    def note_crash(self, error: BaseException, start: float) -> None:
        """Log what it raised, and where, ``start`` being when it was called (``perf_counter``), and
        count it. Behind a door that would tell when somebody was there, so nothing is."""
        if is_unnoticed():
            return
        if metrics := current_metrics():
            metrics.hook_failed(self.plugin, self.hook)
        is_ours = isinstance(error, WrongAnswer)
        self.watch.has_failed(str(error) if is_ours else type(error).__name__)
        log.error(
            "%s: %s failed after %.1f ms: %s",
            self.plugin,
            self.hook,
            1000 * (perf_counter() - start),
            trace_of(error, outspoken=(WrongAnswer,)),
        )

    def _log_time(self, start: float) -> None:
        seconds = perf_counter() - start
        if metrics := current_metrics():
            metrics.hook_called(self.plugin, self.hook, seconds)
        if seconds > self.slow_seconds:
            log.warning("%s: %s is slow: %.1f ms", self.plugin, self.hook, 1000 * seconds)
        else:
            log.debug("%s: %s took %.1f ms", self.plugin, self.hook, 1000 * seconds)
