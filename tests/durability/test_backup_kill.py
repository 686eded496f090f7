"""Killed at any moment, a backup leaves no file that passes for one, a restore no half of a forum,
and the next try of either works."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask

from forum.app import create_app
from forum.backups.shelf import backups_in
from forum.testing.application import close
from forum.testing.figures import Note
from tests.admin.full_forum import FullForum, NoSales
from tests.backups.kept import as_restored, backed_up, everything_in, pictures_of, tables_in

SLOW = str(Path(__file__).parent / "slow_backup.py")
FEW, MANY = 2, 30
# From the start of the program to after its end.
MOMENTS = (0.5, 2.5)


def start(instance: Path, database: str, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, SLOW, "--instance", str(instance), *words],
        env={**os.environ, "FORUM_DATABASE": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def killed(instance: Path, database: str, moment: float, *words: str) -> bool:
    """Run the command and kill it after ``moment`` seconds: whether it was still at work."""
    process = start(instance, database, *words)
    time.sleep(moment)
    process.kill()
    process.communicate()
    return process.returncode == -9


def done(instance: Path, database: str, *words: str) -> None:
    process = start(instance, database, *words)
    said, _ = process.communicate()
    assert process.returncode == 0, said


@pytest.fixture
def source(sqlite_template: Path, tmp_path: Path) -> Flask:
    """A full forum on SQLite."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "forum.sqlite3").write_bytes(sqlite_template.read_bytes())
    app = create_app(folder, plugins=[("no_sales", NoSales())])
    FullForum(app).fill()
    return app


def moments(kills: int) -> list[float]:
    """When to kill: spread over the whole run, from a seed."""
    chosen = random.Random(11)
    step = (MOMENTS[1] - MOMENTS[0]) / kills
    return [MOMENTS[0] + step * (place + chosen.random()) for place in range(kills)]


def kill_backups(source: Flask, kills: int, figure: Note) -> None:
    instance, database = Path(source.instance_path), ""
    cut = 0
    for moment in moments(kills):
        before = len(backups_in(instance))
        was_at_work = killed(instance, database, moment, "backup")
        cut += was_at_work
        for kept in backups_in(instance)[: len(backups_in(instance)) - before]:
            done(instance, database, "backup", "check", str(kept.path))
    done(instance, database, "backup")
    left = sorted(p.name for p in (instance / "backups").iterdir() if "unfinished" in p.name)
    close(source)
    figure(f"backups killed: {cut} of {kills} at work")
    assert (left, cut > 0) == ([], True)


def kill_restores(source: Flask, database: str, folder: Path, kills: int, figure: Note) -> None:
    backed_up(source, folder / "kept")
    there = folder / "there"
    cut = 0
    for moment in moments(kills):
        cut += killed(there, database, moment, "restore", str(folder / "kept"))
        if is_restored(there, database):
            # It came to its end before it was killed.
            break
    else:
        done(there, database, "restore", str(folder / "kept"))
    app = create_app(there, database=database)
    restored, pictures = everything_in(app), pictures_of(app)
    close(app)
    wanted, wanted_pictures = as_restored(everything_in(source)), pictures_of(source)
    close(source)
    figure(f"restores killed: {cut} of {kills} at work")
    assert (restored, pictures) == (wanted, wanted_pictures)
    assert cut > 0


def is_restored(instance: Path, database: str) -> bool:
    """Whether the database has any table."""
    if not instance.is_dir():
        return False
    app = create_app(instance, database=database)
    found = tables_in(app)
    close(app)
    return bool(found)


def test_killed_backups_leave_nothing_that_passes_for_one(source: Flask, figure: Note) -> None:
    kill_backups(source, FEW, figure)


@pytest.mark.full
def test_often_killed_backups_leave_nothing_that_passes_for_one(
    source: Flask, figure: Note
) -> None:
    kill_backups(source, MANY, figure)


def test_killed_restores_leave_nothing_half_done(
    source: Flask, empty_database: str, tmp_path: Path, figure: Note
) -> None:
    kill_restores(source, empty_database, tmp_path, FEW, figure)


@pytest.mark.full
def test_often_killed_restores_leave_nothing_half_done(
    source: Flask, empty_database: str, tmp_path: Path, figure: Note
) -> None:
    kill_restores(source, empty_database, tmp_path, MANY, figure)
