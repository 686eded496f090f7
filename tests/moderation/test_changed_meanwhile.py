"""A decision is about what the moderator read: what was changed meanwhile is read first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forum.accounts.closing_actions import erase_member
from forum.discussion.actions import edit_post, prepare
from forum.discussion.curating_actions import (
    empty_version,
    file_thread,
    move_thread,
    remove_post,
    remove_thread,
    restore_post,
)
from forum.discussion.moving_actions import move_posts
from forum.moderation.appeal_actions import appeal
from forum.moderation.decision_actions import label_flagged
from forum.moderation.flag_actions import flag_post
from forum.record.actions import undo
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send
from tests.evidence import everything, form_of, words_of
from tests.moderation.judging import Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# What a browser asks for, and what the script of the page does.
FORM, SCRIPT = "text/html", "application/json, text/html;q=0.9"
CASE, DECIDE = "/moderation/1", "form.decide"
CHANGED = "The post was changed, moved or labelled meanwhile. Look at it again."
REMOVED = "This post was removed meanwhile, so nobody reads it."
APART = ("jobs", "member_sessions")


class Street(Town):
    """Bo has flagged Ada's reply 2 in thread 1, case 1; there is a thread 2 in another category."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        self.bo = factories.member("Bo")
        self.reply = factories.reply(self.first, self.ada, source="It is fine.")
        self.kilns = factories.category("Kilns")
        self.other = factories.thread(self.bo, self.kilns, title="Kiln")
        self.by(self.bo, flag_post, 1, 2, words="Look at it.")

    def browser(self, person: Person, wants: str) -> FlaskClient:
        """Somebody's browser, with or without the script of the page."""
        browser = self.make.signed_in(person)
        browser.environ_base["HTTP_ACCEPT"] = wants
        return browser

    def edit(self) -> None:
        """Ada writes something else."""
        with self.app.test_request_context():
            text = prepare("BUY PILLS!")
        self.by(self.ada, edit_post, self.reply.id, text=text, based_on=1)


@pytest.fixture
def street(app: Flask, factories: Factories) -> Street:
    """A case."""
    return Street(app, factories)


def decide(
    browser: FlaskClient, page: TestResponse, button: str, address: str = CASE
) -> TestResponse:
    """Press a button of a page that was opened before, having written something."""
    return send(browser, address, form_of(page, DECIDE), button=button, words="It is fine.")


CHANGES: dict[str, tuple[Callable[[Street], object], str]] = {
    "edited": (lambda s: s.edit(), CHANGED),
    "called otherwise": (
        lambda s: s.by(s.max, file_thread, 1, title="Pills", tags=""),
        CHANGED,
    ),
    "moved": (lambda s: s.by(s.max, move_posts, 1, [2], into=s.other.thread_id), CHANGED),
    "moved with its thread": (lambda s: s.by(s.max, move_thread, 1, s.kilns.id), CHANGED),
    "removed": (lambda s: s.by(s.max, remove_post, 1, 2, reason="Off topic."), REMOVED),
    "removed with its thread": (
        lambda s: s.by(s.max, remove_thread, 1, reason="Off topic."),
        CHANGED,
    ),
    "emptied": (lambda s: s.by(s.max, empty_version, 1, 2, 1), REMOVED),
}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "wants"),
    [*((name, FORM) for name in CHANGES), ("edited", SCRIPT), ("moved", SCRIPT)],
)
def test_what_was_changed_meanwhile_is_read_before_it_is_decided(
    street: Street, change: str, wants: str
) -> None:
    mo = street.browser(street.mo, wants)
    page = mo.get(CASE)
    act, told = CHANGES[change]
    act(street)
    before = everything(street.app, less=APART)
    answer = decide(mo, page, "Nothing wrong")
    assert (answer.status_code, words_of(answer, "#error-summary li")) == (409, [told])
    assert everything(street.app, less=APART) == before
    # What was written stands there still; now that it was read, the same button decides.
    assert words_of(answer, "textarea[name=words]") == ["It is fine."]
    assert ("BUY PILLS!" in answer.text) == (change == "edited")
    again = decide(mo, answer, "Nothing wrong")
    assert (again.status_code, again.is_json) in ((303, False), (200, True))


