"""The backup that the worker makes by itself: when it is due, how it fails, who is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Member
from forum.backups.nightly import JOB, due_since
from forum.backups.shelf import alone, backups_in, last_try
from forum.clock import utcnow
from forum.config import ConfigError, load_settings
from forum.db import db, transaction
from forum.jobs.models import Job
from forum.jobs.worker import tidy, work_off
from forum.testing.factories import Factories
from tests.backups.kept import Forums, as_restored, bring_back, everything_in, settings_of

LATE = datetime(2099, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "hours", "zone", "due"),
    [
        ("2026-11-24 02:59", (3,), "UTC", "2026-11-23 03:00"),
        ("2026-11-24 03:00", (3,), "UTC", "2026-11-24 03:00"),
        ("2026-11-24 16:00", (3, 15), "UTC", "2026-11-24 15:00"),
        ("2026-11-24 02:30", (3,), "Europe/Berlin", "2026-11-24 02:00"),
        ("2026-06-24 00:59", (3,), "Europe/Berlin", "2026-06-23 01:00"),
        # The clocks leave out the hour from two to three, and have it twice.
        ("2026-03-29 08:00", (2,), "Europe/Berlin", "2026-03-29 01:00"),
        ("2026-10-25 08:00", (2,), "Europe/Berlin", "2026-10-25 00:00"),
        ("2026-11-24 00:00", (), "UTC", None),
    ],
)
def test_clock_of_the_community_says_when_one_is_due(
    now: str, hours: tuple[int, ...], zone: str, due: str | None
) -> None:
    found = due_since(at(now), hours, zone)
    assert (found and found.astimezone(UTC)) == (due and at(due))


@pytest.mark.parametrize("hours", ["", "24", "three", "3; 4", "-1", "never 3", "3,"])
def test_hours_that_are_none_are_named(hours: str, tmp_path: Path) -> None:
    (tmp_path / "forum.toml").write_text(f'backup_hours = "{hours}"\n')
    with pytest.raises(ConfigError, match="backup_hours must be hours from 0 to 23"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("hours", "meant"), [("3", (3,)), ("0, 23", (0, 23)), ("5 17", (5, 17)), ("never", ())]
)
def test_hours_are_read(hours: str, meant: tuple[int, ...], tmp_path: Path) -> None:
    assert load_settings(tmp_path, backup_hours=hours).backup_hours_of_day == meant


@pytest.fixture
def old_forum(app: Flask, factories: Factories) -> Flask:
    """A forum whose people came days ago."""
    factories.community()
    factories.thread()
    work_off(app)
    with app.test_request_context(), transaction():
        db.session.execute(update(Member).values(created_at=utcnow() - timedelta(days=3)))
    return app


def promised(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Job.id).where(Job.name == JOB)).all())


def folder(app: Flask) -> Path:
    return settings_of(app).instance


def test_worker_makes_it_once_when_it_is_due(old_forum: Flask) -> None:
    tidy(old_forum)
    tidy(old_forum)
    assert promised(old_forum) == 1
    work_off(old_forum)
    (kept,) = backups_in(folder(old_forum))
    last = last_try(folder(old_forum))
    assert last is not None
    assert (last.file, last.error, promised(old_forum)) == (kept.path.name, "", 0)
    tidy(old_forum)
    assert promised(old_forum) == 0


def test_nightly_backup_is_a_whole_one(old_forum: Flask, forums: Forums) -> None:
    tidy(old_forum)
    work_off(old_forum)
    (kept,) = backups_in(folder(old_forum))
    other = forums.on()
    bring_back(other, kept.path)
    before, after = as_restored(everything_in(old_forum)), everything_in(other)
    # The job that makes it is under way meanwhile, and so are those that tidying brought.
    assert {**after, "jobs": []} == {**before, "jobs": []}
    assert [job["name"] for job in after["jobs"]] == [JOB]


def test_yesterdays_is_not_todays(old_forum: Flask) -> None:
    (folder(old_forum) / "backups").mkdir()
    yesterday = utcnow() - timedelta(hours=25)
    name = f"{yesterday:%Y-%m-%dT%H%M%SZ}.folkmoot-backup"
    (folder(old_forum) / "backups" / name).touch()
    before = f"{utcnow():%Y-%m-%dT%H%M%SZ}-before-0003.folkmoot-backup"
    (folder(old_forum) / "backups" / before).touch()
    tidy(old_forum)
    assert promised(old_forum) == 1


def test_clock_that_was_wrong_for_a_while_keeps_no_backup_from_being_made(old_forum: Flask) -> None:
    backups = folder(old_forum) / "backups"
    backups.mkdir()
    for day in range(1, 8):
        (backups / f"2099-01-0{day}T000000Z.folkmoot-backup").touch()
    with old_forum.test_request_context(), transaction():
        db.session.add(Job(name=JOB, arguments={}, created_at=LATE, run_at=LATE))
    tidy(old_forum)
    assert (promised(old_forum), settings_of(old_forum).backups_kept) == (2, 7)
    work_off(old_forum)
    assert promised(old_forum) == 1
    newest, *rest = backups_in(folder(old_forum))
    assert abs(newest.made_at - utcnow()) < timedelta(minutes=1)
    assert newest.size > 0
    assert [one.made_at.day for one in rest] == [7, 6, 5, 4, 3, 2]


def test_young_forum_and_one_that_nobody_set_up_wait(app: Flask, factories: Factories) -> None:
    tidy(app)
    assert promised(app) == 0
    factories.community()
    tidy(app)
    assert promised(app) == 0


def test_administrators_are_told_once_when_it_fails(old_forum: Flask, instance: Path) -> None:
    (instance / "backups").write_text("A file where the folder should be.")
    tidy(old_forum)
    for _ in range(2):
        work_off(old_forum)
        with old_forum.test_request_context(), transaction():
            db.session.execute(update(Job).values(run_at=utcnow()))
    letters = [path.read_text() for path in (instance / "mail").glob("*backup_failed*")]
    assert len(letters) == 1
    assert "Subject: The forum could not make its backup" in letters[0]
    assert "“forum backup”" in letters[0]
    with old_forum.app_context():
        (failed,) = db.session.scalars(select(Job).where(Job.name == JOB))
        assert (failed.last_error, failed.attempts) == ("FileExistsError", 2)


def test_backup_under_way_elsewhere_is_enough(old_forum: Flask, instance: Path) -> None:
    tidy(old_forum)
    with alone(instance):
        work_off(old_forum)
    assert (promised(old_forum), backups_in(instance)) == (0, [])
