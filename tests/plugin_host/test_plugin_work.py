"""What plugins have the worker do: jobs of their own, and work that comes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from forum.accounts.models import Community
from forum.admin.plugin_actions import purge_plugin
from forum.admin.plugin_queries import kept_of
from forum.admin.plugin_work import next_moment
from forum.clock import utcnow
from forum.community.models import Setting
from forum.db import db, rows, transaction
from forum.jobs.models import Job
from forum.jobs.queue import HANDLED, enqueue
from forum.jobs.worker import HANDLERS, plan, work_off
from forum.permissions import OPERATOR
from forum.plugin_host import PluginHost
from forum.plugin_host.manifest import CORE_NAMES
from forum.plugin_host.troubles import noted_troubles, settle
from forum.testing.factories import Factories

ForumWith = Callable[..., Flask]
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

KILN = """
from sqlalchemy import text
WRITE = "INSERT INTO settings (name, value) VALUES (:name, '1')"

def write(name):
    from forum.db import db
    db.session.execute(text(WRITE), {"name": name})

def cool(call):
    write(f"fired {call.arguments['cone']} {call.attempt}")

def burst(call):
    write("burst")
    raise LookupError("somebody's" + " words")

def leave(call):
    import sys
    sys.exit(3)

def call_out(call):
    call.pulse()
    with transaction():
        write("called out")

@hookimpl
def register_jobs():
    return [
        PluginJob("kiln.cool", cool),
        PluginJob("kiln.burst", burst),
        PluginJob("kiln.leave", leave),
        PluginJob("kiln.call_out", call_out, in_transaction=False),
    ]
"""
CLOCK = """
from forum.db import db
from sqlalchemy import text
TIMES = PluginSetting("bell.times", TimesOfDay(1, 4), ["07:00", "15:00"], "When it rings")

def ring(call):
    db.session.execute(text("INSERT INTO settings (name, value) VALUES ('rung ' || "
        "(SELECT count(*) FROM settings), '1')"))

@hookimpl
def register_settings():
    return [TIMES]

@hookimpl
def register_periodic():
    return [
        PeriodicWork("bell.ring", ring, times=TIMES),
        PeriodicWork("bell.wind", ring, minutes=30),
    ]
