"""``on_*``: the real worker runs each implementation by itself, until it succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.jobs.models import Job
from forum.jobs.worker import work_off
from forum.plugin_api import PostPublished, hookimpl
from forum.plugin_host import HookFailed, PluginHost, current_host, event_of
from forum.testing.factories import Factories

EVENT = PostPublished(post_id=11, thread_id=7)


class Hearing:
    """A plugin that notes what it is told, after doing something."""

    def __init__(self, deed: Callable[[], object] = lambda: None) -> None:
        self.deed = deed
        self.heard: list[PostPublished] = []

    @hookimpl
    def on_post_published(self, event: PostPublished) -> None:
        self.deed()
        self.heard.append(event)


def broken_sql() -> None:
    rows(text("SELECT nothing FROM nowhere"))


def half_a_row() -> None:
    db.session.add(Job(name="half", arguments={}, state="never heard of"))


def reach_for_what_is_not_there() -> object:
    return None.nothing  # type: ignore[attr-defined]


def test_event_survives_json() -> None:
    stored = json.dumps(EVENT.to_json())
    assert stored == '{"post_id": 11, "thread_id": 7}'
    assert event_of("on_post_published", json.loads(stored)) == EVENT


def test_event_of_another_shape_is_refused() -> None:
    with pytest.raises(TypeError):
        event_of("on_post_published", {"post_id": 11})
    with pytest.raises(TypeError):
        event_of("on_post_published", {**EVENT.to_json(), "author": "Ada"})
    with pytest.raises(LookupError, match="there is no event for on_full_moon"):
        event_of("on_full_moon", {})


@pytest.mark.parametrize("deed", [broken_sql, half_a_row, reach_for_what_is_not_there])
def test_failing_listener_is_retried_alone(
    app: Flask, factories: Factories, deed: Callable[[], object]
) -> None:
    before, failing, behind = Hearing(), Hearing(deed), Hearing()
    with app.app_context():
        for name, plugin in [("alpha", before), ("broken", failing), ("charlie", behind)]:
            current_host().register(plugin, name)
    thread = factories.thread()
    work_off(app)
    event = PostPublished(thread.id, thread.thread_id)
    assert (before.heard, behind.heard) == ([event], [event])
    assert _waiting(app) == [("deliver", "broken:on_post_published", 1)]
    failing.heard.clear()
    failing.deed = lambda: None
    _let_time_pass(app)
    work_off(app)
    assert (before.heard, failing.heard, behind.heard) == ([event], [event], [event])
    assert _waiting(app) == []


def _waiting(app: Flask) -> list[tuple[str, str, int]]:
    with app.app_context():
        jobs = rows(select(Job.name, Job.arguments, Job.attempts))
    return [(job.name, job.arguments["implementation"], job.attempts) for job in jobs]


def _let_time_pass(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(run_at=utcnow() - timedelta(seconds=1)))


def test_failing_listener_is_named_to_the_worker(
    inside: Flask, host_of: Callable[..., PluginHost]
) -> None:
    for deed in (broken_sql, half_a_row, reach_for_what_is_not_there):
        [implementation] = host_of(Hearing(deed)).implementations("on_post_published")
        with pytest.raises(HookFailed) as failed, transaction():
            implementation.call(event=EVENT)
        assert (failed.value.plugin, failed.value.hook) == ("first", "on_post_published")
