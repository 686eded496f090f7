"""What the door reads, of whom, and what it gives back when nothing comes of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from forum.db import db, transaction
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.codes import new_code
from forum_anonymous_questions.csrf import token_for
from forum_anonymous_questions.limits import LOOKED_UP, WRONG_CODES
from forum_anonymous_questions.models import SPENT
from forum_anonymous_questions.pages.asking import FORM, FORM_BYTES, TEXT_BYTES
from forum_anonymous_questions.tests.asking import (
    TEXT,
    TITLE,
    ask,
    filled,
    form_in,
    open_with,
    words_in,
)
from forum_anonymous_questions.tests.test_door import counts
from forum_anonymous_questions.tickets import gift, mark_of, read_tickets, utcnow

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def forum(forum_to_ask_in: PluginForum) -> PluginForum:
    """A forum in which members can ask."""
    return forum_to_ask_in


@pytest.fixture
def no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a text as Markdown is an error."""

    def never(*_given: object, **_more: object) -> None:
        raise AssertionError("a text was parsed")

    monkeypatch.setattr("forum.discussion.unsigned.prepare", never)


class Counted(BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        """As a file does."""
        found = super().read(size)
        self.taken += len(found)
        return found


def sent(browser: FlaskClient, path: str, fields: dict[str, str]) -> tuple[TestResponse, int, int]:
    """What is answered to a form, how much of it was read, and how much there was."""
    content = urlencode(fields).encode()
    body = Counted(content)
    answer = browser.post(path, input_stream=body, content_length=len(content), content_type=FORM)
    return answer, body.taken, len(content)


@pytest.mark.usefixtures("no_parsing")
def test_nothing_is_read_of_whoever_has_no_ticket_of_this_forum(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser, "preview")
    [cookie] = [c for c in browser._cookies.values() if c.key.startswith("ask-")]
    forged = f"{'A' * 10}{cookie.value.split('~')[0][10:]}"
    for value in ("", forged, "x"):
        stranger = forum.app.test_client()
        if value:
            stranger.set_cookie("ask-2026-4-abc", value, path="/ask")
        answer, taken, _size = sent(stranger, "/ask/write", fields)
        assert (answer.status_code, taken) == (200, 0)
        assert "nothing of it was read" in words_in(answer, "main")
    # With one it is.
    _answer, taken, size = sent(browser, "/ask/write", fields)
    assert taken == size


@pytest.mark.usefixtures("no_parsing")
def test_what_cannot_be_a_form_of_the_page_is_not_read(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser, "preview")
    paths = ("claim", "thank", "withdraw", "answer", "ticket", "tickets")
    too_long = {f"/ask/{path}": FORM_BYTES for path in paths}
    too_long |= {f"/ask/{path}": TEXT_BYTES for path in ("write", "clarify")}
    for path, most in too_long.items():
        answer, taken, _size = sent(browser, path, fields | {"source": "a" * most})
        assert (answer.status_code, taken) == (413, 0), path
        assert "shorten it" in words_in(answer, "main")
    for path in ("/ask", "/ask/nothing"):
        assert sent(browser, path, fields)[1] == 0
    for site in ("cross-site", "same-site"):
        body = Counted(urlencode(fields).encode())
        answer = browser.post(
            "/ask/write",
            input_stream=body,
            content_length=len(body.getvalue()),
            content_type=FORM,
            headers={"Sec-Fetch-Site": site},
        )
        assert (answer.status_code, body.taken) == (403, 0)


def test_longest_text_comes_through_with_the_one_before_it(
    forum: PluginForum, browser: FlaskClient
) -> None:
    """Every byte of it is sent as three."""
    longest = "ü " * 10_900
    fields = filled(browser, "preview") | {"source": longest, "before": longest}
    answer, taken, size = sent(browser, "/ask/write", fields)
    assert (answer.status_code, taken) == (200, size)
    assert 110_000 < size < TEXT_BYTES
    # A text over the limit of posts is given back whole, in the form.
    over = "word " * 20_000
    answer, _taken, _size = sent(browser, "/ask/write", fields | {"source": over, "before": ""})
    assert (answer.status_code, form_in(answer)["source"].strip()) == (422, over.strip())
    assert counts(forum) == (0, 0)


@pytest.mark.usefixtures("no_parsing")
def test_whoever_had_a_ticket_is_given_their_text_back_unparsed(
    forum: PluginForum, browser: FlaskClient
) -> None:
    spent = filled(browser, "preview")
    with forum.app.app_context():
        over = gift(utcnow() - timedelta(days=400))
    late = forum.app.test_client()
    late.set_cookie(over.name, over.value, path="/ask")
    with forum.app.app_context(), transaction():
        [cookie] = [c for c in browser._cookies.values() if c.key.startswith("ask-")]
        for ticket in read_tickets([cookie.value]):
            db.session.execute(SPENT.insert().values(mark=mark_of(ticket)))
    for who in (browser, late):
        answer, taken, size = sent(who, "/ask/write", spent)
        assert taken == size
        assert words_in(answer, "h1") == "You cannot ask from this browser now"
        assert words_in(answer, "textarea#kept") == TEXT
        assert words_in(answer, "textarea#kept-title") == TITLE


@pytest.mark.usefixtures("no_parsing")
def test_wrong_codes_have_no_text_parsed_and_are_given_theirs_back(
    forum: PluginForum, browser: FlaskClient
) -> None:
    ask_code = new_code()
    with forum.app.app_context():
        token = token_for(ask_code.encode())
    fields = {"code": ask_code, "csrf_token": token, "source": TEXT, "action": "preview"}
    answer, _taken, _size = sent(forum.app.test_client(), "/ask/clarify", fields)
    assert (answer.status_code, words_in(answer, "textarea#kept")) == (404, TEXT)


def test_wrong_codes_end_the_looking_up_only_when_there_are_very_many(
    forum: PluginForum, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ask(browser)
    stranger = forum.app.test_client()
    monkeypatch.setattr(WRONG_CODES, "times", 2)
    monkeypatch.setattr(LOOKED_UP, "times", 5)
    found = [open_with(stranger, new_code()).status_code for _ in range(4)]
    assert found == [404, 404, 429, 429]
    assert open_with(stranger, code).status_code == 200
    assert open_with(stranger, new_code()).status_code == 429
    # Now nothing is looked for.
    assert open_with(stranger, code).status_code == 429
    # The words of tickets are measured alike.
    words = words_in(browser.get("/ask/tickets"), "textarea#kept").split()
    fields = form_in(stranger.get("/ask/tickets")) | {"action": "add"}
    wrong = stranger.post("/ask/tickets", data=fields | {"words": "zebra"})
    right = stranger.post("/ask/tickets", data=fields | {"words": " ".join(words[:22])})
    assert (wrong.status_code, right.status_code) == (429, 200)


def test_text_is_given_back_where_the_door_fails_and_nothing_tells_of_it(
    forum: PluginForum, browser: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    fields = filled(browser)
    with forum.app.app_context(), transaction():
        db.session.execute(text(f"ALTER TABLE {SPENT.name} RENAME TO elsewhere"))
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        answer = browser.post("/ask/write", data=fields)
    assert (answer.status_code, caplog.records) == (500, [])
    assert words_in(answer, "textarea#kept-1") == TITLE
    assert words_in(answer, "textarea#kept-2") == TEXT
    assert "copy it first" in words_in(answer, "main")
    with forum.app.app_context(), transaction():
        db.session.execute(text(f"ALTER TABLE elsewhere RENAME TO {SPENT.name}"))
    # The same form, as the page says.
    assert browser.post("/ask/write", data=fields).status_code == 200
    assert counts(forum) == (1, 1)
