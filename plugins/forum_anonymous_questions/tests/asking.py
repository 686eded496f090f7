"""Asking as a person does, page by page: what the tests of the door share."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from forum.db import db, transaction
from forum.testing.forms import fields_of, send, submit
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.keys import make_key
from forum_anonymous_questions.models import PERIOD

FOLDER = Path(__file__).resolve().parent.parent
TITLE = "Why do my glazes crawl"
TEXT = "They crawl at the rim whenever the clay is damp. What helps?"


def opened(instance: Path, database: str) -> PluginForum:
    """A forum in which members can ask: the plugin runs, and the first period has begun."""
    forum = PluginForum(FOLDER, instance, database)
    forum.enable()
    with forum.app.app_context(), transaction():
        if db.session.scalar(select(PERIOD.c.key_id)) is None:
            db.session.execute(insert(PERIOD).values(id=1, key_id=make_key()))
    return forum


def words_of(part: Tag) -> str:
    """Its words, white space folded."""
    return " ".join(part.get_text().split())


def words_in(answer: TestResponse, selector: str) -> str:
    """The words of the first such part, white space folded; empty when there is none."""
    found = BeautifulSoup(answer.text, "html.parser").select_one(selector)
    return "" if found is None else words_of(found)


def write(
    browser: FlaskClient, button: str = "Send it sealed", *, category: str = "", **fields: str
) -> TestResponse:
    """Fill in the page that asks, and press a button."""
    given = {"title": TITLE, "source": TEXT, "category": category or a_category(browser)} | fields
    return submit(browser, "/ask/write", button=button, **given)


def a_category(browser: FlaskClient) -> str:
    """The first category that the page offers."""
    page = BeautifulSoup(browser.get("/ask/write").text, "html.parser")
    return next(str(one["value"]) for one in page.select("#category option") if one["value"])


def filled(browser: FlaskClient, action: str = "submit") -> dict[str, str]:
    """What a form that somebody filled in sends."""
    written = {"title": TITLE, "source": TEXT, "category": a_category(browser), "action": action}
    return form_in(browser.get("/ask/write")) | written


def ask(browser: FlaskClient, **fields: str) -> str:
    """Ask: the claim code."""
    answer = write(browser, **fields)
    assert answer.status_code == 200, words_in(answer, "main")
    return code_in(answer)


def code_in(answer: TestResponse) -> str:
    """The claim code that the page shows."""
    found = BeautifulSoup(answer.text, "html.parser").select_one("textarea#claim-code")
    assert found is not None, words_in(answer, "main")
    return found.get_text().strip()


def again(browser: FlaskClient, answer: TestResponse, button: str, **fields: str) -> TestResponse:
    """Press a button of the page that was answered, wherever its form is."""
    page = BeautifulSoup(answer.text, "html.parser")
    pressed = next(b for b in page.select("main form button") if words_of(b) == button)
    form = pressed.find_parent("form")
    assert form is not None
    return send(browser, "/ask", form, button=button, **fields)


def open_with(browser: FlaskClient, code: str) -> TestResponse:
    """Enter a claim code."""
    return submit(browser, "/ask/claim", code=code)


def form_in(answer: TestResponse, selector: str = "main form[method=post]") -> dict[str, str]:
    """What the page's form holds."""
    found = BeautifulSoup(answer.text, "html.parser").select_one(selector)
    assert found is not None, words_in(answer, "main")
    return fields_of(found)
