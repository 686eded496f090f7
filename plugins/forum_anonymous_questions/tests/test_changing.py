"""Changing a question that waits begins with its text; adding to a published one begins empty."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from forum.db import db
from forum.errors import NotFound
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, codes
from forum_anonymous_questions.csrf import token_for
from forum_anonymous_questions.queries import claimed
from forum_anonymous_questions.tests.asking import again, open_with, words_in
from forum_anonymous_questions.tests.at_fixed_times import approve, fixed_time, refuse
from forum_anonymous_questions.tests.test_asking import ask
from forum_anonymous_questions.tests.test_fixed_times import DAY

WORDS = "Mine is all bubbles."
NEWER = "Mine is all bubbles, & <cracks> too."


@pytest.fixture
def stranger(begun: PluginForum) -> FlaskClient:
    """A browser that has never been here."""
    return begun.browser("guest")


def text_in(answer: TestResponse) -> str:
    """What stands in the field of the text."""
    found = BeautifulSoup(answer.text, "html.parser").select_one("textarea#source")
    assert found is not None, words_in(answer, "main")
    return found.get_text().strip()


def form_of(browser: FlaskClient, code: str, button: str = "Change its text") -> TestResponse:
    """The form in which something is written further."""
    return again(browser, open_with(browser, code), button)


def test_sealed_question_is_changed_from_what_was_sent_last(
    begun: PluginForum, stranger: FlaskClient
) -> None:
    code, other = ask(begun, source=WORDS), ask(begun, source="Somebody else's.")
    page = form_of(stranger, code)
    assert text_in(page) == WORDS
    assert "takes the place of all of it" in words_in(page, "main")
    sent = again(stranger, page, "Send it sealed", source=NEWER)
    assert "its new text" in words_in(sent, "main")
    assert text_in(form_of(stranger, code)) == NEWER
    assert text_in(form_of(stranger, other)) == "Somebody else's."


def test_question_that_moderators_read_is_changed_from_what_they_read(
    begun: PluginForum, stranger: FlaskClient
) -> None:
    code = ask(begun, title="First", source=WORDS)
    fixed_time()
    assert text_in(form_of(stranger, code)) == WORDS
    refuse(begun, "First", asks_for_changes=True)
    page = form_of(stranger, code)
    assert (text_in(page), "Say more." in words_in(page, "main")) == (WORDS, True)
    actions.clarify(code, source=NEWER)
    assert text_in(form_of(stranger, code)) == NEWER
    fixed_time()
    assert text_in(form_of(stranger, code)) == NEWER


def test_published_question_is_added_to_in_an_empty_form(
    begun: PluginForum, stranger: FlaskClient
) -> None:
    code = ask(begun, title="First", source=WORDS)
    fixed_time()
    approve(begun, "First")
    fixed_time(3 * DAY)
    page = form_of(stranger, code, "Add to it")
    assert (text_in(page), words_in(page, "h1")) == ("", "Add to your question")
    assert "It is added" in words_in(page, "main")
    actions.clarify(code, source=NEWER)
    assert text_in(form_of(stranger, code, "Add to it")) == ""
    assert claimed(code).source == ""


def test_text_is_shown_to_nobody_with_a_wrong_code(
    begun: PluginForum, stranger: FlaskClient
) -> None:
    sealed, read = ask(begun, source=WORDS), ask(begun, title="First", source=WORDS)
    fixed_time()
    sealed = ask(begun, source=WORDS)
    right = {code: token_for(code.encode()) for code in (sealed, read)}
    for wrong in (codes.new_code(), "", " ".join(sealed.split()[:9]), sealed[:-1]):
        for token in (token_for(wrong.encode()), token_for(), *right.values()):
            fields = {"code": wrong, "csrf_token": token, "action": "open"}
            for path in ("/ask/clarify", "/ask/claim"):
                answer = stranger.post(path, data=fields)
                assert answer.status_code in (403, 404, 429)
                assert WORDS not in answer.text
    # Nor with a right one whose form is somebody else's.
    fields = {"code": sealed, "csrf_token": right[read], "action": "open"}
    assert WORDS not in stranger.post("/ask/clarify", data=fields).text
    fields["csrf_token"] = right[sealed]
    assert WORDS in stranger.post("/ask/clarify", data=fields).text


def test_text_takes_no_statement_of_its_own(begun: PluginForum) -> None:
    code, sent = ask(begun, source=WORDS), list[str]()
    with pytest.raises(NotFound):
        # The first text of a request asks for the reader's language.
        claimed("")
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, sql, *_: sent.append(sql))
    with pytest.raises(NotFound):
        claimed(codes.new_code())
    wrong = list(sent)
    sent.clear()
    assert claimed(code).source == WORDS
    assert sent == wrong
