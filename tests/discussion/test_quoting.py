"""Quoting a post: its source in the composer, with who wrote it and a link back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.models import EMPTIED, Post
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, send, submit
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

QUOTE = "> [Ada wrote in #1](/t/1/1):\n>\n> How *fine*?\n\n"
REPLY = "/t/1/reply?to=1&quote=1"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def bo(factories: Factories) -> FlaskClient:
    """A member's browser; Ada has started thread 1."""
    factories.community()
    factories.thread(factories.member("Ada"), source="How *fine*?")
    return factories.signed_in(factories.member("Bo"))


def test_quote_leads_to_a_composer_with_the_quoted_source(app: Flask, bo: FlaskClient) -> None:
    assert links_of(bo.get("/t/1"), "#p1 footer a.quote") == [REPLY]
    before = everything(app)
    composer = bo.get(REPLY)
    assert (text_given_back(composer), fields_of(form_of(composer))["in_reply_to"]) == (QUOTE, "1")
    assert everything(app) == before
    answer = send(bo, REPLY, form_of(composer), button="Publish", source=f"{QUOTE}Very.")
    assert answer.location == "/t/1/2"
    page = bo.get("/t/1")
    assert words_of(page, "#p2 blockquote p") == ["Ada wrote in #1:", "How fine?"]
    assert links_of(page, "#p2 blockquote a, #p2 .reply-to a") == ["/t/1/1", "/t/1/1"]


def test_quote_stands_below_what_the_draft_holds_and_only_once(bo: FlaskClient) -> None:
    submit(bo, "/t/1/reply", button="Preview", source="Begun.\n")
    composer = bo.get(REPLY)
    assert text_given_back(composer) == f"Begun.\n\n{QUOTE}"
    send(bo, REPLY, form_of(composer), button="Preview")
    assert text_given_back(bo.get(REPLY)) == f"Begun.\n\n{QUOTE}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"removed_at": utcnow(), "removal": "author"},
            "#1 was removed, so it cannot be quoted.",
        ),
        (
            {"pipeline": EMPTIED, "html": "", "excerpt": ""},
            "The words of #1 were taken out, so it cannot be quoted.",
        ),
    ],
)
def test_quote_of_what_is_gone_opens_the_composer_without_it(
    app: Flask, bo: FlaskClient, change: dict[str, object], message: str
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Post).values(change))
    composer = bo.get(REPLY)
    assert (composer.status_code, text_given_back(composer)) == (200, "")
    assert words_of(composer, ".composer > .notice") == [message]
    assert form_of(composer).get("data-attribution") is None
    assert links_of(bo.get("/t/1"), "a.quote") == []


@ONE_DATABASE
@pytest.mark.parametrize("word", ["2", "0", "abc", "-1", "", "9" * 30])
def test_quote_of_what_never_was_is_not_found(bo: FlaskClient, word: str) -> None:
    assert bo.get("/t/1/reply", query_string={"quote": word}).status_code == 404


@ONE_DATABASE
def test_guests_are_not_offered_to_quote(app: Flask, bo: FlaskClient) -> None:
    guest = app.test_client()
    assert links_of(guest.get("/t/1"), "a.quote") == []
    assert guest.get(REPLY).status_code == 403


@ONE_DATABASE
def test_name_of_the_author_is_only_words(factories: Factories) -> None:
    name = "](//evil.example) *Ada* <b> @bo\\"
    factories.thread(factories.member(name))
    bo = factories.signed_in(factories.member("Bo"))
    send(bo, REPLY, form_of(bo.get(REPLY)), button="Publish")
    page = bo.get("/t/1")
    assert words_of(page, "#p2 blockquote p:first-child") == [f"{name} wrote in #1:"]
    assert links_of(page, "#p2 blockquote a") == ["/t/1/1"]


@ONE_DATABASE
def test_findings_of_what_is_quoted_still_show_and_the_attribution_has_none(
    factories: Factories,
) -> None:
    factories.thread(source="Fine.")
    mine = factories.signed_in(factories.member())
    clean = send(mine, REPLY, form_of(mine.get(REPLY)), button="Preview")
    assert words_of(clean, "#findings li") == []
    factories.thread(source="[click here](https://example.org/glazes)")
    address = REPLY.replace("/t/1", "/t/2")
    quoted = send(mine, address, form_of(mine.get(address)), button="Preview")
    assert words_of(quoted, "#findings li q") == ["click here"]
