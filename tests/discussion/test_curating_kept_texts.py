"""A text whose place was closed while it was written: the reason is told, the text comes back and
stays as a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from forum.accounts.models import Community, Grant, Group
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.models import Draft, Post
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, send, submit
from tests.evidence import form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TEXT = "Slowly, over two days."
REPLY, EDIT = "/t/1/reply", "/t/1/2/edit"


class Closing:
    """Bo writes in thread 1, where he has post 2; Mo and the database close its place."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app = app
        thread = factories.thread()
        bo = factories.member("Bo")
        factories.reply(thread, bo)
        self.bo = factories.signed_in(bo)
        self.mo = factories.signed_in(factories.member("Mo", role="moderator"))
        factories.member("Kim", group="Kilns")
        with app.app_context():
            group = str(rows(select(Group.id))[0][0])
        hidden = factories.category("Hidden", audiences=Audiences(see=group))
        with app.app_context():
            self.hidden = str(hidden.id)

    def lock(self) -> None:
        submit(self.mo, "/t/1/lock", reason="It became loud.")

    def move(self) -> None:
        submit(self.mo, "/t/1/move", category=self.hidden)

    def remove(self) -> None:
        submit(self.mo, "/t/1/remove", reason="Posted twice.")

    def silence(self) -> None:
        with self.app.app_context(), transaction():
            db.session.execute(
                delete(Grant).where(Grant.permission.in_(("thread.reply", "post.edit_own")))
            )

    def remove_post(self) -> None:
        submit(self.mo, "/t/1/2/remove", reason="Advertisement.")

    def wait(self) -> None:
        with self.app.app_context(), transaction():
            db.session.execute(update(Community).values(edit_minutes=30))
            old = utcnow() - timedelta(minutes=30)
            db.session.execute(update(Post).where(Post.number == 2).values(created_at=old))

    def drafts(self) -> list[tuple[str, str]]:
        with self.app.app_context():
            return [tuple(row) for row in rows(select(Draft.place, Draft.source))]


@pytest.fixture
def closing(app: Flask, factories: Factories) -> Closing:
    """A thread that will be closed while somebody writes."""
    return Closing(app, factories)


CASES: dict[str, tuple[str, Callable[[Closing], None], int, str]] = {
    "reply, locked": (REPLY, Closing.lock, 403, "It became loud."),
    "reply, moved": (REPLY, Closing.move, 404, "not open to you"),
    "reply, removed": (REPLY, Closing.remove, 404, "Posted twice."),
    "reply, right gone": (REPLY, Closing.silence, 403, "You may not reply"),
    "edit, locked": (EDIT, Closing.lock, 403, "It became loud."),
    "edit, moved": (EDIT, Closing.move, 404, "not open to you"),
    "edit, removed": (EDIT, Closing.remove, 404, "Posted twice."),
    "edit, right gone": (EDIT, Closing.silence, 403, "You may not change"),
    "edit, post removed": (EDIT, Closing.remove_post, 409, "This post was removed"),
    "edit, too late": (EDIT, Closing.wait, 403, "changed for 30 minutes"),
}


def pressed_after(
    closing: Closing, case: str, button: str
) -> tuple[TestResponse, tuple[str, int, str]]:
    """The composer was open, its place is closed, a button is pressed."""
    path, close, status, reason = CASES[case]
    form = form_of(closing.bo.get(path))
    close(closing)
    answer = send(closing.bo, path, form, button=button, source=TEXT)
    place = "reply:1" if path == REPLY else "edit:2"
    return answer, (place, status, reason)


@pytest.mark.parametrize("case", CASES)
def test_text_comes_back_with_the_reason(closing: Closing, case: str) -> None:
    answer, (place, status, reason) = pressed_after(closing, case, "Publish")
    assert (answer.status_code, text_given_back(answer)) == (status, TEXT)
    assert reason in answer.text
    assert closing.drafts() == [(place, TEXT)]


@ONE_DATABASE
@pytest.mark.parametrize("case", CASES)
def test_preview_gives_it_back_too(closing: Closing, case: str) -> None:
    answer, (place, status, reason) = pressed_after(closing, case, "Preview")
    assert (answer.status_code, text_given_back(answer)) == (status, TEXT)
    assert reason in answer.text
    assert closing.drafts() == [(place, TEXT)]


@ONE_DATABASE
@pytest.mark.parametrize("close", [Closing.lock, Closing.move, Closing.remove])
def test_repair_gives_it_back_too(closing: Closing, close: Callable[[Closing], None]) -> None:
    loud = "PLEASE OPEN THE KILN SLOWLY"
    preview = submit(closing.bo, REPLY, button="Preview", source=loud)
    button = form_of(preview).select_one("button[name=repair]")
    assert isinstance(button, Tag)
    close(closing)
    answer = send(closing.bo, REPLY, form_of(preview), button=button.get_text())
    assert (answer.status_code >= 400, text_given_back(answer)) == (True, loud)
    assert closing.drafts() == [("reply:1", loud)]


@ONE_DATABASE
def test_page_of_a_text_with_no_place_tells_nothing_of_where_it_went(closing: Closing) -> None:
    moved, _ = pressed_after(closing, "reply, moved", "Publish")
    token = fields_of(form_of(closing.bo.get("/new")))["csrf_token"]
    form = {"csrf_token": token, "source": TEXT, "action": "publish"}
    nowhere = closing.bo.post("/t/999/reply", data=form)
    assert words_of(moved, "main > header") == words_of(nowhere, "main > header")


@ONE_DATABASE
def test_form_without_a_token_keeps_nothing(closing: Closing) -> None:
    closing.remove()
    answer = closing.bo.post(REPLY, data={"source": TEXT, "action": "publish"})
    assert (answer.status_code, text_given_back(answer)) == (404, TEXT)
    assert closing.drafts() == []


@ONE_DATABASE
@pytest.mark.parametrize("path", [REPLY, EDIT])
def test_closed_composer_does_not_open(closing: Closing, path: str) -> None:
    closing.lock()
    answer = closing.bo.get(path)
    assert (answer.status_code, "It became loud." in answer.text) == (403, True)


@ONE_DATABASE
def test_text_goes_out_once_the_thread_is_open_again(closing: Closing) -> None:
    refused, _ = pressed_after(closing, "reply, locked", "Publish")
    submit(closing.mo, "/t/1/unlock")
    published = send(closing.bo, REPLY, form_of(refused), button="Publish")
    assert (published.status_code, published.location) == (303, "/t/1/3")
    assert closing.drafts() == []


def edit_links(browser: FlaskClient) -> list[str]:
    """Where one may change posts of thread 1."""
    return links_of(browser.get("/t/1"), ".post footer a[href$=edit]")


def test_edit_link_goes_when_the_window_closes(closing: Closing) -> None:
    seen = [edit_links(closing.bo), edit_links(closing.mo)]
    closing.wait()
    seen += [edit_links(closing.bo), edit_links(closing.mo)]
    assert seen == [["/t/1/2/edit"], ["/t/1/1/edit", "/t/1/2/edit"], [], seen[1]]


def test_kept_page_is_not_shown_once_the_window_is_closed(closing: Closing) -> None:
    closing.wait()
    seen = []
    for minutes in (31, 30):
        with closing.app.app_context(), transaction():
            db.session.execute(update(Community).values(edit_minutes=minutes))
        seen.append(edit_links(closing.bo))
    assert seen == [["/t/1/2/edit"], []]