"""


def written(app: Flask) -> list[str]:
    """What the plugin has left in the table of settings."""
    with app.app_context():
        return [r.name for r in rows(select(Setting.name).order_by(Setting.name))]


def jobs(app: Flask) -> dict[str, datetime]:
    """The jobs that wait, with when they are due."""
    with app.app_context():
        return {row.name: row.run_at for row in rows(select(Job.name, Job.run_at))}


def promise(app: Flask, name: str, **arguments: object) -> None:
    """Have the worker do it."""
    with app.app_context(), transaction():
        enqueue(name, **arguments)


def test_worker_does_a_plugins_jobs(forum_with: ForumWith) -> None:
    app = forum_with(kiln=KILN)
    promise(app, "kiln.cool", cone="six")
    promise(app, "kiln.call_out")
    assert work_off(app) == 2
    assert (written(app), jobs(app)) == (["called out", "fired six 1"], {})


@ONE_KIND
def test_job_that_fails_is_undone_told_and_tried_again(
    forum_with: ForumWith, caplog: pytest.LogCaptureFixture
) -> None:
    app = forum_with(kiln=KILN)
    for name in ("kiln.burst", "kiln.leave", "kiln.cool"):
        promise(app, name, cone="six")
    assert work_off(app) == 3
    assert (written(app), sorted(jobs(app))) == (["fired six 1"], ["kiln.burst", "kiln.leave"])
    assert all(due > utcnow() for due in jobs(app).values())
    with app.app_context():
        settle(now=True)
        told = {(t.plugin, t.hook): t.last_error for t in noted_troubles()}
    assert told == {
        ("kiln", "job:kiln.burst"): "LookupError",
        ("kiln", "job:kiln.leave"): "SystemExit",
    }
    assert "somebody's words" not in caplog.text


@ONE_KIND
def test_jobs_of_a_disabled_plugin_wait_for_it_and_go_with_it(
    forum_with: ForumWith, instance: Path
) -> None:
    app = forum_with(kiln=KILN)
    promise(app, "kiln.cool", cone="six")
    chosen = (instance / "forum.toml").read_text()
    (instance / "forum.toml").unlink()
    app = forum_with()
    promise(app, "mail", kind="unknown", member=1)
    assert (work_off(app), written(app), "kiln.cool" in jobs(app)) == (1, [], True)
    (instance / "forum.toml").write_text(chosen)
    from forum.app import create_app
    from forum.testing.application import close

    again = create_app(instance, database=app.config["SQLALCHEMY_DATABASE_URI"])
    work_off(again)
    assert written(again) == ["fired six 1"]
    close(again)
    promise(app, "kiln.cool", cone="ten")
    with app.test_request_context():
        assert kept_of("kiln").jobs == 1
        with transaction():
            purge_plugin(OPERATOR, "kiln")
    assert "kiln.cool" not in jobs(app)


@ONE_KIND
def test_no_job_of_the_forum_is_taken_for_a_plugins(app: Flask) -> None:
    assert set(HANDLERS) == HANDLED
    # No plugin is called like one of these rooms.
    assert {name.partition(".")[0] for name in HANDLERS if "." in name} <= CORE_NAMES


def test_periodic_work_waits_for_its_next_time_and_comes_again(forum_with: ForumWith) -> None:
    app = forum_with(bell=CLOCK)
    Factories(app).community()
    work_off(app)
    before = utcnow()
    plan(app)
    plan(app)
    planned = jobs(app)
    assert sorted(planned) == ["bell.ring", "bell.wind"]
    assert planned["bell.ring"] == next_moment(before, ["07:00", "15:00"], "UTC")
    assert planned["bell.wind"] <= utcnow()

    # The time comes: the job is due, is done, and the next is promised with it.
    with app.app_context(), transaction():
        db.session.execute(update(Job).where(Job.name == "bell.ring").values(run_at=before))
    assert work_off(app) == 2
    again = jobs(app)
    assert len(written(app)) == 2
    assert again["bell.ring"] == planned["bell.ring"]
    assert timedelta(minutes=29) < again["bell.wind"] - utcnow() <= timedelta(minutes=30)
    plan(app)
    assert jobs(app) == again


@ONE_KIND
def test_other_times_hold_for_what_waits_already(forum_with: ForumWith) -> None:
    app = forum_with(bell=CLOCK)
    Factories(app).community()
    plan(app)
    with app.app_context(), transaction():
        db.session.add(Setting(name="bell.times", value=["00:30"]))
        db.session.execute(update(Community).values(zone="Pacific/Kiritimati"))
    plan(app)
    due = jobs(app)["bell.ring"]
    assert due == next_moment(utcnow(), ["00:30"], "Pacific/Kiritimati")
    assert (due.hour, due.minute) == (10, 30)


@ONE_KIND
def test_what_was_tried_is_not_put_off_to_the_next_time(forum_with: ForumWith) -> None:
    app = forum_with(bell=CLOCK.replace("def ring(call):", "def ring(call):\n    1 / 0"))
    Factories(app).community()
    plan(app)
    with app.app_context(), transaction():
        db.session.execute(text("UPDATE jobs SET run_at = created_at WHERE name = 'bell.ring'"))
    work_off(app)
    tried = jobs(app)["bell.ring"]
    plan(app)
    assert tried == jobs(app)["bell.ring"] < utcnow() + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-03-02T06:59", "UTC", "2026-03-02T07:00"),
        ("2026-03-02T07:00", "UTC", "2026-03-02T15:00"),
        ("2026-03-02T16:00", "UTC", "2026-03-03T07:00"),
        ("2026-03-02T05:30", "Europe/Berlin", "2026-03-02T06:00"),
        ("2026-03-29T05:30", "Europe/Berlin", "2026-03-29T13:00"),
        ("2026-03-02T18:00", "Pacific/Kiritimati", "2026-03-03T01:00"),
    ],
)
def test_next_moment_is_of_the_communitys_clock(now: str, zone: str, due: str) -> None:
    found = next_moment(datetime.fromisoformat(now).replace(tzinfo=UTC), ["07:00", "15:00"], zone)
    assert found.isoformat(timespec="minutes") == f"{due}+00:00"


def test_time_that_a_clock_leaves_out_or_has_twice_comes_once() -> None:
    def moments(start: str) -> list[str]:
        now = datetime.fromisoformat(start).replace(tzinfo=UTC)
        found = []
        for _ in range(2):
            now = next_moment(now, ["02:30"], "Europe/Berlin")
            found.append(now.isoformat(timespec="minutes"))
        return found

    assert moments("2026-03-28T12:00") == ["2026-03-29T01:30+00:00", "2026-03-30T00:30+00:00"]
    assert moments("2026-10-24T12:00") == ["2026-10-25T00:30+00:00", "2026-10-26T01:30+00:00"]


WRONG = {
    "another's": ("jobs", 'PluginJob("tea.brew", print)', "is not odd.something, 50 at most"),
    "nothing to run": ("jobs", 'PluginJob("odd.brew", None)', "odd.brew nothing that can be run"),
    "no time": (
        "periodic",
        'PeriodicWork("odd.a", print)',
        "odd.a neither minutes from 1 to 44640",
    ),
    "two": ("periodic", 'PeriodicWork("odd.a", print, 5, ("07:00",))', "odd.a neither minutes"),
    "odd time": ("periodic", 'PeriodicWork("odd.a", print, times=("25:00",))', "neither minutes"),
    "a setting of nobody": (
        "periodic",
        'PeriodicWork("odd.a", print, times=PluginSetting("odd.t", TimesOfDay(1, 2), ["07:00"], "T"))',
        "a setting for its times that the plugin does not bring",
    ),
}


@ONE_KIND
@pytest.mark.parametrize("kind", WRONG)
def test_work_that_could_not_be_done_leaves_the_plugin_out(
    forum_with: ForumWith, kind: str
) -> None:
    what, given, reason = WRONG[kind]
    source = f"@hookimpl\ndef register_{what}():\n    return [{given}]\n"
    host: PluginHost = forum_with(odd=source).extensions["forum_plugins"]
    [plugin] = host.plugins
    assert (plugin.state, reason in plugin.reason) == ("refused", True), plugin.reason
