"""What members say about themselves, and what cannot be said."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from forum.accounts.profile_actions import ProfileText, change_profile
from forum.accounts.profile_queries import profile
from forum.db import transaction
from forum.errors import Invalid
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, submit
from tests.evidence import form_of

ADA: dict[str, str] = {
    "name": "Ada Lovelace",
    "handle": "countess",
    "pronouns": "she/her",
    "unit": "Engines",
    "employer": "Babbage Ltd, contractor",
    "about": "Tables of Bernoulli numbers.\n\nAsk me about loops.",
    "zone": "Europe/London",
    "language": "en",
}


def kept(app: Flask, member_id: int) -> dict[str, Any]:
    """What the database has of the fields in the form."""
    with app.app_context():
        found = profile(member_id)
    return {name: getattr(found, name) for name in ADA}


def test_profile_is_kept_as_it_was_typed(app: Flask, factories: Factories) -> None:
    member = factories.member("Ada")
    browser = factories.signed_in(member)
    answer = submit(browser, "/me", **{**ADA, "handle": " @Countess "})
    assert (answer.status_code, answer.location) == (303, "/me")
    assert kept(app, member.id) == ADA
    shown = fields_of(form_of(browser.get("/me")))
    assert {name: shown[name].lstrip() for name in ADA} == ADA


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("name", "Ada\u202eadA"),
        ("handle", ""),
        ("handle", "ada lovelace"),
        ("handle", "a" * 41),
        ("handle", "moderator"),
        ("handle", "bo"),
        ("pronouns", "x" * 41),
        ("pronouns", "she\u202eher"),
        ("unit", "x" * 81),
        ("employer", "x" * 81),
        ("about", "x" * 1001),
        ("about", "a\x00b"),
        ("zone", "Mars/Olympus_Mons"),
        ("language", "tlh"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_cannot_be_said_changes_nothing_and_stands_in_the_form(
    app: Flask, factories: Factories, field: str, text: str
) -> None:
    factories.member("Bo")
    member = factories.member("Ada")
    browser = factories.signed_in(member)
    before = kept(app, member.id)
    answer = submit(browser, "/me", **{**ADA, field: text})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert kept(app, member.id) == before
    shown = fields_of(form_of(answer))
    others = {name: value for name, value in ADA.items() if name != field}
    assert {name: shown[name].lstrip() for name in others} == others


def test_of_two_who_take_a_handle_at_once_one_is_told(app: Flask, factories: Factories) -> None:
    actors = [factories.actor(factories.member(name)) for name in ("Ada", "Bo")]
    start = threading.Barrier(2)

    def take(number: int) -> str:
        with app.test_request_context():
            start.wait()
            try:
                with transaction():
                    change_profile(actors[number], ProfileText("Ada", "countess", "UTC"))
            except Invalid as error:
                return error.message
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(take, range(2)))
    assert answers == ["", "Somebody has this handle. Choose another."]


def test_guests_have_no_profile(app: Flask) -> None:
    answer = app.test_client().get("/me")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/me")
