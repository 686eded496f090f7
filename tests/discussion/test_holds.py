"""Posts that plugins hold, refuse or break: nothing is published unchecked, and no text is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.app import create_app
from forum.db import db, rows
from forum.discussion.models import Draft, Post, Thread
from forum.errors import NotAllowed
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.permissions import Actor
from forum.plugin_api import Hold, PostToCheck, PublishedPost, hookimpl
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import send, submit
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PITCH = "Buy my kiln:\n\n<cheap> & good."
HELD = "waits for a moderator"


class Strict:
    """A check that answers, or raises, what it is told to."""

    def __init__(self) -> None:
        self.answer: Any = None

    @hookimpl
    def check_post(self, post: PostToCheck) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Failing:
    """A part that writes with a publication, and cannot."""

    @hookimpl
    def with_post_published(self, post: PublishedPost) -> None:
        raise ValueError(post)


@pytest.fixture
def strict() -> Strict:
    return Strict()


@pytest.fixture
def app(instance: Path, database: str, strict: Strict) -> Iterator[Flask]:
    app = create_app(instance, database=database, plugins=[("strict", strict)])
    yield app
    close(app)


@pytest.fixture
def cast(factories: Factories) -> dict[str, FlaskClient]:
    """Browsers of an asker, whose thread is number 1, a replier and a moderator."""
    factories.community()
    asker = factories.member("Ada")
    factories.thread(asker, title="Crackle")
    people = {
        "asker": asker,
        "author": factories.member("Bo"),
        "moderator": factories.member("Mia", role="moderator"),
    }
    browsers = {name: factories.signed_in(person) for name, person in people.items()}
    return {**browsers, "guest": factories.app.test_client()}


def send_pitch(browser: FlaskClient) -> TestResponse:
    return submit(browser, "/t/1/reply?to=1", button="Publish", source=PITCH)


def publish_first(moderator: FlaskClient) -> TestResponse:
    """Publish what waits longest."""
    [case, *_] = links_of(moderator.get("/moderation"), ".case h2 a")
    return submit(moderator, case, form="form.decide", button="Publish")


def shows(browsers: dict[str, FlaskClient], *addresses: str) -> dict[str, list[bool]]:
    """Who finds the pitch on which page."""
    return {
        name: ["Buy my kiln" in browser.get(address).text for address in addresses]
        for name, browser in browsers.items()
    }


def told(app: Flask) -> list[tuple[int, int]]:
    with app.app_context():
        replies = select(Notification.member_id, Notification.post_id).where(
            Notification.kind == "reply"
        )
        return [tuple(row) for row in rows(replies)]


def test_held_reply_is_seen_by_its_author_and_moderators_only(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict, worker: Callable[[], int]
) -> None:
    strict.answer = Hold("It sells.")
    answer = send_pitch(cast["author"])
    assert (answer.status_code, answer.location) == (303, "/t/1")
    assert words_of(cast["author"].get("/t/1"), ".notices p, .waiting .label") == [
        "Your post waits for a moderator. You find it below; the others do not yet.",
        HELD,
    ]
    worker()
    assert shows(cast, "/t/1", "/", "/c/glazes", "/latest", "/notifications", "/moderation") == {
        "asker": [False] * 6,
        "author": [True] + [False] * 5,
        "moderator": [False] * 5 + [True],
        "guest": [False] * 6,
    }
    assert [b.get("/t/1/2").status_code for b in cast.values()] == [404] * 4
    assert [b.get("/t/1/reply?to=2").status_code for b in cast.values()][:3] == [404] * 3
    assert (told(app), cast["guest"].get("/moderation").status_code) == ([], 403)
    with app.app_context():
        held = rows(select(Post.number, Case.kind, Case.reason).join(Case, Case.post_id == Post.id))
        assert [tuple(row) for row in held] == [(None, "hold", "It sells.")]
        assert rows(select(Draft.id)) == []


def test_moderator_publishes_a_held_post_with_the_next_number(
    app: Flask,
    factories: Factories,
    cast: dict[str, FlaskClient],
    strict: Strict,
    worker: Callable[[], int],
) -> None:
    strict.answer = Hold("It sells.")
    send_pitch(cast["author"])
    strict.answer = None
    submit(cast["asker"], "/t/1/reply", button="Publish", source="Nobody?")
    worker()
    before = told(app)
    assert publish_first(cast["moderator"]).status_code == 303
    worker()
    page = cast["guest"].get("/t/1")
    assert words_of(page, "article .words")[1:] == ["Nobody?", "Buy my kiln: <cheap> & good."]
    assert words_of(page, "#p3 .reply-to") == ["In reply to #1"]
    assert words_of(cast["moderator"].get("/moderation"), ".case") == []
    with app.app_context():
        post = db.session.execute(
            select(Post.id, Thread.author_id).where(Post.number == 3).join(Thread)
        ).one()
    assert (before, told(app)) == ([], [(post.author_id, post.id)])
    assert words_of(cast["asker"].get("/notifications"), "ul.rows .label") == ["new"]


def test_held_thread_is_nobody_elses_until_it_is_published(
    app: Flask, factories: Factories, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = Hold("It sells.")
    category = factories.category("Kilns")
    fields = {"title": "Kilns for sale", "category": str(category.id), "source": PITCH}
    submit(cast["author"], "/new", button="Preview", **fields)
    answer = submit(cast["author"], "/new", button="Publish")
    assert (answer.status_code, answer.location) == (303, "/t/2")
    assert [b.get("/t/2").status_code for b in cast.values()] == [404, 200, 200, 404]
    assert shows(cast, "/t/2", "/", "/c/kilns", "/latest")["author"] == [True] + [False] * 3
    assert [words_of(b.get("/c/kilns"), "ul.rows li") for b in cast.values()] == [[]] * 4
    with app.app_context():
        assert rows(select(Draft.place)) == []
    publish_first(cast["moderator"])
    assert words_of(cast["guest"].get("/t/2"), "article h2") == ["Bo"]
    assert words_of(cast["guest"].get("/c/kilns"), "ul.rows h3") == ["Kilns for sale"]


@ONE_DATABASE
def test_publishing_again_publishes_nothing_twice(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = Hold("It sells.")
    send_pitch(cast["author"])
    send_pitch(cast["author"])
    form = form_of(cast["moderator"].get("/moderation/1"), "form.decide")
    first = send(cast["moderator"], "/moderation/1", form, button="Publish")
    before = everything(app)
    again = send(cast["moderator"], "/moderation/1", form, button="Publish")
    assert (first.status_code, again.status_code, everything(app)) == (303, 303, before)
    with app.app_context():
        assert [r.number for r in rows(select(Post.number).order_by(Post.id))] == [1, 2, None]


@ONE_DATABASE
def test_refused_post_gives_the_text_back(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = NotAllowed("Sales are not for here.")
    before = everything(app, less=("attempts", "drafts"))
    answer = send_pitch(cast["author"])
    assert (answer.status_code, text_given_back(answer)) == (403, PITCH)
    assert words_of(answer, "#error-summary li") == ["Sales are not for here."]
    assert everything(app, less=("attempts", "drafts")) == before


@ONE_DATABASE
def test_check_that_crashes_holds_the_post(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = ValueError(PITCH)
    assert send_pitch(cast["author"]).location == "/t/1"
    assert shows(cast, "/t/1")["guest"] == [False]
    with app.app_context():
        assert [r.reason for r in rows(select(Case.reason))] == [
            "A check (strict) could not run, so a moderator looks at this post first."
        ]


@ONE_DATABASE
def test_edit_that_would_be_held_is_refused_with_its_text(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = Hold("It sells.")
    before = everything(app, less=("attempts", "drafts"))
    answer = submit(cast["asker"], "/t/1/1/edit", button="Publish", source=PITCH)
    assert (answer.status_code, text_given_back(answer)) == (403, PITCH)
    assert words_of(answer, "#error-summary li") == [
        "This change cannot be published now: It sells."
    ]
    assert everything(app, less=("attempts", "drafts")) == before


def test_failing_part_undoes_the_publication_and_gives_the_text_back(
    app: Flask, cast: dict[str, FlaskClient]
) -> None:
    app.extensions["forum_plugins"].register(Failing(), "tally", may_write=True)
    before = everything(app, less=("drafts", "attempts", "plugin_troubles"))
    answer = send_pitch(cast["author"])
    assert (answer.status_code, text_given_back(answer)) == (500, PITCH)
    assert "(tally) did not work" in words_of(answer, "#error-summary li")[0]
    assert everything(app, less=("drafts", "attempts", "plugin_troubles")) == before


def test_failing_part_leaves_the_case_open(
    app: Flask, cast: dict[str, FlaskClient], strict: Strict
) -> None:
    strict.answer = Hold("It sells.")
    send_pitch(cast["author"])
    app.extensions["forum_plugins"].register(Failing(), "tally", may_write=True)
    before = everything(app, less=("plugin_troubles",))
    assert publish_first(cast["moderator"]).status_code == 500
    assert everything(app, less=("plugin_troubles",)) == before


def test_crash_of_our_own_gives_the_text_back(
    app: Flask, cast: dict[str, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(actor: Actor, *_args: object, **_options: object) -> Post:
        db.session.add(Thread(category_id=1, title="Half a thread", author_id=actor.id))
        db.session.flush()
        raise RuntimeError(PITCH)

    for name in ("reply", "edit_post", "start_thread"):
        monkeypatch.setattr(f"forum.discussion.routes.actions.{name}", crash)
    before = everything(app, less=("attempts",))
    new = {"title": "A <title>", "category": "1", "source": PITCH}
    answers = [
        send_pitch(cast["author"]),
        submit(cast["asker"], "/t/1/1/edit", button="Publish", source=PITCH),
        submit(cast["asker"], "/new", button="Publish", **new),
    ]
    assert [(a.status_code, text_given_back(a)) for a in answers] == [(500, PITCH)] * 3
    assert words_of(answers[2], "textarea#kept-1") == ["A <title>"]
    assert everything(app, less=("attempts",)) == before
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Thread)) == 1
