"""What cannot be answered is answered clearly: the right status, a page of ours, nothing given away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from forum.db import db
from forum.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.web.forms import gives_text_back
from forum.web.headers import ALWAYS, POLICY
from tests.evidence import links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PRIVATE = "What I would tell nobody."
ERRORS: dict[str, tuple[Exception, int, str]] = {
    "invalid": (Invalid("source", "Mend it."), 422, "Mend it."),
    "not-allowed": (NotAllowed("Not yours."), 403, "Not yours."),
    "not-found": (NotFound("It is gone."), 404, "It is gone."),
    "conflict": (Conflict("Look again."), 409, "Look again."),
    "too-many": (TooMany("Wait.", retry_after=90), 429, "Wait."),
    "busy": (
        OperationalError("SELECT 1", {}, Exception("locked")),
        503,
        "Nothing was changed. Wait a moment and try again.",
    ),
    "crash": (
        ZeroDivisionError(PRIVATE),
        500,
        "It is not your fault, and it has been noted. Try again in a moment.",
    ),
}


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """A visitor of a forum in which some pages fail."""

    def fail(kind: str) -> Any:
        raise ERRORS[kind][0]

    app.add_url_rule("/fail/<kind>", view_func=gives_text_back(fail), methods=["GET", "POST"])
    return app.test_client()


@pytest.mark.parametrize("kind", ERRORS)
def test_each_error_has_its_status_and_says_what_to_do(failing: FlaskClient, kind: str) -> None:
    _, status, message = ERRORS[kind]
    answer = failing.get(f"/fail/{kind}")
    assert answer.status_code == status
    assert words_of(answer, "main header p") == [message]
    assert "/" in links_of(answer, "main a")
    retry = {"too-many": "90", "busy": "5"}.get(kind)
    assert answer.headers.get("Retry-After") == retry


@pytest.mark.parametrize("kind", ERRORS)
def test_whatever_goes_wrong_gives_the_text_back(failing: FlaskClient, kind: str) -> None:
    written = f"\n{PRIVATE}\n</textarea><b>&amp;"
    answer = failing.post(f"/fail/{kind}", data={"source": written, "title": "My title"})
    assert answer.status_code == ERRORS[kind][1]
    assert text_given_back(answer) == written
    assert words_of(answer, "#kept-1") == ["My title"]


@ONE_DATABASE
def test_guest_who_may_not_is_led_to_signing_in_and_back(app: Flask, failing: FlaskClient) -> None:
    answer = failing.get("/fail/not-allowed?page=2")
    assert "/sign-in?next=/fail/not-allowed%3Fpage%3D2" in links_of(answer, "main a")


@ONE_DATABASE
def test_crash_is_logged_without_what_was_written(
    failing: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    failing.post("/fail/crash", data={"source": "My secret draft", "email": "ada@example.org"})
    assert "POST fail crashed" in caplog.text
    assert "My secret draft" not in caplog.text
    assert "ada@example.org" not in caplog.text


NOT_THERE = (
    "/nowhere",
    "/t/0",
    "/t/-1",
    "/t/abc",
    "/t/1.5",
    "/t//1",
    "/t/1/",
    "/t/01",
    "/t/+1",
    "/t/%D9%A1",
    f"/t/{10**18}",
    f"/t/{10**30}",
    "/t/1/0",
    f"/t/1/{10**17}",
    "/t/1/2",
    "/t/1/2/edit",
    f"/t/1/{10**17}/edit",
    f"/t/1/{10**17}/history",
    *(f"/t/1?page={word}" for word in ("0", "-1", "2", "abc", "", "1.0", "%00", 10**18, 10**30)),
    "/c/nowhere",
    "/c/%00",
    "/c/%FF",
    *(f"/{where}?after=" for where in ("", "latest", "c/glazes")),
    *(f"/latest?after={word}" for word in ("abc", "1", "1-", "-1-1", "1-0x", "%00", "9" * 40)),
    "/latest?after=99999999999999999999-1",
    "/confirm/abc",
    "/confirm/%00",
    "/reset/abc",
    "/setup/abc",
    "/themes/default-0.css",
    "/themes/..%2f..%2fsecret-0.css",
    "/static/nothing.js",
    "/static/../../secret",
)


def test_what_is_not_there_is_a_404_in_our_own_words(
    factories: Factories, client: FlaskClient
) -> None:
    factories.community()
    factories.thread(category=factories.category())
    member = factories.signed_in(factories.member())
    answers = {path: [who.get(path) for who in (client, member)] for path in NOT_THERE}
    found = {path: [a.status_code for a in both] for path, both in answers.items()}
    assert found == {path: [404, 404] for path in NOT_THERE}
    headings = {words_of(a, "h1")[0] for both in answers.values() for a in both}
    assert headings == {"There is no such page", "This page is not here"}


@ONE_DATABASE
def test_last_possible_place_in_a_list_is_an_empty_list(client: FlaskClient) -> None:
    words = ("0-1", "99999999999999999-999999999999999999")
    assert [client.get(f"/latest?after={word}").status_code for word in words] == [200, 200]


@ONE_DATABASE
def test_wrong_verb_is_refused_and_the_right_ones_are_named(client: FlaskClient) -> None:
    answer = client.get("/resume")
    assert (answer.status_code, words_of(answer, "h1")) == (405, ["This cannot be done here"])
    assert sorted(answer.headers["Allow"].split(", ")) == ["OPTIONS", "POST"]


@ONE_DATABASE
def test_every_answer_carries_the_headers_that_protect(
    app: Flask, factories: Factories, failing: FlaskClient
) -> None:
    factories.community()
    thread = factories.thread()
    paths = ("/", f"/t/{thread.thread_id}", f"/t/{thread.thread_id}/1", "/nowhere", "/fail/crash")
    wanted = {**ALWAYS, "Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache"}
    for path in paths:
        headers = failing.get(path).headers
        assert {name: headers.get(name) for name in wanted} == wanted, path


@ONE_DATABASE
def test_answer_to_a_form_is_kept_by_nobody(factories: Factories, client: FlaskClient) -> None:
    member = factories.member()
    answer = submit(client, "/sign-in", email=member.email, password="wrong" * 3)
    assert answer.headers["Cache-Control"] == "no-store"


def test_pages_still_answer_after_one_broke_the_database_session(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    factories.community()

    def break_it() -> Any:
        db.session.execute(text("SELECT nothing FROM nowhere"))

    app.add_url_rule("/broken", view_func=break_it)
    broken = client.get("/broken")
    assert broken.status_code in (500, 503)
    assert "nowhere" not in re.sub(r"\s+", " ", broken.text)
    assert client.get("/").status_code == 200
