"""``forum doctor`` names each planted fault, how bad it is, and what to do."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text, update

from forum.accounts.models import Community, Member
from forum.backups.making import keep_backup
from forum.backups.shelf import alone, backups_in, note_try
from forum.cli import main
from forum.clock import utcnow
from forum.config import Settings, load_settings, read_settings
from forum.db import db, transaction
from forum.doctor import examination, machine, stored
from forum.doctor.result import Result, State
from forum.jobs.heartbeat import FRESH_SECONDS, beat
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.plugin_host.models import PluginTrouble
from forum.testing.factories import Factories

LOOK, WRONG = State.LOOK, State.WRONG
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Doctor = Callable[[], dict[str, list[Result]]]


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The settings of a forum that is well: set up, with its secret, a worker and a backup."""
    found: Settings = app.extensions["forum_settings"]
    Factories(app).community()
    with app.app_context(), transaction():
        db.session.execute(update(Member).values(created_at=utcnow() - timedelta(days=9)))
    with app.app_context(), alone(found.instance):
        keep_backup(found)
    beat(found.running_folder)
    found.instance.chmod(0o700)
    return found


def faults(results: Iterator[Result]) -> list[tuple[str, State]]:
    """Part and state of all that is not well; each says what to do."""
    bad = [result for result in results if result.state]
    assert all(result.next for result in bad)
    return [(result.check, result.state) for result in bad]


def change(app: Flask, statement: Any) -> None:
    with app.app_context(), transaction():
        db.session.execute(statement)


def test_forum_that_is_well_has_no_fault(settings: Settings) -> None:
    results = list(stored.stored(settings))
    assert faults(iter(results)) == []
    assert {result.check for result in results} >= {
        "database", "migrations", "queue", "backups", "plugins",
    }  # fmt: skip
    for check in (machine.files, machine.room, machine.file_clock, machine.theme, stored.worker):
        assert faults(check(settings)) == []


@ONE_KIND
def test_command_says_everything_and_its_status_is_the_worst(
    settings: Settings, database: str
) -> None:
    def run(*words: str) -> tuple[int, str]:
        environment = {"FORUM_INSTANCE": str(settings.instance), "FORUM_DATABASE": database}
        done = CliRunner().invoke(main, ["doctor", *words], env=environment)
        assert "Traceback" not in done.output
        return done.exit_code, done.output

    status, said = run("--json")
    checks = [json.loads(line) for line in said.splitlines()]
    assert (status, {c["state"] for c in checks}) == (0, {"ok"})
    assert {c["check"] for c in checks} == {
        "configuration", "database", "migrations", "queue", "plugins", "backups",
        *(name for name, _ in examination.CHECKS),
    }  # fmt: skip
    (settings.running_folder / "worker").unlink()
    status, said = run()
    assert (status, "look   worker" in said, "→ Start it" in said) == (1, True, True)
    (settings.instance / "secret").chmod(0o644)
    status, said = run()
    assert (status, "wrong  files" in said) == (2, True)


@ONE_KIND
def test_wrong_and_doubtful_settings_are_named(settings: Settings) -> None:
    (settings.instance / "forum.toml").write_text('wrokers = 3\nsmtp_user = "x"\n')
    reading = read_settings(settings.instance)
    assert faults(machine.configuration(reading))[0] == ("configuration", WRONG)
    assert ("configuration", LOOK) in faults(machine.configuration(reading))


@ONE_KIND
def test_files_that_others_can_use_or_the_forum_cannot(settings: Settings) -> None:
    instance = settings.instance
    instance.chmod(0o755)
    assert faults(machine.files(settings)) == [("files", LOOK)]
    for name in ("mail", "exports"):
        (instance / name).mkdir()
        (instance / name).chmod(0o755)
    assert faults(machine.files(settings)) == [("files", LOOK)] * 3
    instance.chmod(0o700)
    (instance / "secret").chmod(0o640)
    assert faults(machine.files(settings)) == [("files", WRONG)]


@ONE_KIND
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_named(settings: Settings) -> None:
    os.chown(settings.instance / "secret", 65534, 65534)
    assert faults(machine.files(settings)) == [("files", WRONG)]
    os.chown(settings.instance, 65534, 65534)
    assert ("files", LOOK) in faults(machine.files(settings))


@ONE_KIND
def test_full_disk_is_named_before_a_backup_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_free(free: int) -> list[tuple[str, State]]:
        usage = shutil._ntuple_diskusage(2**40, 2**40 - free, free)  # type: ignore[attr-defined]
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
        return faults(machine.room(settings))

    large = settings.instance / "files"
    large.mkdir()
    with (large / "sparse").open("wb") as file:
        file.truncate(machine.LEAST_BYTES * 3)
    assert with_free(machine.LEAST_BYTES - 1) == [("disk", WRONG)]
    assert with_free(machine.LEAST_BYTES * 2) == [("disk", LOOK)]
    assert with_free(machine.LEAST_BYTES * 4) == []


