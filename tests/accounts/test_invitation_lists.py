"""Inviting many from a list, for some days; what became of invitations; links that do not work."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from forum.accounts import invitation_actions
from forum.accounts.invitation_actions import invite
from forum.accounts.invitation_list_actions import invite_all
from forum.accounts.models import Invitation, Member
from forum.admin.listing import Wanted, all_rows
from forum.cli import main
from forum.clock import utcnow
from forum.community.models import Change
from forum.db import db, rows, transaction, value
from forum.errors import Invalid
from forum.jobs.models import Job
from forum.permissions import OPERATOR
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import form_of, words_of

Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]
LIST = "/admin/invitations/list"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def olga(factories: Factories) -> Person:
    """The administrator."""
    return factories.community()


def invited(app: Flask, email: str = "", days: int = 14) -> str:
    """The path of a new invitation's link."""
    with app.test_request_context(), transaction():
        return f"/invitation/{invite(OPERATOR, email, days=days)}"


def send(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Post these fields, whatever the form shows."""
    token = fields_of(form_of(browser.get("/sign-out")))["csrf_token"]
    return browser.post(path, data={"csrf_token": token, **fields})


def counts(app: Flask) -> tuple[int, int]:
    """How many invitations, and how many jobs there are."""
    with app.app_context():
        return tuple(  # type: ignore[return-value]
            value(select(func.count()).select_from(table)) for table in (Invitation, Job)
        )


def test_fifty_people_are_invited_from_a_list_and_one_comes(
    app: Flask, factories: Factories, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    browser = factories.signed_in(olga)
    addresses = [f"guest{number}@example.net" for number in range(50)]
    lines = [*addresses[:20], f"Lovelace, Ada <{addresses[20]}>", "", *addresses[21:40]]
    text = "\r\n".join([*lines, "; ".join(addresses[40:45]), ", ".join(addresses[45:])])

    asked = submit(browser, LIST, addresses=text, days="30")
    assert (asked.status_code, words_of(asked, "h1")) == (200, ["Invite 50 people?"])
    assert words_of(asked, ".consequences li") == addresses
    assert counts(app) == (0, 0)
    fields = fields_of(form_of(asked))
    changed = browser.post(LIST, data={**fields, "step": "change"})
    assert fields_of(form_of(changed))["addresses"].split() == text.split()

    done = browser.post(LIST, data={**fields, "step": "invite"})
    assert (done.status_code, done.location) == (303, "/admin/invitations")
    assert counts(app) == (50, 50)
    sent = {str(letter["To"]): letter for letter in letters()}
    assert sorted(sent) == sorted(addresses)
    with app.app_context():
        last = value(select(func.max(Invitation.expires_at)))
    assert timedelta(days=29) < last - utcnow() < timedelta(days=30)
    assert f"until {last.day} {last:%B %Y}, {last:%H:%M} (UTC)" in sent[addresses[7]].get_content()
    link = link_in(sent[addresses[7]])
    guest = app.test_client()
    assert submit(guest, link, name="Nadia", password=PASSWORD).status_code == 303
    with app.app_context():
        assert rows(select(Member.email).where(Member.name == "Nadia")) == [(addresses[7],)]
        noted = value(select(func.count()).where(Change.kind == "invitation.list"))
    assert noted == 1
    assert words_of(browser.get("/admin/invitations?state=used"), "tbody td:nth-child(2)") == [
        addresses[7]
    ]


def test_each_line_that_cannot_be_taken_is_named_and_nobody_is_invited(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser = factories.signed_in(olga)
    invited(app, "invited@example.net")
    before = counts(app)
    lines = ["good@example.net", "<b>nobody", "GOOD@example.net, other@example.net"]
    lines += [olga.email.upper(), "invited@example.net", "Ada Lovelace", "a\x00@example.net"]
    text = "\n".join(lines)
    answers = [send(browser, LIST, addresses=text, days="14", step=s) for s in ("", "invite")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert words_of(answers[0], "#error-summary li") == [
        "Line 2, <b>nobody: This is no e-mail address like name@example.org.",
        "Line 3, GOOD@example.net: This address stands in line 1 already.",
        f"Line 4, {olga.email.upper()}: This address has an account already.",
        "Line 5, invited@example.net: This address is invited already, and the invitation is open.",
        "Line 6, Ada Lovelace: This is no e-mail address like name@example.org.",
        "Line 7, a�@example.net: This is no e-mail address like name@example.org.",
    ]
    assert "<b>nobody" not in answers[0].text
    assert fields_of(form_of(answers[0]))["addresses"].split("\n")[2].strip() == (
        "GOOD@example.net, other@example.net"
    )
    assert counts(app) == before


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"addresses": ""}, "Enter at least one e-mail address."),
        ({"addresses": " ,\n;"}, "Enter at least one e-mail address."),
        (
            {"addresses": "\n".join(f"a{n}@example.net" for n in range(501))},
            "Invite at most 500 people at a time.",
        ),
        ({"addresses": "x" * 100_001}, "Invite at most 500 people at a time."),
        ({"days": "0"}, "Enter a number of days from 1 to 90."),
        ({"days": "91"}, "Enter a number of days from 1 to 90."),
        ({"days": "soon"}, "Enter a number of days from 1 to 90."),
        ({"days": ""}, "Enter a number of days from 1 to 90."),
    ],
)
def test_list_that_cannot_be_taken_is_given_back(
    app: Flask, factories: Factories, olga: Person, fields: dict[str, str], message: str
) -> None:
    browser = factories.signed_in(olga)
    sent = {"addresses": "ada@example.net", "days": "14", "step": "invite", **fields}
    answer = send(browser, LIST, **sent)
    assert (answer.status_code, message in answer.text) == (422, True)
    assert fields_of(form_of(answer))["addresses"].strip("\n") == sent["addresses"].strip("\n")
    assert counts(app) == (0, 0)


def test_list_that_is_sent_twice_at_once_is_taken_once(app: Flask, olga: Person) -> None:
    start = threading.Barrier(3)
    listed = "\n".join(f"guest{number}@example.org" for number in range(40))

    def press(_: int) -> int:
        with app.test_request_context():
            start.wait()
            with transaction():
                return len(invite_all(OPERATOR, listed).faults)

    with ThreadPoolExecutor(3) as pool:
        faults = sorted(pool.map(press, range(3)))
    assert (faults, counts(app)) == ([0, 40, 40], (40, 40))


@ONE_DATABASE
@pytest.mark.parametrize("path", [LIST, "/admin/invitations/new"])
def test_nobody_mails_half_a_country(
    app: Flask,
    factories: Factories,
    olga: Person,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    browser = factories.signed_in(olga)
    monkeypatch.setattr(invitation_actions, "MOST_A_DAY", 2)
    for _ in range(2):
        invited(app)
    fields = {"addresses": "a@example.net", "email": "a@example.net", "days": "1"}
    answer = send(browser, path, **fields, step="invite")
    assert (answer.status_code, "At most 2 people" in answer.text) == (422, True)
    assert counts(app) == (2, 0)
    with app.app_context(), transaction():
        db.session.execute(update(Invitation).values(created_at=utcnow() - timedelta(days=1)))
    assert send(browser, path, **fields, step="invite").status_code == 303


def test_invitation_is_sent_again_with_a_new_link(
    app: Flask, factories: Factories, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    browser, stranger = factories.signed_in(olga), app.test_client()
    first = invited(app, "nadia@example.net", days=1)
    letters()
    with app.app_context(), transaction():
        db.session.execute(update(Invitation).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert "It has expired" in browser.get("/admin/invitations/1").text
    assert submit(browser, "/admin/invitations/1/again", days="91").status_code == 422
    assert submit(browser, "/admin/invitations/1/again", days="3").status_code == 303
    second = link_in(letters()[-1])
    assert [stranger.get(link).status_code for link in (first, second)] == [404, 200]
    assert "nobody has used it yet" in browser.get("/admin/invitations/1").text

    assert submit(stranger, second, name="Nadia", password=PASSWORD).status_code == 303
    form = fields_of(form_of(browser.get("/sign-out")))
    for action in ("again", "withdraw"):
        answer = browser.post(f"/admin/invitations/1/{action}", data={**form, "days": "3"})
        assert (answer.status_code, "used or withdrawn" in answer.text) == (404, True)
    assert "It was used." in browser.get("/admin/invitations/1").text


def test_no_letter_goes_out_for_an_invitation_that_was_taken_back(
    app: Flask, factories: Factories, olga: Person, letters: Letters, link_in: LinkIn
) -> None:
    browser = factories.signed_in(olga)
    for address in ("wrong@example.net", "right@example.net"):
        invited(app, address)
    assert submit(browser, "/admin/invitations/1/withdraw").status_code == 303
    again = invited(app, "right@example.net")
    sent = letters()
    assert [letter["To"] for letter in sent] == ["right@example.net"]
    assert link_in(sent[0]) == again


@ONE_DATABASE
def test_invitation_without_address_and_one_with_an_account_are_not_sent_again(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser = factories.signed_in(olga)
    invited(app)
    invited(app, "member1@example.org")
    factories.member()
    answers = [submit(browser, f"/admin/invitations/{n}/again", days="3") for n in (1, 2)]
    assert [answer.status_code for answer in answers] == [404, 422]
    assert "there is no letter to send again. Withdraw it" in answers[0].text
    assert "This address has an account already." in answers[1].text
    assert counts(app)[1] == 1


def test_no_list_and_no_file_has_a_link_that_works(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser = factories.signed_in(olga)
    link = invited(app, "nadia@example.net").rpartition("/")[2]
    with app.app_context():
        [(kept,)] = rows(select(Invitation.token_hash))
    for query in ("", "?as=csv", "?as=jsonl", "/1"):
        page = browser.get(f"/admin/invitations{query}").text
        assert ("nadia@example.net" in page, link in page, kept in page) == (True, False, False)
    found = words_of(browser.get("/admin/invitations?search=nadia"), "tbody td:nth-child(2)")
    assert found == ["nadia@example.net"]


def test_links_that_are_forged_expired_or_used_let_nobody_in(app: Flask, olga: Person) -> None:
    client = app.test_client()
    used, old, good = (invited(app, f"{name}@example.net") for name in ("used", "old", "good"))
    assert submit(client, used, name="Uma", password=PASSWORD).status_code == 303
    with app.app_context(), transaction():
        is_old = Invitation.email == "old@example.net"
        past = utcnow() - timedelta(seconds=1)
        db.session.execute(update(Invitation).where(is_old).values(expires_at=past))
        hashes = [row.token_hash for row in rows(select(Invitation.token_hash))]
    forged = [
        good[:-1],
        good + "A",
        "/invitation/x",
        "/invitation/%00",
        "/invitation/" + "A" * 5000,
    ]
    forged += [f"/invitation/{kept}" for kept in hashes]
    stranger = app.test_client()
    token = fields_of(form_of(stranger.get(good)))["csrf_token"]
    data = {"csrf_token": token, "name": "Mallory", "password": PASSWORD}
    for link in (used, old, *forged):
        assert stranger.get(link).status_code == 404, link
        assert stranger.post(link, data=data).status_code == 404, link
    with app.app_context():
        assert value(select(func.count()).where(Member.name == "Mallory")) == 0
    assert stranger.post(good, data=data).status_code == 303


@ONE_DATABASE
@pytest.mark.parametrize("days", [0, 91, -1])
def test_days_are_checked_by_the_action_too(app: Flask, olga: Person, days: int) -> None:
    with app.test_request_context(), pytest.raises(Invalid) as error, transaction():
        invite(OPERATOR, days=days)
    assert error.value.field == "days"


@ONE_DATABASE
def test_lists_are_invited_and_withdrawn_by_command(
    app: Flask, instance: Path, database: str, olga: Person, tmp_path: Path
) -> None:
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")
    file = tmp_path / "people.txt"
    file.write_text("Ada <ada@example.net>\nbo@example.net\n", "utf-8")

    def run(*words: str, given: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(main, ["--instance", str(instance), *words], input=given)
        return result.exit_code, result.output

    assert run("invite", str(file), "--days", "3")[0] == 0
    code, said = run("invite", "-", given="cy@example.net\nbo@example.net\n")
    assert (code, "Line 2, bo@example.net: This address is invited already" in said) == (1, True)
    assert run("invitations", "add", "cy@example.net", "di@example.net")[0] == 0
    assert run("invite", str(tmp_path / "none.txt"))[0] == 1
    assert run("invite", "--days", "91")[0] == 2
    assert run("invitations", "withdraw", "1")[0] == 0
    assert run("invitations", "withdraw", "1")[0] == 1
    assert run("invitations", "again", "2")[0] == 0
    code, said = run("invitations", "list", "--json", "--state", "open")
    assert [json.loads(line)["email"] for line in said.splitlines()] == [
        "di@example.net",
        "cy@example.net",
        "bo@example.net",
    ]


@ONE_DATABASE
def test_listing_names_states_by_the_clock(app: Flask, olga: Person) -> None:
    from forum.admin.invitation_queries import INVITATIONS

    for email in ("open@example.net", "old@example.net"):
        invited(app, email)
    with app.test_request_context(), transaction():
        is_old = Invitation.email == "old@example.net"
        db.session.execute(update(Invitation).where(is_old).values(expires_at=utcnow()))
        found = [row[1:3] for row in all_rows(INVITATIONS, Wanted())]
    assert found == [("old@example.net", "expired"), ("open@example.net", "open")]
