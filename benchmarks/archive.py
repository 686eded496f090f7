"""Exporting a forum, importing the archive elsewhere and exporting it again: time, size, peak memory.

Each step is the `forum` command in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from filecmp import cmp
from pathlib import Path

from benchmarks import machine
from benchmarks.databases import database_place
from benchmarks.report import CannotMeasure, Report, table
from benchmarks.seeding import Size, seed
from forum.app import create_app
from forum.db import db
from forum.migrate import upgrade

# So that each step reports itself: the largest of all children so far would hide the later ones.
_MEASURED = (
    "import resource, sys; from forum.cli import main\n"
    "try: main()\n"
    "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one command took. ``memory`` is the peak in MiB."""

    name: str
    seconds: float
    cpu_seconds: float
    memory: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument("--threads", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--posts", type=int, default=200_000, help="default: %(default)s")
    parser.add_argument("--members", type=int, default=1_000, help="default: %(default)s")
    parser.add_argument(
        "--database",
        metavar="URL",
        help="where the forum to export lies: address of an empty PostgreSQL database, or pgserver"
        " (default: a SQLite file); it is imported into a SQLite file",
    )


def measure(options: argparse.Namespace) -> Report:
    """Seed a forum, then export, import and export it.

    Raises:
        CannotMeasure: a command failed, or the second archive is not the first.
    """
    size = Size(options.threads, max(options.posts, options.threads), options.members)
    facts = machine.machine_facts()
    with (
        tempfile.TemporaryDirectory(prefix="forum-benchmark-") as name,
        database_place(options.database, Path(name)) as place,
    ):
        folder = Path(name)
        first, second = folder / "first.zip", folder / "second.zip"
        here, there = _instance(folder / "here", place.forum), _instance(folder / "there", "")
        app = create_app(here)
        with app.app_context():
            upgrade(db.engine)
        seed(app, size)
        with app.app_context():
            db.engine.dispose()
        _run("migrate", there, "migrate")
        steps = [
            _run("export", here, "export", str(first)),
            _run("import", there, "import", "archive", str(first)),
            _run("export again", there, "export", str(second)),
        ]
        if not cmp(first, second, shallow=False):
            raise CannotMeasure("the second archive is not the first: this is a fault of the forum")
        megabytes = first.stat().st_size / 2**20
    facts |= {"size": asdict(size), "database": place.kind, "archive_mib": round(megabytes, 1)}
    return _report(facts, steps)


def _instance(folder: Path, database: str) -> Path:
    folder.mkdir()
    (folder / "forum.toml").write_text(f'database = "{database}"\n' if database else "")
    return folder


def _run(name: str, instance: Path, *words: str) -> Step:
    command = [sys.executable, "-c", _MEASURED, "--instance", str(instance), *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FORUM_")}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CannotMeasure(f"{name} failed: {done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Step(name, round(seconds, 1), round(cpu, 1), round(int(done.stderr.split()[-1]) / 1024))


def _report(facts: dict[str, object], steps: list[Step]) -> Report:
    rows = [[s.name, str(s.seconds), str(s.cpu_seconds), str(s.memory)] for s in steps]
    words = ", ".join(f"{key} {value}" for key, value in facts.items())
    text = f"{table(['', 'seconds', 'cpu s', 'peak MiB'], rows)}\n\n{words}"
    return Report(text, facts | {"steps": [asdict(step) for step in steps]})
