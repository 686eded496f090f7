"""Commands of the forum, measured: each in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.report import CannotMeasure, Report, table

# Each step reports itself, and its own memory: what the system says of children has in it what this
# process had when it started them.
_MEASURED = """\
import sys
from forum.cli import main
try: main()
finally:
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM")), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """What one command took. ``memory`` is the peak in MiB."""

    name: str
    seconds: float
    cpu_seconds: float
    memory: float


def instance_in(folder: Path, database: str) -> Path:
    """A new instance folder whose data is in this database; empty is SQLite in the folder."""
    folder.mkdir()
    (folder / "forum.toml").write_text(f'database = "{database}"\n' if database else "")
    return folder


def run(name: str, instance: Path, *words: str) -> Step:
    """Run a command: what it took.

    Raises:
        CannotMeasure: it failed.
    """
    command = [sys.executable, "-c", _MEASURED, "--instance", str(instance), *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FORUM_")}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CannotMeasure(f"{name} failed: {done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Step(name, round(seconds, 1), round(cpu, 1), round(int(done.stderr.split()[-1]) / 1024))


def report(facts: dict[str, object], steps: list[Step]) -> Report:
    """The steps as a table, with the facts about where they ran."""
    rows = [[s.name, str(s.seconds), str(s.cpu_seconds), str(s.memory)] for s in steps]
    words = ", ".join(f"{key} {value}" for key, value in facts.items())
    text = f"{table(['', 'seconds', 'cpu s', 'peak MiB'], rows)}\n\n{words}"
    return Report(text, facts | {"steps": [asdict(step) for step in steps]})
