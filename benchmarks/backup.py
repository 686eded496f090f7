"""Backing a forum up, checking the backup and restoring it elsewhere: time, size, peak memory."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from zipfile import ZipFile

from benchmarks import archive, machine
from benchmarks.databases import database_place
from benchmarks.report import CannotMeasure, Report
from benchmarks.seeding import Size, seed
from benchmarks.steps import instance_in, report, run
from forum.app import create_app
from forum.db import db
from forum.migrate import upgrade


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    archive.add_options(parser)


def measure(options: argparse.Namespace) -> Report:
    """Seed a forum, back it up, check the backup, restore it into SQLite, and back that up.

    Raises:
        CannotMeasure: a command failed, or the second backup has other rows than the first.
    """
    size = Size(options.threads, max(options.posts, options.threads), options.members)
    facts = machine.machine_facts()
    with (
        tempfile.TemporaryDirectory(prefix="forum-benchmark-") as name,
        database_place(options.database, Path(name)) as place,
    ):
        folder = Path(name)
        first, second = folder / "first", folder / "second"
        here, there = instance_in(folder / "here", place.forum), instance_in(folder / "there", "")
        app = create_app(here)
        with app.app_context():
            upgrade(db.engine)
        seed(app, size)
        with app.app_context():
            db.engine.dispose()
        steps = [
            run("backup", here, "backup", str(first)),
            run("check", here, "backup", "check", str(first)),
            run("restore", there, "restore", str(first)),
            run("backup again", there, "backup", str(second)),
        ]
        if _rows(first) != _rows(second):
            raise CannotMeasure("the second backup has other rows: this is a fault of the forum")
        megabytes = first.stat().st_size / 2**20
    facts |= {"size": asdict(size), "database": place.kind, "backup_mib": round(megabytes, 1)}
    return report(facts, steps)


def _rows(path: Path) -> dict[str, int]:
    with ZipFile(path) as backup:
        entries = backup.infolist()
    return {e.filename: e.CRC for e in entries if e.filename.startswith("tables/")}
