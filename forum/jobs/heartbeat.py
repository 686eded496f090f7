"""The worker's heartbeat: the time of a file, so that others can tell whether a worker is at work."""

from __future__ import annotations

import time
from pathlib import Path

BEAT_SECONDS = 5
# A worker beats before each job. The slowest known, a letter to a mail server that takes its time at
# every step, stays below half of this.
FRESH_SECONDS = 120


def beat(folder: Path) -> None:
    """Note that a worker of this folder is at work; touches the disk every five seconds at most."""
    age = seconds_since_beat(folder)
    if age is None or not 0 <= age < BEAT_SECONDS:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "worker").touch()


def seconds_since_beat(folder: Path) -> float | None:
    """How long ago a worker noted in this folder that it is at work; ``None`` if none ever has."""
    try:
        return time.time() - (folder / "worker").stat().st_mtime
    except FileNotFoundError:
        return None
