"""Reading works while nothing can be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import forum.db
from forum.app import create_app
from forum.db import rows
from forum.notifications.models import Notification
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.evidence import words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(instance: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The forum, which waits for the database only for a moment."""
    monkeypatch.setattr(forum.db, "BUSY_SECONDS", 0.1)
    app = create_app(instance, database=database)
    yield app
    close(app)


@ONE_DATABASE
def test_thread_is_shown_though_it_cannot_be_noted_as_seen(
    app: Flask, factories: Factories, worker: Callable[[], int], database: str
) -> None:
    factories.community()
    author = factories.member()
    factories.reply(factories.thread(author), source="Cool it slowly.")
    worker()
    reader = factories.signed_in(author)
    busy = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    answer = reader.get("/t/1")
    busy.close()
    assert answer.status_code == 200
    assert words_of(answer, "#p2 .words") == ["Cool it slowly."]
    with app.app_context():
        assert rows(select(Notification.seen_at)) == [(None,)]
    assert reader.get("/t/1").status_code == 200
    with app.app_context():
        assert rows(select(Notification.seen_at)) != [(None,)]
