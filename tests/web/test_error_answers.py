"""Errors that need care: no database, no browser, too much text, a forum that is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, abort
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from sqlalchemy.exc import OperationalError
from wtforms import TextAreaField

from forum.app import create_app
from forum.cli import main
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.web.kept import MOST_BYTES_READ, TEXT_FIELDS
from forum.web.kept import MOST_OF_STRANGERS as MOST
from tests.evidence import links_of, page_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BACK = "Copy what you need from below, shorten it and send it again."
WHOLE = "Nothing of it is lost. Copy it from here and keep it until it is sent."
ENDLESS = (
    "It is more than can be given back here, so its end is missing. Go back: your browser may still have "
    "all of it."
)
LOST = "Go back: your browser may still have what you wrote. Shorten it and try again."


@pytest.fixture
def cut_off(tmp_path: Path) -> Any:
    """A visitor with a session of a forum whose database cannot be opened any more."""
    app = create_app(tmp_path, database=f"sqlite:///{tmp_path}/nowhere/forum.sqlite3")
    app.add_url_rule("/crash", view_func=lambda: 1 / 0)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "token"
    yield client
    close(app)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/t/1", "/about", "/me", "/latest"])
def test_every_page_says_that_the_database_is_away(cut_off: FlaskClient, path: str) -> None:
    answer = cut_off.get(path)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert words_of(answer, "h1") == ["The forum is busy"]
    # Who asks is not known, so nothing is said about it.
    assert page_of(answer).select("a[href='/sign-in'], a[href='/me']") == []


def test_text_is_given_back_without_a_database(cut_off: FlaskClient) -> None:
    answer = cut_off.post("/t/1/reply", data={"source": "Slowly."})
    assert (answer.status_code, text_given_back(answer)) == (503, "Slowly.")


def test_crash_needs_no_database(cut_off: FlaskClient) -> None:
    answer = cut_off.get("/crash")
    assert (answer.status_code, words_of(answer, "h1")) == (500, ["Something went wrong here"])


@ONE_DATABASE
@pytest.mark.parametrize("status", [500, 503])
def test_what_failed_is_not_asked_again(app: Flask, factories: Factories, status: int) -> None:
    def fail() -> None:
        raise OperationalError("", {}, Exception()) if status == 503 else ZeroDivisionError

    app.add_url_rule("/fail", view_func=fail)
    client = factories.signed_in(factories.member())
    with count_statements(app) as statements:
        assert client.get("/fail").status_code == status
    assert list(statements) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "This could not be understood"),
        (405, "This cannot be done here"),
        (415, "This could not be understood"),
        (418, "This could not be understood"),
        (429, "Too often in a short time"),
        (500, "Something went wrong here"),
        (501, "Something went wrong here"),
        (503, "The forum is busy"),
    ],
)
def test_whatever_flask_itself_refuses_has_its_page(app: Flask, status: int, title: str) -> None:
    app.add_url_rule("/refuse", view_func=lambda: abort(status))
    answer = app.test_client().get("/refuse")
    assert (answer.status_code, words_of(answer, "h1")) == (status, [title])
    assert answer.headers.get("Retry-After") == {429: "60", 503: "5"}.get(status)


@ONE_DATABASE
def test_more_than_a_request_may_hold_is_given_back(factories: Factories) -> None:
    client = factories.signed_in(factories.member())
    text = "\nSlöwly. " + "a&b=c " * 250_000
    answer = client.post("/new", data={"title": "Long", "source": text})
    assert answer.status_code == 413
    assert (words_of(answer, "main header p"), text_given_back(answer)) == ([BACK], text)
    assert links_of(answer, "main a") == ["/"]


@ONE_DATABASE
def test_more_than_can_be_given_back_is_refused(factories: Factories) -> None:
    client = factories.signed_in(factories.member())
    answer = client.post("/new", data={"source": "a" * MOST_BYTES_READ})
    assert answer.status_code == 413
    assert (words_of(answer, "main header p"), text_given_back(answer)) == ([LOST], None)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ({"source": MOST}, {"kept-1": MOST}),
        ({"source": MOST + 1}, {"kept-1": MOST + 1}),
        ({"source": 900_000}, {"kept-1": MOST + 1}),
        ({"title": 9, "source": 900_000}, {"kept-1": 9, "kept-2": MOST - 9 + 1}),
        ({"title": MOST, "source": 9}, {"kept-1": MOST, "kept-2": 1}),
    ],
)
def test_strangers_cannot_have_large_pages_made(
    client: FlaskClient, sent: dict[str, int], given: dict[str, int]
) -> None:
    # HTML writes five bytes for each of these signs, and a form one.
    sign = "'"
    body = "&".join(f"{name}={sign * length}" for name, length in sent.items())
    answer = client.post("/nowhere", data=body, content_type="application/x-www-form-urlencoded")
    found = {field["id"]: len(field.get_text().strip()) for field in page_of(answer)("textarea")}
    assert (answer.status_code, found) == (400, given)
    said = words_of(answer, ".kept p")
    assert said == ([ENDLESS] if sum(sent.values()) > MOST else [WHOLE])


@ONE_DATABASE
def test_of_strangers_no_more_is_read_than_a_request_may_hold(client: FlaskClient) -> None:
    answer = client.post("/nowhere", data={"source": "a" * (MOST_BYTES_READ - 100)})
    assert (words_of(answer, "main header p"), text_given_back(answer)) == ([LOST], None)


@ONE_DATABASE
@pytest.mark.parametrize("accepted", ["application/json", "application/problem+json"])
def test_program_that_reads_json_is_told_in_json(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/nowhere", headers={"Accept": accepted})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json(force=True) == {
        "status": 404,
        "title": "There is no such page",
        "detail": "The address may be wrong, or the page is not open to you.",
    }


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/nowhere.atom", "application/atom+xml, */*"), ("/nowhere", "image/png"), ("/a.xml", "")],
)
def test_program_that_reads_no_pages_is_told_in_a_few_words(
    client: FlaskClient, path: str, accepted: str
) -> None:
    answer = client.get(path, headers={"Accept": accepted})
    assert (answer.status_code, answer.content_type) == (404, "text/plain; charset=utf-8")
    assert answer.text == (
        "There is no such page\n\nThe address may be wrong, or the page is not open to you.\n"
    )


@ONE_DATABASE
@pytest.mark.parametrize("accepted", ["*/*", "text/html", "", "text/html;q=0.1, application/json"])
def test_everybody_else_gets_the_page(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/nowhere", headers={"Accept": accepted})
    assert (answer.content_type, words_of(answer, "h1")) == (
        "text/html; charset=utf-8",
        ["There is no such page"],
    )


def all_kinds(of: type) -> set[type]:
    return {kind for child in of.__subclasses__() for kind in {child, *all_kinds(child)}}


@ONE_DATABASE
def test_every_text_field_of_every_form_is_given_back(app: Flask) -> None:
    ours = [kind for kind in all_kinds(FlaskForm) if kind.__module__.startswith("forum.")]
    with app.test_request_context():
        forms = [kind() for kind in ours if kind.__module__.endswith(".forms")]
    texts = {field.name for form in forms for field in form if isinstance(field, TextAreaField)}
    assert texts - set(TEXT_FIELDS) == set()


def maintain(instance: Path, *words: str) -> str:
    result = CliRunner().invoke(main, ["--instance", str(instance), "maintenance", *words])
    assert result.exit_code == 0, result.output
    return result.output


@ONE_DATABASE
def test_closed_forum_says_why_and_gives_texts_back(
    app: Flask, instance: Path, factories: Factories
) -> None:
    client = factories.signed_in(factories.member())
    maintain(instance, "on", "A new kiln is being built. Back at <10>.")
    with count_statements(app) as statements:
        answers = [
            client.get("/"),
            client.get("/nowhere"),
            client.post("/new", data={"source": "Slowly."}),
        ]
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
        assert words_of(answer, "main header p") == ["A new kiln is being built. Back at <10>."]
    assert text_given_back(answers[2]) == "Slowly."
    assert list(statements) == []


@ONE_DATABASE
def test_closed_forum_still_gives_its_style_and_opens_again(
    app: Flask, instance: Path, client: FlaskClient, factories: Factories
) -> None:
    factories.community()
    said = [maintain(instance, "on")]
    page = client.get("/")
    assert words_of(page, "main header p") == ["Somebody is working on it. Come back soon."]
    assert client.get(links_of(page, "link[rel=stylesheet]")[0]).status_code == 200
    said += [maintain(instance, "off"), maintain(instance, "off")]
    assert said == [
        "The forum is closed. `forum maintenance off` opens it.\n",
        *["The forum is open.\n"] * 2,
    ]
    assert (client.get("/").status_code, submit(client, "/sign-in").status_code) == (200, 422)
