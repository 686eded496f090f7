"""A link to a page of this forum can take its title, and only of a page that its author may see."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from forum.categories.queries import MEMBERS, MODERATORS, Audiences
from forum.clock import utcnow
from forum.config import current_settings
from forum.db import db, transaction
from forum.discussion.actions import prepare
from forum.discussion.models import Thread
from forum.discussion.title_queries import titles_in
from forum.permissions import Actor
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import form_of, text_given_back

HIDDEN = "Who is to be dismissed"


def titles(app: Flask, actor: Actor, source: str) -> dict[str, str]:
    with app.test_request_context():
        return titles_in(actor, source)


def town(factories: Factories) -> Person:
    """Threads 1 (open to all), 2 (for moderators) and 3 (removed); a member who may see the first."""
    factories.community()
    ada = factories.member("Ada", role="moderator")
    factories.reply(factories.thread(ada, title="How we name kilns"))
    closed = factories.category("Staff", audiences=Audiences(see=MODERATORS, start=MODERATORS))
    factories.thread(ada, closed, title=HIDDEN)
    factories.thread(ada, factories.category("Clay"), title="Removed")
    with factories.app.app_context(), transaction():
        db.session.execute(update(Thread).where(Thread.id == 3).values(removed_at=utcnow()))
    return factories.member("Bo")


def test_threads_posts_and_categories_are_called_by_their_titles(
    app: Flask, factories: Factories
) -> None:
    bo = factories.actor(town(factories))
    with app.app_context():
        base = current_settings().base_url
    source = (
        f"[a](/t/1) [b](/t/1/2) <{base}/t/1?page=1#p2> [c](/c/glazes) [r]\n\n[r]: /t/1/1\n"
        "/t/1/3 /t/99 /c/none https://elsewhere.example/t/1 /t/1x x/t/1"
    )
    assert titles(app, bo, source) == {
        "/t/1": "How we name kilns",
        "/t/1/2": "How we name kilns #2",
        f"{base}/t/1?page=1#p2": "How we name kilns",
        "/c/glazes": "Glazes",
        "/t/1/1": "How we name kilns #1",
    }


def test_titles_that_the_author_may_not_see_are_not_given(app: Flask, factories: Factories) -> None:
    bo = town(factories)
    source = "[here](/t/2) [here](/t/2/1) [here](/c/staff) [here](/t/3)"
    assert titles(app, factories.actor(bo), source) == {}
    assert titles(app, Actor(), source) == {}
    seen = titles(app, factories.actor(factories.member("Olga", role="moderator")), source)
    assert seen == {"/t/2": HIDDEN, "/t/2/1": f"{HIDDEN} #1", "/c/staff": "Staff"}
    page = submit(factories.signed_in(bo), "/new", button="Preview", source=source)
    assert "[here](/t/2)" in text_given_back(page)
    assert HIDDEN not in page.text


def test_composer_gives_a_vague_link_the_title_of_its_thread(factories: Factories) -> None:
    bo = factories.signed_in(town(factories))
    page = submit(bo, "/t/1/reply", button="Preview", source="See [here](/t/1).")
    button = "Use the title of that page as the link’s words"
    page = send(bo, "/t/1/reply", form_of(page), button=button)
    assert text_given_back(page) == "See [How we name kilns](/t/1)."


def test_many_addresses_take_as_many_statements_as_one(app: Flask, factories: Factories) -> None:
    bo = factories.actor(town(factories))
    factories.category("Wheels", audiences=Audiences(see=MEMBERS))
    with app.test_request_context():
        # The first of a request also reads the community's settings.
        prepare("The first", reader=bo)
        with count_statements(app) as none:
            prepare("No address at all", reader=bo)
        with count_statements(app) as one:
            prepare("/t/1 /c/glazes", reader=bo)
        with count_statements(app) as many:
            prepare("/t/1 /t/2 /t/1/2 /t/4 /c/glazes /c/wheels /c/none", reader=bo)
    assert (len(one) - len(none), len(many)) == (2, len(one))
