"""How often plugins are called, how long that takes and how often it fails, in all processes together.

Each process counts in its memory and writes that down once a minute, in a file of its own. So it is
known since the forum was started, a minute late, and costs no call anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

END = ".tally"
Key = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """One implementation of one plugin.

    Attributes:
        calls: how many there were.
        seconds: how long they took together.
        longest: how many seconds the longest took.
        failures: how many of them failed.
    """

    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    failures: int = 0

    @property
    def milliseconds(self) -> float:
        """How long one takes."""
        return 1000 * self.seconds / self.calls if self.calls else 0.0

    @property
    def most_milliseconds(self) -> float:
        """How long the longest took."""
        return 1000 * self.longest

    def add(self, other: Tally) -> None:
        """Count what another process has counted, too."""
        self.calls += other.calls
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)
        self.failures += other.failures


def write_tallies(folder: Path, tallies: Mapping[Key, Tally]) -> None:
    """Write down what this process has counted."""
    path = folder / f"{os.getpid()}{END}"
    new = path.with_suffix(".new")
    told = [[*key, asdict(tally)] for key, tally in tallies.items() if tally.calls]
    new.write_text(json.dumps(told), encoding="utf-8")
    new.rename(path)


def tallies_in(folder: Path, own: Mapping[Key, Tally]) -> dict[Key, Tally]:
    """What all processes have counted: this one until now, the others until a minute ago.

    Files of processes that have ended are removed.
    """
    found: dict[Key, Tally] = {}
    for key, tally in [*own.items(), *_of_others(folder)]:
        if tally.calls:
            found.setdefault(key, Tally()).add(tally)
    return found


def _of_others(folder: Path) -> Iterable[tuple[Key, Tally]]:
    for path in sorted(folder.glob(f"*{END}")):
        pid = int(path.stem)
        if pid == os.getpid():
            continue
        if not _is_alive(pid):
            path.unlink(missing_ok=True)
            continue
        try:
            told = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            # It ended at this moment.
            continue
        yield from (((plugin, hook), Tally(**tally)) for plugin, hook, tally in told)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
