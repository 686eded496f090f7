"""Which calls are under way, noted where it outlives the process.

Each process maps a small file into its memory and writes there, before each call, whose it is: two
copies of 160 bytes and no system call. A plugin that hangs, or ends the process, is named by what
stands there; nobody needs to be alive to write it down.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from mmap import mmap
from pathlib import Path
from struct import Struct
from time import time, time_ns

PLACES = 64
PLACE_BYTES = 160
_SINCE = Struct("d")
_LABEL_BYTES = PLACE_BYTES - _SINCE.size


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is under way, or was when its process ended."""

    plugin: str
    hook: str
    since: datetime
    pid: int
    is_alive: bool


def label_of(plugin: str, hook: str) -> bytes:
    """What stands in the file for a call; made once, not at each call."""
    return f"{plugin} {hook}".encode()[:_LABEL_BYTES].ljust(_LABEL_BYTES, b"\0")


class Calls:
    """The calls under way in this process.

    Args:
        folder: where its file lies; ``None`` keeps them in memory only.
        now: seconds since 1970.
    """

    def __init__(self, folder: Path | None = None, *, now: Callable[[], float] = time) -> None:
        self.folder = folder
        self._now = now
        self._opening = threading.Lock()
        self._pid = 0
        self._free: list[int] = []
        self._places = mmap(-1, PLACES * PLACE_BYTES)

    def begin(self, label: bytes) -> int:
        """Note that a call begins: its place. More than there are places for go unnoted."""
        if self._pid != os.getpid():
            self._open()
        try:
            place = self._free.pop()
        except IndexError:
            return -1
        start = place * PLACE_BYTES
        self._places[start + _SINCE.size : start + PLACE_BYTES] = label
        _SINCE.pack_into(self._places, start, self._now())
        return place

    def end(self, place: int) -> None:
        """Note that the call in this place has ended."""
        # A plugin may have forked: the place belongs to the process that took it.
        if place >= 0 and self._pid == os.getpid():
            _SINCE.pack_into(self._places, place * PLACE_BYTES, 0.0)
            self._free.append(place)

    @contextmanager
    def noted(self, plugin: str, what: str) -> Iterator[None]:
        """Note something longer than a call to a hook, such as an import, while it is under way."""
        place = self.begin(label_of(plugin, what))
        try:
            yield
        finally:
            self.end(place)

    def _open(self) -> None:
        with self._opening:
            if self._pid == os.getpid():
                return
            try:
                self._places = _mapped(self.folder)
            except OSError:
                # A full or read-only disk must not keep anybody from calling a plugin.
                self._places = mmap(-1, PLACES * PLACE_BYTES)
            self._free = list(range(PLACES))
            self._pid = os.getpid()


def _mapped(folder: Path | None) -> mmap:
    if folder is None:
        return mmap(-1, PLACES * PLACE_BYTES)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{os.getpid()}-{time_ns()}.calls"
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.ftruncate(handle, PLACES * PLACE_BYTES)
        # Held as long as the process has the file in its memory, and by nobody after that.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        places = mmap(handle, PLACES * PLACE_BYTES)
    finally:
        os.close(handle)
    new.rename(path)
    return places


def calls_in(folder: Path) -> list[Call]:
    """Every call under way in any process, and those that were when their process ended."""
    return [call for path in sorted(folder.glob("*.calls")) for call in _calls_of(path)]


def sweep(folder: Path) -> list[Call]:
    """Remove what ended processes left behind: the calls that were under way when they ended.

    Of several processes that sweep at once, one is told of each call.
    """
    found: list[Call] = []
    for path in sorted(folder.glob("*.calls")):
        if _is_alive(path):
            continue
        calls = list(_calls_of(path))
        try:
            path.unlink()
        except OSError:
            continue
        found += calls
    return found


def _is_alive(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _calls_of(path: Path) -> Iterator[Call]:
    try:
        raw = path.read_bytes()
    except OSError:
        return
    pid = int(path.name.partition("-")[0])
    is_alive = _is_alive(path)
    for start in range(0, len(raw) - PLACE_BYTES + 1, PLACE_BYTES):
        since = _SINCE.unpack_from(raw, start)[0]
        if since:
            label = raw[start + _SINCE.size : start + PLACE_BYTES].rstrip(b"\0")
            plugin, _, hook = label.decode(errors="replace").partition(" ")
            yield Call(plugin, hook, datetime.fromtimestamp(since, UTC), pid, is_alive)
