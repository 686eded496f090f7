"""The small task of registering: solved it costs nothing more, unsolved a moderator reads first."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from altcha import Challenge, Payload, create_challenge, solve_challenge
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts import proof_actions
from forum.accounts.invitation_actions import invite
from forum.accounts.models import Community, Member, Registration
from forum.clock import utcnow
from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.permissions import OPERATOR
from forum.testing.factories import PASSWORD, Factories
from forum.testing.forms import send, submit
from tests.evidence import form_of, links_of

Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ADA = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
WORKER = Path(__file__).parents[2] / "forum/static/altcha/pbkdf2.js"


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that Python solves quickly, too."""
    monkeypatch.setattr(proof_actions, "ROUNDS", 1)


def task_of(browser: FlaskClient) -> str | None:
    """The task of the form for registering."""
    field = form_of(browser.get("/register")).select_one("[name=proof]")
    assert field is not None
    return str(field["data-task"]) if field.get("data-task") else None


def solved(task: str | None) -> str:
    """What a browser makes of a task."""
    assert task is not None
    challenge = Challenge.from_dict(json.loads(task))
    solution = solve_challenge(challenge)
    assert solution is not None
    return Payload(challenge, solution).to_base64()


def proven(app: Flask) -> list[bool]:
    """Which registrations are proven, oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(Registration.is_proven).order_by(Registration.id)))


@pytest.fixture
def thread(factories: Factories) -> FlaskClient:
    """A forum with one thread: the browser of its moderator."""
    moderator = factories.signed_in(factories.community())
    factories.thread()
    return moderator


def joined(browser: FlaskClient, letters: Letters, link_in: LinkIn, proof: str) -> None:
    """Register, and follow the link in the letter."""
    assert submit(browser, "/register", **ADA, proof=proof).location == "/register/sent"
    assert submit(browser, link_in(letters()[-1]), password=PASSWORD).status_code == 303


def test_who_solved_it_posts_at_once(
    client: FlaskClient, thread: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    joined(client, letters, link_in, solved(task_of(client)))
    answer = submit(client, "/t/1/reply?to=1", button="Publish", source="Slowly.")
    assert answer.location == "/t/1/2"


def test_without_a_solution_the_first_post_waits_and_the_next_does_not(
    client: FlaskClient, thread: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    page = client.get("/register").text
    assert "A moderator will read your first post" in page
    joined(client, letters, link_in, "")

    first = submit(client, "/t/1/reply?to=1", button="Publish", source="Slowly.")
    assert first.location == "/t/1"
    [held] = links_of(client.get("/t/1"), 'a[href^="/held/"]')
    assert "This is your first post, and your browser did not solve" in client.get(held).text
    [case] = links_of(thread.get("/moderation"), ".case h2 a")
    assert submit(thread, case, form="form.decide", button="Publish").status_code == 303
    second = submit(client, "/t/1/reply?to=1", button="Publish", source="Very slowly.")
    assert second.location == "/t/1/3"


def test_solution_counts_once(app: Flask, client: FlaskClient, thread: FlaskClient) -> None:
    proof = solved(task_of(client))
    for name in ("ada", "bo"):
        fields = {**ADA, "email": f"{name}@example.org"}
        assert submit(client, "/register", **fields, proof=proof).location == "/register/sent"
    assert proven(app) == [True, False]


def test_form_that_has_to_be_mended_keeps_its_solution(
    app: Flask, client: FlaskClient, thread: FlaskClient
) -> None:
    proof = solved(task_of(client))
    wrong = submit(client, "/register", **{**ADA, "password": "short"}, proof=proof)
    assert wrong.status_code == 422
    again = send(client, "/register", form_of(wrong), password=PASSWORD)
    assert (again.location, proven(app)) == ("/register/sent", [True])


def _signed_elsewhere() -> str:
    task = create_challenge("PBKDF2/SHA-256", 1, hmac_secret="not ours")
    return solved(json.dumps(task.to_dict()))


def _cheaper(task: str) -> str:
    facts = json.loads(task)
    facts["parameters"]["keyPrefix"] = ""
    return solved(json.dumps(facts))


def _wrong_counter(task: str) -> str:
    facts = json.loads(base64.b64decode(solved(task)))
    facts["solution"]["counter"] += 1
    return base64.b64encode(json.dumps(facts).encode()).decode()


def _odd(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


WRONG: dict[str, Callable[[str], str]] = {
    "no base64": lambda _: "ä%%%",
    "no JSON": lambda _: base64.b64encode(b"{").decode(),
    "not UTF-8": lambda _: base64.b64encode(b"\xff\xfe").decode(),
    "a list": lambda _: _odd([1]),
    "lists inside": lambda _: _odd({"challenge": [], "solution": []}),
    "words inside": lambda _: _odd({"challenge": {"parameters": "x"}, "solution": "y"}),
    "nothing inside": lambda _: _odd({"challenge": None, "solution": None}),
    "deep": lambda _: base64.b64encode(b"[" * 1400).decode(),
    "long": lambda _: "A" * 5000,
    "of another forum": lambda _: _signed_elsewhere(),
    "made easier": _cheaper,
    "another counter": _wrong_counter,
}


@ONE_DATABASE
def test_wrong_solutions_are_taken_for_none(
    app: Flask, client: FlaskClient, thread: FlaskClient
) -> None:
    for number, (name, make) in enumerate(WRONG.items()):
        proof = make(str(task_of(client)))
        fields = {**ADA, "email": f"ada{number}@example.org"}
        answer = submit(client, "/register", **fields, proof=proof)
        assert (answer.status_code, answer.location) == (303, "/register/sent"), name
    assert proven(app) == [False] * len(WRONG)


@ONE_DATABASE
def test_task_ends_after_two_hours(
    app: Flask, client: FlaskClient, thread: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = solved(task_of(client))
    later = utcnow() + timedelta(hours=2, seconds=1)
    with app.test_request_context(), transaction():
        monkeypatch.setattr(proof_actions, "utcnow", lambda: later)
        assert not proof_actions.use_solution(proof)
        monkeypatch.undo()
        assert proof_actions.use_solution(proof)
        assert not proof_actions.use_solution(proof)


@ONE_DATABASE
@pytest.mark.parametrize("why", ["switched off", "an address of ours", "invited"])
def test_nothing_is_asked_of_who_is_no_stranger(
    app: Flask, client: FlaskClient, factories: Factories, thread: FlaskClient, why: str
) -> None:
    address = "/register"
    with app.test_request_context(), transaction():
        if why == "switched off":
            change_settings(OPERATOR, {"proof_of_work": "no"})
        elif why == "an address of ours":
            rules = {"registration": "domain", "email_domains": "example.org"}
            db.session.execute(update(Community).values(**rules))
        else:
            address = f"/invitation/{invite(OPERATOR)}"
    page = client.get(address).text
    assert "data-task" not in page
    assert "<noscript>" not in page
    submit(client, address, **ADA)
    assert proven(app) == [True]


@ONE_DATABASE
def test_switching_it_off_lets_first_posts_pass(
    app: Flask, factories: Factories, thread: FlaskClient
) -> None:
    person = factories.member()
    with app.test_request_context(), transaction():
        member = update(Member).where(Member.id == person.id)
        db.session.execute(member.values(unproven_at=utcnow()))
        change_settings(OPERATOR, {"proof_of_work": "no"})
    browser = factories.signed_in(person)
    answer = submit(browser, "/t/1/reply?to=1", button="Publish", source="Slowly.")
    assert answer.location == "/t/1/2"


def test_worker_is_the_one_that_was_read() -> None:
    """altcha 3.2.2 of npm, dist/workers/pbkdf2.js, as it is."""
    read = "7862add9c9d3d847ded3da928edcf406b46478754b9883351111414825b9c86f"
    assert hashlib.sha256(WORKER.read_bytes()).hexdigest() == read
