"""What pictures say is written and mended later, by authors and moderators, and nothing else with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Community
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.actions import Posting, edit_post, prepare, reply
from forum.discussion.alternative_actions import change_alternatives
from forum.discussion.curating_actions import lock_thread
from forum.discussion.models import Post, Revision
from forum.errors import Conflict, Invalid, NotAllowed
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send
from tests.evidence import everything, form_of, links_of, page_of, words_of
from tests.files.drawing import uploaded_by

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PICTURES = "/t/1/2/pictures"


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return author


@pytest.fixture
def source(app: Flask, factories: Factories, ada: Person) -> str:
    """What post 2 of thread 1 says, which shows three pictures, and asked for help."""
    one, two = (uploaded_by(factories, ada, width) for width in (40, 50))
    source = f"Before *this*:\n\n![]({one})\n\n![Old]({two})\n\n[![Bowl]({one})](https://a.example)"
    actor = factories.actor(ada)
    with app.test_request_context():
        text = prepare(source, reader=actor)
        with transaction():
            reply(actor, 1, text=text, posting=Posting(asks_for_help=True))
            # Long ago, in a community where posts can be changed for a minute.
            db.session.execute(update(Post).values(created_at=utcnow() - timedelta(days=9)))
            db.session.execute(update(Community).values(edit_minutes=1))
    return source


def versions(app: Flask) -> list[str]:
    """Every version of post 2."""
    with app.app_context():
        statement = select(Revision.source).where(Revision.post_id == 2)
        return [row.source for row in rows(statement.order_by(Revision.version))]


def say(browser: FlaskClient, **values: str) -> Any:
    """Fill the form in: words by ``w1``, decoration by ``d1``."""
    names = {"w": "describe-", "d": "decoration-"}
    sent = {f"{names[name[0]]}{name[1:]}": value for name, value in values.items()}
    return send(browser, PICTURES, form_of(browser.get(PICTURES)), **sent)


def test_author_and_moderator_say_later_what_pictures_show(
    app: Flask, factories: Factories, ada: Person, source: str
) -> None:
    author = factories.signed_in(ada)
    assert author.get("/t/1/2/edit").status_code == 403
    assert PICTURES in links_of(author.get("/t/1"), "#p2 footer a")
    assert "/t/1/1/pictures" not in links_of(author.get("/t/1"), "#p1 footer a")
    said = say(author, w1="A bowl [with] cracks", w2="", d2="y")
    assert (said.status_code, said.location) == (303, "/t/1#p2")
    first = source.replace("![](", "![A bowl \\[with\\] cracks](", 1)
    first = first.replace("![Old]", "![]").replace(")\n\n[!", "){decorative}\n\n[!")
    assert versions(app) == [source, first]
    moderator = factories.signed_in(factories.member("Mo", role="moderator"))
    assert say(moderator, w2="A kiln", d2="").status_code == 303
    assert page_of(moderator.get("/t/1")).select_one("#p2 img[alt='A kiln']") is not None
    history = words_of(author.get("/t/1/2/history"), ".revision > p:first-of-type bdi")
    assert history == ["Mo", "Ada", "Ada"]


@ONE_DATABASE
def test_what_cannot_stay_is_said_at_its_picture(
    app: Flask, factories: Factories, ada: Person, source: str
) -> None:
    author = factories.signed_in(ada)
    answer = say(author, w1="x" * 501, w2="Words", d2="y", w3="", d3="y")
    assert answer.status_code == 422
    assert words_of(answer, ".error") == [
        "To mend: Shorten this to 500 characters; it has 501. The rest can stand in the text.",
        "To mend: You chose decoration: take these words away, or choose to describe it.",
        "To mend: This picture is all that a link has. Say where the link leads.",
    ]
    assert fields_of(form_of(answer))["describe-1"] == "x" * 501
    nothing = say(author, w1="", w2="Kiln")
    assert words_of(nothing, ".error") == [
        "To mend: Write what the picture shows, or choose decoration."
    ]
    forged = say(author, w1="A bowl")
    assert forged.status_code == 303
    stale = author.post(PICTURES, data={"csrf_token": "old", "describe-1": "Mine"})
    assert (stale.status_code, fields_of(form_of(stale))["describe-1"]) == (400, "Mine")
    assert len(versions(app)) == 2


@ONE_DATABASE
@pytest.mark.full
def test_two_who_describe_at_once_lose_no_words(
    app: Flask, factories: Factories, ada: Person, source: str
) -> None:
    author = factories.signed_in(ada)
    moderator = factories.signed_in(factories.member("Mo", role="moderator"))
    opened = fields_of(form_of(moderator.get(PICTURES)))
    assert say(author, w1="A bowl").status_code == 303
    late = moderator.post(PICTURES, data=opened | {"describe-1": "A dish"})
    assert (late.status_code, fields_of(form_of(late))["describe-1"]) == (409, "A dish")
    assert len(versions(app)) == 2


@ONE_DATABASE
def test_only_author_and_moderators_may_and_only_the_words_of_pictures(
    app: Flask, factories: Factories, ada: Person, source: str, client: FlaskClient
) -> None:
    bo = factories.member("Bo")
    others = (client, factories.signed_in(bo))
    assert [browser.get(PICTURES).status_code for browser in others] == [403, 403]
    assert factories.signed_in(ada).get("/t/1/1/pictures").status_code == 404
    before = everything(app)
    author, stranger = factories.actor(ada), factories.actor(bo)
    with app.test_request_context():
        same = prepare(source.replace("![](", "![A bowl](", 1), reader=author)
        more = prepare(source.replace("![](", "More words. ![A bowl](", 1), reader=author)
        with pytest.raises(NotAllowed), transaction():
            change_alternatives(stranger, 2, text=same, based_on=1)
        with pytest.raises(Invalid, match="Only what pictures show"), transaction():
            change_alternatives(author, 2, text=more, based_on=1)
    assert everything(app) == before
    mo = factories.actor(factories.member("Mo", role="moderator"))
    with app.test_request_context():
        with transaction():
            lock_thread(OPERATOR, 1, reason="")
        with pytest.raises(NotAllowed, match="locked"), transaction():
            change_alternatives(author, 2, text=same, based_on=1)
        with transaction():
            edit_post(mo, 2, text=same, based_on=1)
        with pytest.raises(Conflict), transaction():
            change_alternatives(mo, 2, text=prepare(source), based_on=1)
