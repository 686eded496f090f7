"""CPU time that can be compared between machines, for tests that put a limit on it.

A limit of a second holds on the machine it was set on. Another one, or the same while others work
on its cores, is slower by some factor; the factor is measured in the same run, with a piece of
work of the kind that the text pipeline does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

# What the yardstick takes on the machine that the limits were set on (Python 3.11, when it is quiet).
YARDSTICK_SECONDS = 0.042

_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_TEXT = "".join(f"[word {n}](/t/{n}) and *more* of it, " for n in range(4_000))


def cpu_seconds(work: Callable[[], object], *, enough: float, tries: int = 3) -> float:
    """CPU seconds of ``work``, as the machine that the limits were set on would take.

    The best of several tries where the first takes ``enough`` or more, each measured against the
    yardstick right after it: a busy machine slows a run down, but nothing makes it faster than
    it is. Give one try to work that must not be done twice.
    """
    best = float("inf")
    for _ in range(tries):
        taken = _seconds(work)
        best = min(best, taken if taken < enough else taken / slowness())
        if best < enough:
            break
    return best


def slowness() -> float:
    """How many times slower than that machine this one is at the moment; never below 1."""
    return max(1.0, min(_seconds(_yardstick) for _ in range(3)) / YARDSTICK_SECONDS)


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _yardstick() -> None:
    counts: dict[int, int] = {}
    for match in _LINK.finditer(_TEXT):
        counts[len(match[1])] = counts.get(len(match[1]), 0) + 1
    for n in range(200_000):
        at = n % 60_000
        counts[n % 997] = counts.get(n % 997, 0) + len(_TEXT[at : at + 9].split())
