"""Coming in by invitation, or with an address of the right domain."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.actions import Browser
from forum.accounts.community_actions import change_rules
from forum.accounts.invitation_actions import invite
from forum.accounts.models import Invitation, Member
from forum.accounts.registration_actions import confirm
from forum.accounts.rules import CommunityRules, can_register
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.errors import Invalid, NotFound
from forum.permissions import OPERATOR
from forum.testing.application import count_statements
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import form_of, words_of

Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]
NADIA = {"name": "Nadia", "email": "nadia@example.net", "password": PASSWORD}
INVITED = {"name": "Nadia", "password": PASSWORD}


@pytest.fixture
def olga(factories: Factories) -> Person:
    """The administrator."""
    return factories.community()


def decide(app: Flask, registration: str, domains: str = "") -> None:
    """Let the community have this rule."""
    with app.test_request_context(), transaction():
        change_rules(OPERATOR, CommunityRules(registration, domains))


def invited(app: Flask, email: str = "") -> str:
    """The path of a new invitation's link."""
    with app.test_request_context(), transaction():
        return f"/invitation/{invite(OPERATOR, email)}"


def names(app: Flask) -> list[str]:
    """Everybody who has an account besides the administrator."""
    with app.app_context():
        found = rows(select(Member.name).order_by(Member.id))
    return [row.name for row in found if row.name != "Olga"]


def test_who_may_register_with_which_address() -> None:
    rules = CommunityRules("domain", "example.org .uni.example")
    addresses = [
        "a@example.org",
        "a@EXAMPLE.org",
        "a@sub.example.org",
        "a@notexample.org",
        "a@uni.example",
        "a@cs.uni.example",
        "a@example.org.evil.example",
    ]
    found = [can_register(rules, address) for address in addresses]
    assert found == [True, True, False, False, False, True, False]
    assert can_register(CommunityRules("open"), "a@anywhere.example")
    assert not can_register(CommunityRules("invitation", "example.org"), "a@example.org")


def test_only_listed_domains_register(
    app: Flask, client: FlaskClient, olga: Person, letters: Letters
) -> None:
    decide(app, "domain", "example.org, Bücher.example")
    assert "For addresses at: example.org, xn--bcher-kva.example." in client.get("/register").text
    refused = submit(client, "/register", **NADIA)
    assert refused.status_code == 422
    assert "Use your address at one of these domains" in words_of(refused, "#email-error")[0]
    for email in ("nadia@example.org", "nadia@bücher.example", olga.email):
        assert submit(client, "/register", **{**NADIA, "email": email}).status_code == 303
    assert len(letters()) == 3


def test_invitation_lets_in_where_nobody_can_register(
    app: Flask, client: FlaskClient, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    form = submit(client, "/register", **NADIA)
    assert form.status_code == 303
    decide(app, "invitation")
    page = client.get("/register")
    assert "New members come by invitation." in page.text
    assert "<form" not in page.text
    link = invited(app)
    assert submit(client, link, **{**NADIA, "email": "other@example.net"}).status_code == 303
    confirmed = submit(client, link_in(letters()[-1]), password=PASSWORD)
    assert (confirmed.status_code, names(app)) == (303, ["Nadia"])
    assert app.test_client().get(link).status_code == 404
    with app.app_context():
        [used] = rows(select(Invitation.used_at, Invitation.used_by))
    assert (used.used_at is not None, used.used_by) == (True, 2)


def test_form_from_before_the_rule_is_refused(
    app: Flask, client: FlaskClient, olga: Person, letters: Letters
) -> None:
    filled_in = {**fields_of(form_of(client.get("/register"))), **NADIA}
    decide(app, "invitation")
    answer = client.post("/register", data=filled_in)
    assert answer.status_code == 403
    assert "You need an invitation to register." in answer.text
    assert letters() == []


def test_mailed_invitation_makes_the_account_at_once_and_for_its_address_alone(
    app: Flask, client: FlaskClient, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    decide(app, "domain", "example.org")
    invited(app, "nadia@example.net")
    [letter] = letters()
    assert (letter["To"], letter["Subject"]) == (
        "nadia@example.net",
        "You are invited to Potters",
    )
    link = link_in(letter)
    assert "This invitation is for nadia@example.net." in client.get(link).text
    answer = submit(client, link, **INVITED)
    assert (answer.status_code, answer.location, names(app)) == (303, "/", ["Nadia"])
    assert client.get("/me").status_code == 200
    with app.app_context():
        assert rows(select(Member.email).where(Member.name == "Nadia")) == [("nadia@example.net",)]
    assert app.test_client().get(link).status_code == 404


@pytest.mark.parametrize("mailed", [True, False])
def test_of_two_who_use_an_invitation_at_once_one_comes_in(
    app: Flask, olga: Person, letters: Letters, link_in: LinkIn, mailed: bool
) -> None:
    browsers = [app.test_client() for _ in range(2)]
    start = threading.Barrier(2)
    link = invited(app, "nadia@example.net" if mailed else "")
    if not mailed:
        for number, browser in enumerate(browsers):
            submit(browser, link, **{**NADIA, "email": f"nadia{number}@example.net"})
    tokens = [link_in(letter).rpartition("/")[2] for letter in letters()]

    def come(number: int) -> int:
        if mailed:
            start.wait()
            return submit(browsers[number], link, **INVITED).status_code
        with app.test_request_context():
            start.wait()
            try:
                confirm(tokens[number], PASSWORD, browser=Browser())
            except NotFound:
                return 404
        return 303

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(come, range(2))) == [303, 404]
    assert names(app) == ["Nadia"]


def test_expired_invitation_does_not_work(app: Flask, client: FlaskClient, olga: Person) -> None:
    link = invited(app)
    with app.app_context(), transaction():
        db.session.execute(update(Invitation).values(expires_at=utcnow() - timedelta(seconds=1)))
    answer = client.get(link)
    assert answer.status_code == 404
    assert "This invitation was used already, was withdrawn, or is too old." in answer.text


def test_invited_address_that_has_an_account_by_now_is_told_to_sign_in(
    app: Flask, client: FlaskClient, factories: Factories, olga: Person
) -> None:
    link = invited(app, "member1@example.org")
    factories.member()
    answer = submit(client, link, **INVITED)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert names(app) == ["Member 1"]


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("password", "short"), ("name", "a" * 61)]
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_invitation_survives_what_cannot_be_taken(
    app: Flask, client: FlaskClient, olga: Person, field: str, value: str
) -> None:
    link = invited(app, "nadia@example.net")
    assert submit(client, link, **{**INVITED, field: value}).status_code == 422
    assert submit(client, link, **INVITED).status_code == 303


