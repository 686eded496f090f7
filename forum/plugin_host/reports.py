"""What an administrator should know, on its way from a failing call to the database."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from forum.plugin_host.watch import Trouble

# Others are told of what was switched off within so many seconds.
LOOK_SECONDS = 60
MOST_UNTOLD = 1_000


class Reports:
    """The troubles of this process that are not written down yet, and when it last looked.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._untold: deque[Trouble] = deque(maxlen=MOST_UNTOLD)
        self._looked_at = clock()
        self._is_stuck = False

    def tell(self, trouble: Trouble) -> None:
        """Take one; it is written down when the request or the job is over."""
        self._untold.append(trouble)

    def untold(self) -> list[Trouble]:
        """Those that are not written down yet."""
        return list(self._untold)

    def is_time_to_look(self) -> bool:
        """Whether there is something to write down, or the last look is over a minute ago."""
        if self._clock() - self._looked_at > LOOK_SECONDS:
            return True
        # What could not be written a moment ago is not tried again at every request.
        return bool(self._untold) and not self._is_stuck

    def begin_look(self) -> None:
        """A look begins; until it has succeeded, the next one waits its time."""
        self._looked_at, self._is_stuck = self._clock(), True

    def has_told(self, count: int) -> None:
        """The first ``count`` are written down, and the look has succeeded."""
        for _ in range(count):
            self._untold.popleft()
        self._is_stuck = False
