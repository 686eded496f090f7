"""Exporting a forum, importing the archive elsewhere and exporting it again: time, size, memory."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from filecmp import cmp
from pathlib import Path

from benchmarks import machine
from benchmarks.databases import database_place
from benchmarks.report import CannotMeasure, Report
from benchmarks.seeding import Size, seed
from benchmarks.steps import instance_in, report, run
from forum.app import create_app
from forum.db import db
from forum.migrate import upgrade


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
        here, there = instance_in(folder / "here", place.forum), instance_in(folder / "there", "")
        app = create_app(here)
        with app.app_context():
            upgrade(db.engine)
        seed(app, size)
        with app.app_context():
            db.engine.dispose()
        run("migrate", there, "migrate")
        steps = [
            run("export", here, "export", str(first)),
            run("import", there, "import", "archive", str(first)),
            run("export again", there, "export", str(second)),
        ]
        if not cmp(first, second, shallow=False):
            raise CannotMeasure("the second archive is not the first: this is a fault of the forum")
        megabytes = first.stat().st_size / 2**20
    facts |= {"size": asdict(size), "database": place.kind, "archive_mib": round(megabytes, 1)}
    return report(facts, steps)
