"""A forum in which the plugin runs, and a period that has begun, for all of its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from forum.db import db, transaction
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.models import PERIOD

FOLDER = Path(__file__).resolve().parent.parent
ClockAt = Callable[[datetime], None]


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
def clock_at(monkeypatch: pytest.MonkeyPatch) -> ClockAt:
    """The plugin's clock stands still at the moment that is given."""

    def move(moment: datetime) -> None:
        for module in ("tickets", "actions", "queries"):
            monkeypatch.setattr(f"forum_anonymous_questions.{module}.utcnow", lambda: moment)

    return move
