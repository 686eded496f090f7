"""Forms as they arrive from browsers and from others."""

from __future__ import annotations

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forum.testing.factories import Factories
from forum.testing.forms import fields_of
from forum.testing.pace import cpu_seconds
from forum.web.fields import FORM, MOST_FIELDS
from tests.evidence import form_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@ONE_DATABASE
def test_bytes_that_are_no_text_show_as_replacement_characters(app: Flask) -> None:
    sent = b"one=caf\xe9&two=%FF%FE&three=%C3%A4+%26&empty=&one=again&=nameless&bare"
    with app.test_request_context(method="POST", data=sent, content_type=FORM):
        assert request.form.to_dict(flat=False) == {
            "one": ["caf\ufffd", "again"],
            "two": ["\ufffd\ufffd"],
            "three": ["ä &"],
            "empty": [""],
            "": ["nameless"],
            "bare": [""],
        }


@ONE_DATABASE
def test_text_with_a_wrong_byte_is_given_back(
    factories: Factories,
) -> None:
    factories.community()
    author = factories.member()
    factories.thread(author)
    browser = factories.signed_in(author)
    token = fields_of(form_of(browser.get("/t/1/reply")))["csrf_token"]
    body = f"csrf_token={token}&action=publish&source=".encode() + b"caf\xe9 au lait"
    answer = browser.post("/t/1/reply", data=body, content_type=FORM)
    assert (answer.status_code, text_given_back(answer)) == (422, "caf\ufffd au lait")


@ONE_DATABASE
def test_too_many_fields_are_refused_at_once(client: FlaskClient) -> None:
    def answers() -> list[TestResponse]:
        return [
            client.post("/sign-in", data=b"&a=" * MOST_FIELDS, content_type=FORM),
            client.post("/resume", data=b"a&" * 500_000, content_type=FORM),
        ]

    expected = (413, ["That was too much at once"])
    assert [(a.status_code, words_of(a, "h1")) for a in answers()] == [expected] * 2
    assert cpu_seconds(answers, enough=1) < 1
