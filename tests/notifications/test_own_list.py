"""A list of one's own: what one member does there is nothing to another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from forum.notifications.queries import unseen_count
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit


@pytest.fixture
def ada(factories: Factories) -> Person:
    """A member of a community."""
    factories.community()
    return factories.member("Ada")


def unseen(app: Flask, factories: Factories, person: Person) -> int:
    """How many of their notifications somebody has not seen."""
    actor = factories.actor(person)
    with app.app_context():
        return unseen_count(actor)


def test_marking_as_seen_touches_nobody_elses(
    app: Flask, factories: Factories, worker: Callable[[], int], ada: Person
) -> None:
    bo = factories.member("Bo")
    factories.reply(factories.thread(ada), bo)
    factories.reply(factories.thread(bo), ada)
    worker()
    submit(factories.signed_in(bo), "/notifications")
    assert (unseen(app, factories, ada), unseen(app, factories, bo)) == (1, 0)


@pytest.mark.parametrize("after", ["0", "-1", "abc", "", "1" * 30])
def test_place_that_cannot_be_in_the_list_is_a_404(
    factories: Factories, ada: Person, after: str
) -> None:
    client = factories.signed_in(ada)
    assert client.get("/notifications", query_string={"after": after}).status_code == 404
