"""What is counted while the forum works, for Prometheus; nothing at all unless the settings open it.

Each process counts for itself in files that it maps into its memory (prometheus-client's way for
several processes); whichever is asked adds them up. Labels are names of ours only: a path or a
person among them would be personal data, and without end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from forum.config import Settings
from forum.errors import Invalid, TooMany

EXTENSION = "forum_metrics"
FOLDER = "metrics"
# Where prometheus-client looks when it is imported.
_SWITCH = "PROMETHEUS_MULTIPROC_DIR"
# A page takes about a millisecond, making a picture anew up to two seconds.
REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The counters of this process. ``folder`` is where all processes keep theirs, if there are more."""

    def __init__(self, folder: Path | None) -> None:
        # Half of it is about ways to send and serve, and not every forum is watched.
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.folder = folder
        self.registry: Any = CollectorRegistry()
        self._requests: Any = Histogram(
            "forum_request_seconds",
            "Time from a request's arrival until its answer is ready.",
            ["route", "method", "status"],
            registry=self.registry,
            buckets=REQUEST_BUCKETS,
        )

        def counter(name: str, words: str, *labels: str) -> Any:
            return Counter(f"forum_{name}", words, labels, registry=self.registry)

        self._refusals = counter(
            "sign_in_refusals", "Tries to sign in that were refused.", "reason"
        )
        self._jobs = counter("jobs_ended", "Jobs that a worker tried.", "job", "outcome")
        self._job_seconds = counter("job_seconds", "Time that jobs took.", "job")
        self._calls = counter("hook_calls", "Calls of plugins' hooks.", "plugin", "hook")
        self._failures = counter(
            "hook_failures", "Calls of plugins' hooks that failed.", "plugin", "hook"
        )
        self._call_seconds = counter("hook_seconds", "Time that hooks took.", "plugin", "hook")
        self._known: dict[tuple[str, ...], Any] = {}

    def _one(self, kind: Any, *labels: str) -> Any:
        # The library's own look-up takes a lock and makes a tuple of texts anew, each time.
        key = (kind._name, *labels)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = kind.labels(*labels)
        return found

    def request_ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """An answer is ready; of its status only the class counts."""
        self._one(self._requests, route, method, f"{status // 100}xx").observe(seconds)

    def job_ended(self, job: str, outcome: str, seconds: float) -> None:
        """A worker has tried a job: ``done``, ``failed`` or ``lost`` to another worker."""
        self._one(self._jobs, job, outcome).inc()
        self._one(self._job_seconds, job).inc(seconds)

    def hook_called(self, plugin: str, hook: str, seconds: float) -> None:
        """A plugin's implementation of a hook has ended, well or not."""
        self._one(self._calls, plugin, hook).inc()
        self._one(self._call_seconds, plugin, hook).inc(seconds)

    def hook_failed(self, plugin: str, hook: str) -> None:
        """It raised, or answered what its hook does not take."""
        self._one(self._failures, plugin, hook).inc()

    def sign_in_refused(self, reason: str) -> None:
        """Somebody was not let in: for the ``password``, or a ``limit``."""
        self._one(self._refusals, reason).inc()

    def gathered(self) -> Any:
        """A registry with what all processes have counted so far, for one answer."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        if self.folder is None:
            return self.registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self.folder))  # type: ignore[no-untyped-call,unused-ignore]
        return registry


def init_metrics(app: Flask) -> None:
    """Count in this application, if its settings let anybody read what was counted."""
    settings: Settings = app.extensions["forum_settings"]
    if settings.has_metrics:
        folder = os.environ.get(_SWITCH)
        app.extensions[EXTENSION] = Metrics(Path(folder) if folder else None)


def share_metrics(settings: Settings) -> None:
    """Have this process and those it makes count together. Before the application is made: the
    library looks once, when it is imported."""
    if not settings.has_metrics:
        return
    folder = settings.running_folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[_SWITCH] = str(folder)
    for left in folder.glob("*.db"):
        # Of processes of an earlier start; those of a worker with a unit of its own go on.
        if not _is_running(left.stem.rpartition("_")[2]):
            left.unlink(missing_ok=True)


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def current_metrics() -> Metrics | None:
    """What counts in the application at work; ``None`` when nobody may read it."""
    found: Metrics | None = current_app.extensions.get(EXTENSION)
    return found


@contextmanager
def counted_refusals() -> Iterator[None]:
    """Count when signing in is refused inside."""
    try:
        yield
    except (Invalid, TooMany) as error:
        if metrics := current_metrics():
            metrics.sign_in_refused("limit" if isinstance(error, TooMany) else "password")
        raise


@contextmanager
def counted_job(job: str) -> Iterator[list[str]]:
    """Count a job and its time; put the outcome into the list when it was not ``done``."""
    outcome, start = ["done"], time.perf_counter()
    try:
        yield outcome
    finally:
        if metrics := current_metrics():
            metrics.job_ended(job, outcome[-1], time.perf_counter() - start)
