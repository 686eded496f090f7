"""What the figures were measured on, as far as it matters for them."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

SYNCS = 100
SYNC_SECONDS = 2.0


def machine_facts() -> dict[str, Any]:
    """Cores, memory in GiB, load, versions and the date; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def sync_seconds(folder: Path) -> float:
    """How long the disk under ``folder`` takes to make 4 KiB durable: the median, in seconds."""
    path = folder / "sync"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        return median(_syncs(handle))
    finally:
        os.close(handle)
        path.unlink()


def _syncs(handle: int) -> list[float]:
    taken: list[float] = []
    until = time.perf_counter() + SYNC_SECONDS
    while len(taken) < SYNCS and (not taken or time.perf_counter() < until):
        os.write(handle, bytes(4096))
        before = time.perf_counter()
        os.fsync(handle)
        taken.append(time.perf_counter() - before)
    return taken