def test_administrator_invites_and_withdraws(
    app: Flask, factories: Factories, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    browser = factories.signed_in(olga)
    answer = submit(browser, "/admin/invitations/new", email="nadia@example.net")
    assert (answer.status_code, answer.location) == (303, "/admin/invitations")
    submit(browser, "/admin/invitations/new")
    shown = browser.get("/admin/invitations")
    [said] = [text for text in words_of(shown, ".notice") if "/invitation/" in text]
    cells = "tbody td:nth-child(2)"
    assert words_of(shown, cells) == ["whoever has the link", "nadia@example.net"]
    link = "/invitation/" + said.rpartition("/")[2]
    mailed = link_in(letters()[0])
    stranger = app.test_client()
    assert [stranger.get(path).status_code for path in (link, mailed)] == [200, 200]
    assert "/invitation/" not in browser.get("/admin/invitations").text
    answer = submit(browser, "/admin/invitations/2/withdraw")
    assert answer.status_code == 303
    assert [stranger.get(path).status_code for path in (link, mailed)] == [404, 200]
    assert words_of(browser.get("/admin/invitations"), cells) == ["nadia@example.net"]
    assert browser.get("/admin/invitations/2").status_code == 404


def test_inviting_an_address_again_ends_the_earlier_invitation(
    app: Flask, client: FlaskClient, olga: Person
) -> None:
    links = [invited(app, "nadia@example.net") for _ in range(2)]
    assert [client.get(link).status_code for link in links] == [404, 200]


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("olga@example.org", "This address has an account already."),
        ("nobody", "Enter an e-mail address like name@example.org."),
        ("a\x00@example.org", "Enter an e-mail address like name@example.org."),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_address_that_cannot_be_invited(
    app: Flask, factories: Factories, olga: Person, email: str, message: str
) -> None:
    answer = submit(factories.signed_in(olga), "/admin/invitations/new", email=email)
    assert answer.status_code == 422
    assert message in words_of(answer, "#email-error")[0]


@pytest.mark.parametrize("role", ["", "moderator"])
def test_only_administrators_invite(app: Flask, factories: Factories, role: str) -> None:
    factories.community()
    browser = factories.signed_in(factories.member(role=role))
    form = fields_of(form_of(browser.get("/sign-out")))
    answers = [
        browser.get("/admin/invitations").status_code,
        browser.post("/admin/invitations/new", data=form).status_code,
        browser.post("/admin/invitations/1/withdraw", data=form).status_code,
    ]
    assert answers == [403, 403, 403]


def test_list_of_many_invitations_takes_as_many_statements_as_of_one(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser, counts = factories.signed_in(olga), []
    for times in (1, 30):
        for _ in range(times):
            invited(app)
        with count_statements(app) as statements:
            browser.get("/admin/invitations")
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (CommunityRules("domain", ""), "email_domains"),
        (CommunityRules("domain", " , "), "email_domains"),
        (CommunityRules("domain", "example.org not/a/domain"), "email_domains"),
        (CommunityRules("open", "x" * 2001), "email_domains"),
        (CommunityRules("open", "a\x00b.example"), "email_domains"),
        (CommunityRules("closed"), "registration"),
        (CommunityRules("open", "", 0), "edit_minutes"),
        (CommunityRules("open", "", -5), "edit_minutes"),
        (CommunityRules("open", "", 10**12), "edit_minutes"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rule_that_cannot_be_is_refused_at_its_field(
    app: Flask, olga: Person, rules: CommunityRules, field: str
) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as error, transaction():
        change_rules(OPERATOR, rules)
    assert error.value.field == field
