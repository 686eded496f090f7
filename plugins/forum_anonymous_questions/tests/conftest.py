"""A forum in which the plugin runs, and a period that has begun, for all of its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from forum.clock import utcnow
from forum.db import db, transaction
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.models import PERIOD

FOLDER = Path(__file__).resolve().parent.parent
Days = Callable[[float], None]


@pytest.fixture
def forum(instance: Path, database: str) -> Iterator[PluginForum]:
    """A forum in which the plugin runs; there was no fixed time yet."""
    forum = PluginForum(FOLDER, instance, database)
    forum.enable()
    yield forum
    forum.close()


@pytest.fixture
def begun(forum: PluginForum) -> Iterator[PluginForum]:
    """The same, in whose first period people can ask; what is called runs inside of it."""
    from forum_anonymous_questions.keys import make_key

    with forum.app.test_request_context():
        key_id = make_key()
        with transaction():
            db.session.execute(insert(PERIOD).values(id=1, key_id=key_id))
        yield forum


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> Days:
    """Moves the plugin's clock from the real one by so many days."""

    def move(days: float) -> None:
        _move_to(monkeypatch, lambda: utcnow() + timedelta(days=days))

    return move


@contextmanager
def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> Iterator[None]:
    """The plugin's clock stands still at a moment."""
    with monkeypatch.context() as moved:
        _move_to(moved, lambda: moment)
        yield


def _move_to(monkeypatch: pytest.MonkeyPatch, clock: Callable[[], datetime]) -> None:
    for module in ("tickets", "actions", "queries"):
        monkeypatch.setattr(f"forum_anonymous_questions.{module}.utcnow", clock)
