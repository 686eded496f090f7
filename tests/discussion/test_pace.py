"""Locks that end by themselves, slow mode, and featured threads."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Group
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import Base, db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.models import Post, Thread
from forum.errors import Conflict, Invalid
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ada(factories: Factories) -> Person:
    """She started thread 1."""
    factories.community()
    person = factories.member("Ada")
    factories.thread(person, factories.category("Glazes"), title="Crackle")
    return person


@pytest.fixture
def mo(factories: Factories, ada: Person) -> Person:
    """Moderates."""
    return factories.member("Mo", role="moderator")


def words_of(page: str) -> str:
    """What is read, its white space folded."""
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


def change(app: Flask, table: type[Base], **values: object) -> None:
    """Let time have passed, say."""
    with app.app_context(), transaction():
        db.session.execute(update(table).values(**values))


def in_berlin(at: datetime) -> str:
    """As a browser there sends it, in winter and summer alike."""
    return at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")


def test_a_lock_ends_at_the_time_in_the_moderators_zone(
    app: Flask, factories: Factories, mo: Person
) -> None:
    browser = factories.signed_in(mo)
    submit(browser, "/me", zone="Europe/Berlin")
    until = (utcnow() + timedelta(days=2)).replace(second=0, microsecond=0)
    answer = submit(browser, "/t/1/lock", until=in_berlin(until), reason="Sleep on it.")
    assert answer.status_code == 303
    with app.app_context():
        assert db.session.get_one(Thread, 1).locked_until == until
    page = words_of(browser.get("/t/1").text)
    assert "The lock ends on" in page
    bo = factories.signed_in(factories.member("Bo"))
    assert bo.get("/t/1/reply").status_code == 403
    # Nothing is written when it ends: the clock alone decides.
    change(app, Thread, locked_until=utcnow() - timedelta(seconds=1))
    assert "The lock ends on" not in words_of(bo.get("/t/1").text)
    assert submit(bo, "/t/1/reply", source="Cool it slowly.", button="Publish").status_code == 303
    assert submit(browser, "/t/1/unlock").status_code == 409
    assert submit(browser, "/t/1/lock").status_code == 303


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("soon", "Write the moment as"),
        ("2024-01-31T17:00", "still to come"),
        ("9999-12-31T23:59", "within a year"),
        ("0001-01-01T00:00", "within a year"),
        ("2190-01-01T00:00", "within a year"),
    ],
)
def test_an_end_that_cannot_be_is_refused_and_given_back(
    factories: Factories, mo: Person, typed: str, told: str
) -> None:
    answer = submit(factories.signed_in(mo), "/t/1/lock", until=typed, reason="Sleep on it.")
    assert (answer.status_code, told in words_of(answer.text)) == (422, True)
    assert 'value="Sleep on it."' in answer.text


def write(browser: FlaskClient, source: str) -> tuple[int, str]:
    """Try to post: the status, and what is on the page."""
    answer = submit(browser, "/t/1/reply", source=source, button="Publish")
    return answer.status_code, answer.text


def test_in_slow_mode_a_text_that_comes_too_soon_is_given_back(
    app: Flask, factories: Factories, mo: Person
) -> None:
    moderator, bo = factories.signed_in(mo), factories.signed_in(factories.member("Bo"))
    assert submit(moderator, "/t/1/slow", minutes="10").status_code == 303
    assert "once in 10 minutes" in words_of(bo.get("/t/1").text)
    assert write(bo, "Cool it slowly.")[0] == 303
    status, page = write(bo, "And a second thought.")
    assert (status, "And a second thought." in page) == (429, True)
    assert "You can post this in 10 minutes." in words_of(page)
    # It is a draft, too; others and curators are not held up.
    assert "And a second thought." in bo.get("/drafts").text
    assert write(factories.signed_in(factories.member("Cy")), "Mine.")[0] == 303
    assert [write(moderator, f"Please, {n}.")[0] for n in range(2)] == [303, 303]
    change(app, Post, created_at=utcnow() - timedelta(minutes=10))
    assert write(bo, "And a second thought.")[0] == 303


@ONE_DATABASE
@pytest.mark.parametrize("typed", ["0", "-5", "ten", "10081", "9" * 30, "²"])
def test_a_pace_that_cannot_be_is_refused(factories: Factories, mo: Person, typed: str) -> None:
    answer = submit(factories.signed_in(mo), "/t/1/slow", minutes=typed)
    assert (answer.status_code, "from 1 minute to a week" in answer.text) == (422, True)


@ONE_DATABASE
def test_the_same_pace_again_changes_nothing(factories: Factories, mo: Person) -> None:
    assert submit(factories.signed_in(mo), "/t/1/slow", minutes="").status_code == 409


def test_featured_threads_stand_on_the_front_page_for_who_may_see_them(
    app: Flask, factories: Factories, mo: Person, client: FlaskClient
) -> None:
    browser = factories.signed_in(mo)
    assert "Featured" not in client.get("/").text
    assert submit(browser, "/t/1/feature").status_code == 303
    page = words_of(client.get("/").text)
    assert page.index("Featured Crackle") < page.index("Last active")
    assert "Featured." in words_of(client.get("/c/glazes").text)
    factories.member("Max", group="Masters")
    with app.app_context():
        masters = db.session.scalar(select(Group.id))
    secrets = factories.category("Secrets", audiences=Audiences(see=str(masters)))
    change(app, Thread, category_id=secrets.id)
    assert "Featured" not in client.get("/").text
    assert submit(browser, "/t/1/feature").status_code == 409
    assert submit(browser, "/t/1/unfeature").status_code == 303
    assert submit(browser, "/t/1/unfeature").status_code == 409
    assert "Featured" not in browser.get("/").text


@ONE_DATABASE
def test_only_a_few_threads_are_featured_and_cost_the_same(
    app: Flask, factories: Factories, mo: Person, ada: Person, client: FlaskClient
) -> None:
    actor = factories.actor(mo)

    def feature(number: int) -> None:
        with app.test_request_context(), transaction():
            curating.feature_thread(actor, number)

    feature(1)
    client.get("/")
    with count_statements(app) as of_one:
        client.get("/")
    for number in range(5):
        factories.thread(ada, title=f"Kiln {number}")
    for number in range(2, 6):
        feature(number)
    with count_statements(app) as of_five:
        client.get("/")
    assert len(of_one) == len(of_five)
    with pytest.raises(Conflict, match="5 threads are featured"):
        feature(6)


@ONE_DATABASE
def test_the_longest_lock_is_a_year(app: Flask, factories: Factories, mo: Person) -> None:
    with pytest.raises(Invalid), app.test_request_context(), transaction():
        curating.lock_thread(factories.actor(mo), 1, until=utcnow() + timedelta(days=367))
