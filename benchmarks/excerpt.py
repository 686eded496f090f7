"""Exporting all posts as data and as pages, and checking them: time, size, peak memory."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

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
    """Seed a forum and export all of it in every form.

    Raises:
        CannotMeasure: a command failed, or a post is missing in the pages.
    """
    size = Size(options.threads, max(options.posts, options.threads), options.members)
    facts = machine.machine_facts()
    with (
        tempfile.TemporaryDirectory(prefix="forum-benchmark-") as name,
        database_place(options.database, Path(name)) as place,
    ):
        folder = Path(name)
        here = instance_in(folder / "here", place.forum)
        app = create_app(here)
        with app.app_context():
            upgrade(db.engine)
        seed(app, size)
        with app.app_context():
            db.engine.dispose()
        data, pages, zipped = folder / "data.zip", folder / "pages", folder / "pages.zip"
        steps = [
            run("excerpt", here, "export", str(data), "--since", "1970-01-01"),
            run("pages, folder", here, "export", str(pages), "--html"),
            run("pages, ZIP", here, "export", str(zipped), "--html"),
            run("verify folder", here, "export", "verify", str(pages)),
        ]
        if _posts_in(pages) != size.posts:
            raise CannotMeasure("the pages have not every post: this is a fault of the forum")
        sizes = {
            "excerpt_mib": _mib([data]),
            "pages_mib": _mib(pages.rglob("*.*")),
            "zip_mib": _mib([zipped]),
            "pages": sum(1 for _ in pages.rglob("*.html")),
        }
    facts |= {"size": asdict(size), "database": place.kind, **sizes}
    return report(facts, steps)


def _posts_in(pages: Path) -> int:
    return sum(page.read_bytes().count(b'<article class="post"') for page in pages.glob("t/*"))


def _mib(paths: Iterable[Path]) -> float:
    return round(sum(path.stat().st_size for path in paths) / 2**20, 1)
