"""A forum in which the plugin runs, and a period that has begun, for all of its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from forum.db import db, transaction
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.models import PERIOD

FOLDER = Path(__file__).resolve().parent.parent
ClockAt = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def no_tries_yet() -> None:
    """What other tests tried in this process counts for none."""
    from forum_anonymous_questions import limits

    for limit in (limits.WRONG_CODES, limits.LOOKED_UP, limits.LOOKS, limits.REVEALING):
        limit.forget()


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
def forum_to_ask_in(instance: Path, database: str) -> Iterator[PluginForum]:
    """A forum whose first period has begun; nothing that is called runs inside of it."""
    from forum_anonymous_questions.tests.asking import opened

    forum = opened(instance, database)
    yield forum
    forum.close()


@pytest.fixture
def browser(forum: PluginForum) -> FlaskClient:
    """A browser that has three tickets."""
    return forum.browser("member")


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> ClockAt:
    """The plugin's clock stands still at the moment that is given."""

    def move(moment: datetime) -> None:
        for module in ("tickets", "actions", "queries"):
            monkeypatch.setattr(f"forum_anonymous_questions.{module}.utcnow", lambda: moment)

    return move
