"""Members' pages: who they are, what they have written, and who may see what of it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.accounts.profile_actions import ProfileText, change_profile
from forum.categories.queries import MEMBERS, Audiences
from forum.db import transaction
from forum.discussion.queries import ROWS_A_PAGE
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import words_of

ABOUT = "I keep the kilns."


@pytest.fixture
def ada(app: Flask, factories: Factories) -> Person:
    """Somebody who has said who they are."""
    factories.community()
    ada = factories.member("Ada")
    said = ProfileText("Ada", "ada", "Europe/London", "she/her", "Kilns", "Clay Ltd", ABOUT)
    actor = factories.actor(ada)
    with app.test_request_context(), transaction():
        change_profile(actor, said)
    return ada


def titles(browser: FlaskClient, address: str) -> list[str]:
    """The titles in a list of posts, in their order."""
    return words_of(browser.get(address), ".rows h3")


def test_member_sees_who_somebody_is_and_what_they_wrote(factories: Factories, ada: Person) -> None:
    thread = factories.thread(ada, title="Crackle")
    factories.reply(factories.thread(title="Slips"), ada)
    factories.reply(thread, title := factories.member("Bo"))
    page = factories.signed_in(title).get(f"/members/{ada.id}")
    assert page.status_code == 200
    assert words_of(page, "h1") == ["Ada"]
    assert words_of(page, ".rows h3") == ["Slips", "Crackle"]
    for words in ("@ada", "she/her", "Kilns", "Clay Ltd", ABOUT, "Europe/London"):
        assert words in page.text


def test_guest_sees_the_name_and_public_posts_alone(
    client: FlaskClient, factories: Factories, ada: Person
) -> None:
    factories.thread(ada, title="Crackle")
    hidden = factories.category("Staff", audiences=Audiences(see=MEMBERS))
    factories.thread(ada, hidden, title="Among ourselves")
    page = client.get(f"/members/{ada.id}")
    assert (words_of(page, "h1"), words_of(page, ".rows h3")) == (["Ada"], ["Crackle"])
    for words in ("@ada", "she/her", "Kilns", "Clay Ltd", ABOUT, "Europe/London", "Among"):
        assert words not in page.text
    bo = factories.signed_in(factories.member("Bo"))
    assert titles(bo, f"/members/{ada.id}") == ["Among ourselves", "Crackle"]


def test_guest_does_not_learn_of_members_who_wrote_nothing_public(
    client: FlaskClient, factories: Factories, ada: Person
) -> None:
    hidden = factories.category("Staff", audiences=Audiences(see=MEMBERS))
    factories.thread(ada, hidden)
    addresses = (f"/members/{ada.id}", "/members/@ada")
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    factories.thread(ada)
    assert [client.get(address).status_code for address in addresses] == [200, 303]


def test_handle_leads_to_the_page_and_a_changed_one_does_not(
    factories: Factories, ada: Person
) -> None:
    browser = factories.signed_in(ada)
    answer = browser.get("/members/@ADA")
    assert (answer.status_code, answer.location) == (303, f"/members/{ada.id}")
    submit(browser, "/me", handle="countess")
    found = [browser.get(f"/members/@{handle}").status_code for handle in ("ada", "countess")]
    assert found == [404, 303]


def test_long_list_goes_on_from_where_it_ended(factories: Factories, ada: Person) -> None:
    for number in range(ROWS_A_PAGE + 2):
        factories.thread(ada, title=f"Firing {number}")
    browser, url = factories.signed_in(ada), f"/members/{ada.id}"
    first = titles(browser, url)
    [older] = [a for a in browser.get(url).text.split('"') if a.startswith(f"{url}?after=")]
    second = titles(browser, older)
    assert first + second == [f"Firing {n}" for n in reversed(range(ROWS_A_PAGE + 2))]


def test_page_of_many_posts_takes_as_many_statements_as_of_one(
    app: Flask, factories: Factories, ada: Person
) -> None:
    browser, url = factories.signed_in(ada), f"/members/{ada.id}"
    counts = []
    for times in (1, ROWS_A_PAGE):
        for _ in range(times):
            factories.thread(ada)
        with count_statements(app) as statements:
            browser.get(url)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "address",
    [
        "/members/0",
        "/members/99",
        "/members/999999999999999999",
        "/members/abc",
        "/members/@",
        "/members/@nobody",
        "/members/@a%00b",
        "/members/@%E2%80%AE",
        "/members/1?after=x",
        "/members/@" + "a" * 5000,
    ],
)
def test_address_of_nobody_is_not_found(factories: Factories, ada: Person, address: str) -> None:
    assert factories.signed_in(ada).get(address).status_code == 404


def test_imported_author_has_a_page_without_an_account(app: Flask, factories: Factories) -> None:
    from forum.accounts.models import ImportedAuthor, Member
    from forum.db import db

    factories.community()
    with app.app_context(), transaction():
        db.session.add(member := Member(name="user-17"))
        db.session.flush()
        member_id = member.id
        db.session.add(ImportedAuthor(site="old", external_id="17", member_id=member_id))
    page = factories.signed_in(factories.member()).get(f"/members/{member_id}")
    assert (page.status_code, words_of(page, "h1")) == (200, ["user-17"])
    assert "Wrote elsewhere" in page.text
