"""Long work that says now and then that it is still under way."""

from __future__ import annotations

import time

from forum.config import Settings
from forum.jobs.heartbeat import BEAT_SECONDS, beat
from forum.jobs.worker import Work, renew_lease


class Pulse:
    """Call it as often as you like: the worker is seen to be alive, and keeps this job."""

    def __init__(self, work: Work, settings: Settings) -> None:
        self._work = work
        self._settings = settings
        self._next = time.monotonic() + BEAT_SECONDS

    def __call__(self) -> None:
        """Renew what is due.

        Raises:
            LeaseLost: another worker has the job.
        """
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + BEAT_SECONDS
            beat(self._settings.running_folder)
            renew_lease(self._work)
