"""What the community says about itself can be changed, by administrators only."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.queries import community_rules
from forum.accounts.rules import CommunityRules
from forum.community.models import Change, ChangeValue
from forum.db import rows
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import words_of

ADDRESS = "/admin/community"


def test_administrator_changes_name_and_words(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community("Potters"))

    answer = submit(admin, ADDRESS, community="Kiln Circle", for_whom="People who fire.")

    assert (answer.status_code, answer.location) == (303, ADDRESS)
    about = app.test_client().get("/about")
    assert words_of(about, "h1") == ["About Kiln Circle"]
    assert words_of(about, "section p")[0] == "People who fire."


def test_words_without_end_are_refused_with_their_limit(factories: Factories) -> None:
    admin = factories.signed_in(factories.community())

    answer = submit(admin, ADDRESS, for_whom="x" * 2_001)

    assert answer.status_code == 422
    assert words_of(answer, "#for_whom-error") == ["To mend: Shorten this to 2000 characters."]


def test_words_that_cannot_be_shown_are_refused_where_they_stand(factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    for field in ("community", "for_whom", "not_for_whom"):
        answer = submit(admin, ADDRESS, **{field: "Pot\0ters"})
        assert (answer.status_code, len(words_of(answer, f"#{field}-error"))) == (422, 1)
    assert words_of(admin.get("/about"), "h1") == ["About Potters"]


def test_members_may_not_change_it(factories: Factories) -> None:
    factories.community()
    assert factories.signed_in(factories.member()).get(ADDRESS).status_code == 403


def test_administrator_changes_the_rules(app: Flask, factories: Factories) -> None:
    browser = factories.signed_in(factories.community())
    rules = {"registration": "domain", "email_domains": "Example.org", "edit_minutes": "30"}
    assert submit(browser, ADDRESS, **rules).status_code == 303
    with app.app_context():
        assert community_rules() == CommunityRules("domain", "example.org", 30)
    assert submit(browser, ADDRESS, edit_minutes="").status_code == 303
    with app.app_context():
        assert community_rules() == CommunityRules("domain", "example.org", None)


@pytest.mark.parametrize("minutes", ["0", "-1", "1.5", "soon", "9" * 30])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_minutes_that_are_none_are_refused_and_nothing_changes(
    app: Flask, factories: Factories, minutes: str
) -> None:
    browser = factories.signed_in(factories.community())
    answer = submit(browser, ADDRESS, edit_minutes=minutes, community="Weavers")
    assert answer.status_code == 422
    assert 'href="#edit_minutes"' in answer.text
    assert "Weavers" not in browser.get("/about").text


def test_what_was_changed_is_noted_and_nothing_else(app: Flask, factories: Factories) -> None:
    olga = factories.community("Potters")
    admin = factories.signed_in(olga)
    submit(admin, ADDRESS, community="Kiln Circle", edit_minutes="30")
    submit(admin, ADDRESS)
    values = select(
        Change.actor_id, Change.kind, ChangeValue.field, ChangeValue.before, ChangeValue.after
    )
    with app.app_context():
        noted = rows(values.join(Change, Change.id == ChangeValue.change_id).order_by(Change.id))
    assert [tuple(one) for one in noted] == [
        (olga.id, "community.change", "name", "Potters", "Kiln Circle"),
        (olga.id, "community.rules", "edit_minutes", "", "30"),
    ]


def test_community_may_speak_german(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    guest = app.test_client()
    assert '<html lang="en"' in guest.get("/").text

    answer = submit(admin, ADDRESS, language="de")

    assert answer.status_code == 303
    page = guest.get("/")
    assert '<html lang="de"' in page.text
    assert words_of(page, "h1") == ["Themen"]


def test_language_that_is_not_there_is_refused(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())

    answer = submit(admin, ADDRESS, language="xx")

    assert answer.status_code == 422
    assert '<html lang="en"' in app.test_client().get("/").text
