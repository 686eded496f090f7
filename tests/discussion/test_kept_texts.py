"""A text that cannot be published stays with its author, and never replaces what it did not see."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from forum.categories.queries import Audiences
from forum.db import rows
from forum.discussion.models import Draft
from forum.testing.factories import Factories
from forum.testing.forms import send, submit
from tests.evidence import form_of, text_given_back, words_of

LONG = "long words " * 14_000


def drafts(app: Flask) -> list[tuple[str, str, int | None]]:
    """Place, text and version of every draft."""
    with app.app_context():
        found = rows(select(Draft.place, Draft.source, Draft.based_on))
        return [(row.place, row.source, row.based_on) for row in found]


def test_session_that_ended_in_a_closed_category_gives_the_text_back(
    app: Flask, factories: Factories
) -> None:
    category = factories.category(audiences=Audiences(see="members"))
    factories.thread(category=category)
    person = factories.member()
    browser = factories.signed_in(person)
    form = form_of(browser.get("/t/1/reply"))
    browser.delete_cookie("forum")

    answer = send(browser, "/t/1/reply", form, button="Publish", source="Kept.")
    resumed = send(
        browser, "/t/1/reply", form_of(answer), email=person.email, password=person.password
    )

    assert (answer.status_code, text_given_back(answer)) == (403, "Kept.")
    assert (resumed.status_code, resumed.location) == (303, "/t/1/reply")
    assert drafts(app) == [("reply:1", "Kept.", None)]


def test_text_too_long_to_post_is_kept_whole_as_a_draft(app: Flask, factories: Factories) -> None:
    factories.thread()
    browser = factories.signed_in(factories.member())

    answer = submit(browser, "/t/1/reply", button="Publish", source=LONG)

    assert answer.status_code == 422
    assert drafts(app) == [("reply:1", LONG, None)]


def test_old_draft_of_an_edit_does_not_replace_a_newer_version(
    app: Flask, factories: Factories
) -> None:
    author = factories.member()
    factories.thread(author)
    browser = factories.signed_in(author)
    moderator = factories.signed_in(factories.member(role="moderator"))
    submit(browser, "/t/1/1/edit", button="Preview", source="The author's draft.")
    submit(moderator, "/t/1/1/edit", button="Publish", source="The moderator's version.")

    answer = submit(browser, "/t/1/1/edit", button="Publish")

    assert (answer.status_code, text_given_back(answer)) == (409, "The author's draft.")
    assert words_of(browser.get("/t/1"), ".post .words p") == ["The moderator's version."]
    assert drafts(app) == [("edit:1", "The author's draft.", 2)]


def test_draft_begun_for_another_post_says_so(app: Flask, factories: Factories) -> None:
    thread = factories.thread()
    factories.reply(thread)
    browser = factories.signed_in(factories.member())
    submit(browser, "/t/1/reply?to=1", button="Preview", source="To the first.")

    other = browser.get("/t/1/reply?to=2")
    same = browser.get("/t/1/reply")

    assert words_of(other, ".composer .notice") == ["This draft was begun as a reply to #1."]
    assert words_of(same, ".composer .notice") == []
    assert words_of(same, ".replied-to a") == ["#1"]