def test_theme_that_cannot_be_seen_is_named(tmp_path: Path) -> None:
    assert faults(machine.theme(load_settings(tmp_path, theme="nope"))) == [("theme", WRONG)]


def test_clock_that_differs_is_named() -> None:
    assert machine.skewed("database", 1.0).state == State.OK
    assert [machine.skewed("database", s).state for s in (-3.0, 3.0)] == [WRONG, WRONG]


def test_member_from_the_future_and_unknown_zone_are_named(app: Flask, settings: Settings) -> None:
    change(app, update(Member).values(created_at=utcnow() + timedelta(hours=1)))
    change(app, update(Community).values(zone="UTC"))
    assert faults(stored.stored(settings)) == [("clock", WRONG)]


@ONE_KIND
def test_database_that_is_no_database_is_named(settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"This is no database. " * 500)
    other = load_settings(settings.instance, database=f"sqlite:///{broken}")
    assert faults(stored.stored(other)) == [("database", WRONG)]
    away = load_settings(settings.instance, database="postgresql://forum@127.0.0.1:1/forum")
    assert faults(stored.stored(away)) == [("database", WRONG)]


@ONE_KIND
def test_schema_of_another_version_is_named(app: Flask, settings: Settings, tmp_path: Path) -> None:
    for version, state in (("0001", WRONG), ("9999", WRONG)):
        with app.app_context():
            before = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        change(app, text(f"UPDATE alembic_version SET version_num = '{version}'"))
        assert faults(stored.stored(settings)) == [("migrations", state)]
        change(app, text(f"UPDATE alembic_version SET version_num = '{before}'"))
    sqlite3.connect(tmp_path / "empty.sqlite3").close()
    empty = load_settings(settings.instance, database=f"sqlite:///{tmp_path}/empty.sqlite3")
    assert faults(stored.stored(empty)) == [("migrations", LOOK)]


@ONE_KIND
def test_late_and_failed_jobs_are_named(app: Flask, settings: Settings) -> None:
    with app.app_context(), transaction():
        enqueue("late", run_at=utcnow() - timedelta(minutes=5))
    assert faults(stored.stored(settings)) == [("queue", LOOK)]
    change(app, update(Job).values(run_at=utcnow() - timedelta(minutes=20)))
    assert faults(stored.stored(settings)) == [("queue", WRONG)]
    change(app, update(Job).values(state="set aside"))
    assert faults(stored.stored(settings)) == [("queue", LOOK)]


@ONE_KIND
def test_worker_that_stopped_is_named(settings: Settings) -> None:
    note = settings.running_folder / "worker"
    late = note.stat().st_mtime - FRESH_SECONDS - 1
    os.utime(note, (late, late))
    assert faults(stored.worker(settings)) == [("worker", WRONG)]
    note.unlink()
    assert faults(stored.worker(settings)) == [("worker", LOOK)]


@ONE_KIND
def test_backups_that_are_missing_failed_or_broken_are_named(settings: Settings) -> None:
    instance = settings.instance
    (kept,) = backups_in(instance)
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert faults(stored.stored(settings)) == [("backups", WRONG)]
    kept.path.write_bytes(whole)
    note_try(instance, file="", error="Invalid")
    assert faults(stored.stored(settings)) == [("backups", WRONG)]
    note_try(instance, file=kept.path.name)
    kept.path.rename(instance / "backups" / "2020-01-01T000000Z.folkmoot-backup")
    assert faults(stored.stored(settings)) == [("backups", WRONG)]
    shutil.rmtree(instance / "backups")
    never = load_settings(instance, database=settings.database, backup_hours="never")
    assert faults(stored.stored(never)) == [("backups", LOOK)]


def test_plugins_that_fail_or_are_not_there_are_named(app: Flask, settings: Settings) -> None:
    trouble = PluginTrouble(
        plugin="norms", hook="slot_x", is_off=False, failures=1, last_error="E",
        first_at=utcnow(), last_at=utcnow(),
    )  # fmt: skip
    with app.app_context(), transaction():
        db.session.add(trouble)
    assert faults(stored.stored(settings)) == [("plugins", LOOK)]
    change(app, update(PluginTrouble).values(is_off=True))
    assert faults(stored.stored(settings)) == [("plugins", WRONG)]
    change(app, text("DELETE FROM plugin_troubles"))
    named = load_settings(settings.instance, database=settings.database, plugins=("nope",))
    assert faults(stored.stored(named)) == [("plugins", WRONG)]


def test_check_that_crashes_is_a_finding_and_does_not_keep_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_settings: Settings) -> Iterator[Result]:
        raise MemoryError

    done = threading.Event()

    def fine(_settings: Settings) -> Iterator[Result]:
        done.set()
        yield from ()

    monkeypatch.setattr(examination, "CHECKS", (("disk", crash), ("mail", fine)))
    assert faults(examination.examined(tmp_path)) == [("disk", WRONG)]
    assert done.is_set()