@ONE_DATABASE
@pytest.mark.parametrize("wants", [FORM, SCRIPT])
def test_what_was_erased_meanwhile_is_not_decided_any_more(street: Street, wants: str) -> None:
    mo = street.browser(street.mo, wants)
    page = mo.get(CASE)
    street.by(street.olga, erase_member, street.ada.id, empty_posts=True)
    answer = decide(mo, page, "Nothing wrong")
    assert answer.status_code == 409
    [told] = words_of(answer, "#error-summary li")
    assert "meanwhile" in told
    assert words_of(answer, "#unsaid") == ["It is fine."]


@ONE_DATABASE
def test_what_was_put_back_as_it_was_is_decided(street: Street) -> None:
    mo = street.make.signed_in(street.mo)
    page = mo.get(CASE)
    street.by(street.max, remove_post, 1, 2, reason="Off topic.")
    street.by(street.max, restore_post, 1, 2)
    assert decide(mo, page, "Nothing wrong").status_code == 303


@ONE_DATABASE
def test_what_does_not_say_what_was_read_decides_nothing(street: Street) -> None:
    mo = street.make.signed_in(street.mo)
    token = fields_of(form_of(mo.get(CASE), DECIDE))["csrf_token"]
    before = everything(street.app, less=APART)
    for mark in ({}, {"mark": ""}, {"mark": "0" * 16}):
        sent = {"csrf_token": token, "decision": "nothing", "words": "Fine.", **mark}
        assert mo.post(CASE, data=sent).status_code == 409
    assert everything(street.app, less=APART) == before


@pytest.mark.parametrize(
    ("button", "wants"), [("It was decided rightly", FORM), ("Undo what was decided", SCRIPT)]
)
def test_appeal_against_what_was_undone_meanwhile_is_read_again(
    street: Street, button: str, wants: str
) -> None:
    street.by(street.mo, label_flagged, 1, label="Old", words="It is old.")
    street.by(street.ada, appeal, 1, words="It is not.")
    address, max_ = "/moderation/2", street.browser(street.max, wants)
    page = max_.get(address)
    street.by(street.mo, undo, 1)
    before = everything(street.app, less=APART)
    answer = decide(max_, page, button, address)
    assert (answer.status_code, words_of(answer, "#error-summary li")) == (
        *(409, ["What this appeal is against is undone meanwhile. Look at it again."]),
    )
    assert everything(street.app, less=APART) == before
    assert words_of(answer, "textarea[name=words]") == ["It is fine."]
    again = decide(max_, answer, "It was decided rightly", address)
    assert (again.status_code, again.is_json) in ((303, False), (200, True))


@ONE_DATABASE
@pytest.mark.parametrize("wants", [FORM, SCRIPT])
def test_flag_for_another_reason_is_read_before_the_case_is_decided(
    street: Street, wants: str
) -> None:
    mo = street.browser(street.mo, wants)
    page = mo.get(CASE)
    street.by(street.make.member("Cy"), flag_post, 1, 2, words="Look at it.")
    street.by(street.make.member("Di"), flag_post, 1, 2, words="It names my address.")
    late = decide(mo, page, "Nothing wrong")
    assert late.status_code == 409
    assert "Somebody flagged the post for another reason meanwhile." in late.text
    assert words_of(late, f"{DECIDE} textarea[name=words]") == ["It is fine."]
    assert "It names my address." in late.text
    assert decide(mo, late, "Nothing wrong").status_code < 400


@ONE_DATABASE
def test_same_reason_again_and_a_storm_of_reasons_block_nobody(street: Street) -> None:
    mo = street.browser(street.mo, FORM)
    page = mo.get(CASE)
    street.by(street.make.member(), flag_post, 1, 2, words="Look at it.")
    for n in range(19):
        street.by(street.make.member(), flag_post, 1, 2, words=f"Reason {n}.")
    assert decide(mo, page, "Nothing wrong").status_code == 409
    page = mo.get(CASE)
    street.by(street.make.member(), flag_post, 1, 2, words="One more.")
    assert decide(mo, page, "Nothing wrong").status_code == 303
