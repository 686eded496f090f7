"""Programs that watch the forum learn which part cannot serve people, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from forum.config import Settings
from forum.db import db, transaction
from forum.jobs.heartbeat import FRESH_SECONDS, beat, seconds_since_beat
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS
from forum.testing.application import count_statements
from forum.web.maintenance import note_of
from tests.evidence import everything

ALL_READY = {"maintenance": "ready", "database": "ready", "worker": "ready", "folder": "ready"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The settings of the forum that is watched."""
    found: Settings = app.extensions["forum_settings"]
    return found


@contextmanager
def changed(app: Flask, statement: str, *, back: str) -> Iterator[None]:
    """The database with a change; other tests on this server need it as it was."""
    _execute(app, statement)
    try:
        yield
    finally:
        _execute(app, back)


def _execute(app: Flask, statement: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(text(statement))


def readiness(client: FlaskClient) -> tuple[int, dict[str, str]]:
    """Status and parts of what ``/readyz`` answers."""
    answer = client.get("/readyz", headers=JSON)
    return answer.status_code, answer.get_json()


def test_healthy_forum_is_alive_and_ready(client: FlaskClient) -> None:
    alive, ready = client.get("/healthz"), client.get("/readyz")

    assert (alive.status_code, alive.text) == (200, "process: ready\n")
    assert (ready.status_code, ready.text) == (
        200,
        "maintenance: ready\ndatabase: ready\nworker: ready\nfolder: ready\n",
    )
    assert readiness(client) == (200, ALL_READY)


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_watching_sets_no_cookie_is_kept_nowhere_and_writes_nothing(
    app: Flask, client: FlaskClient, address: str
) -> None:
    before = everything(app)

    answer = client.get(address)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert everything(app) == before


def test_being_alive_asks_the_database_nothing(app: Flask, client: FlaskClient) -> None:
    with count_statements(app) as statements:
        client.get("/healthz")

    assert statements == []


def test_closed_forum_is_alive_and_not_ready(client: FlaskClient, settings: Settings) -> None:
    note_of(settings.instance).write_text("A new disk for Ada.")

    assert client.get("/healthz").status_code == 200
    assert readiness(client) == (503, {**ALL_READY, "maintenance": "closed"})


def test_database_of_another_version_is_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.engine.connect() as connection:
        present = connection.scalar(text("SELECT version_num FROM alembic_version"))
    change = "UPDATE alembic_version SET version_num = '{}'"

    with changed(app, change.format("0001"), back=change.format(present)):
        assert readiness(client) == (503, {**ALL_READY, "database": "not migrated"})
    assert readiness(client) == (200, ALL_READY)


def test_database_that_fails_is_not_ready_and_not_quoted(app: Flask, client: FlaskClient) -> None:
    change = "ALTER TABLE alembic_version RENAME COLUMN {} TO {}"

    with changed(
        app, change.format("version_num", "gone"), back=change.format("gone", "version_num")
    ):
        assert readiness(client) == (503, {**ALL_READY, "database": "does not answer"})
        assert client.get("/healthz").status_code == 200


def test_worker_that_stopped_beating_is_not_ready(client: FlaskClient, settings: Settings) -> None:
    beat(settings.running_folder)
    assert readiness(client) == (200, ALL_READY)
    note = settings.running_folder / "worker"
    late = note.stat().st_mtime - FRESH_SECONDS - 1
    os.utime(note, (late, late))

    assert readiness(client) == (503, {**ALL_READY, "worker": "no heartbeat"})

    beat(settings.running_folder)
    assert readiness(client) == (200, ALL_READY)


def test_worker_beats_before_a_job(
    app: Flask, settings: Settings, worker: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float | None] = []
    monkeypatch.setitem(
        HANDLERS,
        "look",
        lambda _work: seen.append(seconds_since_beat(settings.running_folder)),
    )
    assert seconds_since_beat(settings.running_folder) is None
    with app.app_context(), transaction():
        enqueue("look")

    worker()

    assert len(seen) == 1
    assert seen[0] is not None


def test_folder_that_is_gone_is_not_ready(client: FlaskClient, settings: Settings) -> None:
    settings.instance.rename(settings.instance.with_name("elsewhere"))

    status, parts = readiness(client)

    assert (status, parts["folder"]) == (503, "not writable")
