"""How an implementation fares: what fails too often, or takes too long, is switched off."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from forum.plugin_host.running import Calls, label_of
from forum.plugin_host.tallies import Tally

# Kinds without which the forum goes on: a check that did not run must hold, a part of a
# transaction that is missing would be a loss, an event waits in its job.
OPEN_FAILING = ("review_", "filter_", "slot_", "cookie:")
DECORATING = ("filter_", "slot_")
LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """When an implementation is switched off, in this process and then in all.

    Attributes:
        most_failures: so many
        within_seconds: in so short a time.
        longest_seconds: a single call that takes longer.
        waiting_seconds: a decoration is left out while a call of it takes longer than this, so that
            one that hangs does not hold every thread there is.
        repeat_seconds: how often failures of one implementation are written down at most.
    """

    most_failures: int = 5
    within_seconds: float = 600
    longest_seconds: float = 10
    waiting_seconds: float = 1
    repeat_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an administrator should know of an implementation.

    Attributes:
        failures: since it was last told.
        last_error: its kind; never its words, which may quote what somebody wrote.
        is_off: whether it was switched off.
    """

    plugin: str
    hook: str
    failures: int
    last_error: str
    is_off: bool


class Watch:
    """One implementation in this process; asked before, and told after, each of its calls.

    Args:
        tell: takes what an administrator should know.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        plugin: str,
        hook: str,
        calls: Calls,
        tell: Callable[[Trouble], None],
        *,
        limits: Limits,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._plugin, self._hook = plugin, hook
        self._calls, self._tell = calls, tell
        self._limits, self._clock = limits, clock
        self._label = label_of(plugin, hook)
        self._begun: dict[object, float] = {}
        self._failed = threading.Lock()
        self.tally = Tally()
        self.switch_on()

    def switch_on(self) -> None:
        """Begin anew: an administrator has looked, or nothing was wrong."""
        self.is_off = False
        self._failures: deque[float] = deque(maxlen=self._limits.most_failures)
        self._untold = 0
        self._told_at: float | None = None

    def leaves_out(self, *, notes: bool = True) -> bool:
        """Whether it is not to be called now.

        Args:
            notes: switch it off where a call of it hangs, which is told with the time.
        """
        if self.is_off:
            return True
        if not self._begun or not self._hook.startswith(OPEN_FAILING):
            return False
        longest = self._clock() - min(list(self._begun.values()), default=self._clock())
        if longest > self._limits.longest_seconds:
            if notes:
                hangs = f"running for over {self._limits.longest_seconds:g} s"
                self.has_failed(hangs, switch_off=True)
            return True
        return self._hook.startswith(DECORATING) and longest > self._limits.waiting_seconds

    def begin(self) -> tuple[int, object]:
        """A call begins."""
        token = object()
        self._begun[token] = self._clock()
        return self._calls.begin(self._label), token

    def end(self, call: tuple[int, object]) -> None:
        """The call has ended, well or not."""
        place, token = call
        self._calls.end(place)
        seconds = self._clock() - self._begun.pop(token)
        # Two that end at once may count as one, which no lock for each call is worth.
        self.tally.add(Tally(1, seconds, seconds))
        if seconds > self._limits.longest_seconds:
            self.has_failed(f"took {seconds:.0f} s", switch_off=True)

    def has_failed(self, error: str, *, switch_off: bool = False) -> None:
        """Count a failure; switch it off if that was one too many and it can be missing."""
        with self._failed:
            now = self._clock()
            self.tally.failures += 1
            self._failures.append(now)
            self._untold += 1
            is_often = (
                len(self._failures) == self._limits.most_failures
                and now - self._failures[0] <= self._limits.within_seconds
            )
            goes_off = self._hook.startswith(OPEN_FAILING) and (switch_off or is_often)
            is_news = goes_off and not self.is_off
            self.is_off = self.is_off or goes_off
            if is_news or self._is_time(now):
                self._told_at = now
                untold, self._untold = self._untold, 0
                told = error[:LONGEST_ERROR]
                self._tell(Trouble(self._plugin, self._hook, untold, told, self.is_off))

    def _is_time(self, now: float) -> bool:
        return self._told_at is None or now - self._told_at >= self._limits.repeat_seconds
