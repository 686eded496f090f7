"""A mail server that hangs, refuses or forgets: nothing is lost, and other work goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.app import create_app
from forum.db import db, rows, transaction
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS, Work, work_off
from forum.notifications import mail, sending
from forum.notifications.models import SentMail
from forum.testing.application import close
from forum.testing.factories import PASSWORD
from forum.testing.forms import submit
from tests.notifications.mail_server import MailServer

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ADA, BO = "ada@example.org", "bo@example.org"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server on this machine, and a worker that was not disappointed by it yet."""
    monkeypatch.setattr(sending, "rest", sending.Rest())
    with MailServer().running() as server:
        yield server


def serving(instance: Path, database: str, server: MailServer, **settings: Any) -> Flask:
    """The forum with this mail server."""
    return create_app(
        instance,
        database=database,
        smtp_host="127.0.0.1",
        smtp_port=server.server_address[1],
        mail_from="forum@pots.example",
        public_url="http://pots.example",
        **{"smtp_tls": "none", **settings},
    )


@pytest.fixture
def forum(instance: Path, database: str, server: MailServer) -> Iterator[Flask]:
    """The forum with this mail server."""
    app = serving(instance, database, server)
    yield app
    close(app)


def write_to(app: Flask, *addresses: str) -> None:
    with app.app_context(), transaction():
        for address in addresses:
            enqueue("mail", kind="already_registered", to=address)


def jobs(app: Flask) -> list[tuple[Any, ...]]:
    """State, attempts and the kind of the last error of each job."""
    with app.app_context():
        statement = select(Job.state, Job.attempts, Job.last_error).order_by(Job.id)
        return [tuple(row) for row in rows(statement)]


def letters(app: Flask) -> list[tuple[Any, ...]]:
    """Recipient, state and attempts of each letter, and whether it has a time of sending."""
    found = select(SentMail.recipient, SentMail.state, SentMail.attempts, SentMail.sent_at)
    with app.app_context():
        return [
            (to, state, attempts, sent_at is not None)
            for to, state, attempts, sent_at in rows(found.order_by(SentMail.id))
        ]


def let_time_pass(app: Flask) -> None:
    """All that waits is due, and the mail server is asked again."""
    sending.rest.until = 0.0
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(run_at=datetime(2024, 1, 1, tzinfo=UTC)))


def test_each_letter_is_noted_with_what_became_of_it(forum: Flask, server: MailServer) -> None:
    write_to(forum, ADA)
    assert letters(forum) == []
    work_off(forum)
    assert letters(forum) == [(ADA, "sent", 1, True)]


def test_refused_recipient_is_set_aside_at_once_and_the_others_are_written_to(
    forum: Flask, server: MailServer
) -> None:
    server.lost = {ADA}
    write_to(forum, ADA, BO)
    work_off(forum)
    assert [letter["To"] for _, letter in server.received] == [BO]
    assert jobs(forum) == [("set aside", 1, "SMTPRecipientsRefused")]
    assert letters(forum) == [(ADA, "set aside", 1, False), (BO, "sent", 1, True)]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        ({"DATA": "554 no such words here"}, "set aside", "SMTPDataError"),
        ({"DATA": "451 later"}, "waiting", "SMTPDataError"),
        ({"RCPT": "450 mailbox busy"}, "waiting", "SMTPRecipientsRefused"),
        ({"RCPT": "530 sign in first"}, "waiting", "SMTPRecipientsRefused"),
        ({"MAIL": "550 who are you"}, "waiting", "OutOfReach"),
    ],
)
def test_what_is_refused_for_now_waits_and_what_is_refused_for_good_does_not(
    forum: Flask, server: MailServer, answers: dict[str, str], state: str, error: str
) -> None:
    server.answers = answers
    write_to(forum, ADA)
    work_off(forum)
    assert (jobs(forum), server.received) == ([(state, 1, error)], [])
    assert letters(forum) == [(ADA, state, 1, False)]


@ONE_DATABASE
@pytest.mark.parametrize(
    "settings",
    [{"smtp_tls": "starttls"}, {"smtp_tls": "tls"}, {"smtp_user": "forum", "smtp_password": "x"}],
    ids=["no STARTTLS", "no TLS", "no sign-in"],
)
def test_server_that_does_not_let_us_in_is_asked_again_and_gets_no_letter(
    instance: Path, database: str, server: MailServer, settings: dict[str, str]
) -> None:
    app = serving(instance, database, server, **settings)
    write_to(app, ADA)
    work_off(app)
    assert (jobs(app), server.received) == ([("waiting", 1, "OutOfReach")], [])
    close(app)


@ONE_DATABASE
def test_address_that_the_server_cannot_write_is_set_aside(
    forum: Flask, server: MailServer
) -> None:
    server.offers = []
    write_to(forum, "jürgen@example.org", ADA)
    work_off(forum)
    assert [letter["To"] for _, letter in server.received] == [ADA]
    assert jobs(forum) == [("set aside", 1, "SMTPNotSupportedError")]


def test_while_the_server_is_away_one_letter_asks_for_it_and_other_work_goes_on(
    forum: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    monkeypatch.setitem(HANDLERS, "note", lambda work: done.append(work.id))
    server.answers = {"MAIL": "421 closing"}
    write_to(forum, ADA, BO)
    with forum.app_context(), transaction():
        enqueue("note")
    work_off(forum)
    assert (len(done), server.connections) == (1, 1)
    # What was not tried has no attempt behind it.
    assert jobs(forum) == [("waiting", 1, "OutOfReach"), ("waiting", 0, "")]
    work_off(forum)
    assert server.connections == 1

    server.answers = {}
    let_time_pass(forum)
    work_off(forum)
    assert sorted(letter["To"] for _, letter in server.received) == [ADA, BO]
    assert (jobs(forum), sending.rest.seconds) == ([], 0.0)


def test_pauses_grow_up_to_five_minutes() -> None:
    rest = sending.Rest()
    pauses = []
    for _ in range(7):
        rest.begin()
        pauses.append(rest.seconds)
    assert pauses == [15, 30, 60, 120, 240, 300, 300]
    assert 299 < rest.left() <= 300


@ONE_DATABASE
@pytest.mark.parametrize("how", ["silent", "drips"])
def test_server_that_hangs_holds_a_worker_only_for_a_while(
    forum: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    # Real limits are 15 and 25 seconds; what matters is that both are met.
    monkeypatch.setattr(mail, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(mail, "LETTER_SECONDS", 1.0)
    if how == "silent":
        server.silent = True
    else:
        # Each byte comes before an answer is missed; the greeting alone would take 5 seconds.
        server.drips = 0.4
    write_to(forum, ADA)
    began = time.monotonic()
    work_off(forum)
    assert time.monotonic() - began < 4
    assert jobs(forum) == [("waiting", 1, "OutOfReach")]
    server.closing.set()


def test_letter_that_was_taken_without_a_word_goes_out_again_under_its_name(
    forum: Flask, server: MailServer
) -> None:
    server.forgets = 1
    write_to(forum, ADA)
    work_off(forum)
    assert letters(forum) == [(ADA, "waiting", 1, False)]
    let_time_pass(forum)
    work_off(forum)
    names = [letter["Message-ID"] for _, letter in server.received]
    assert (len(names), len(set(names))) == (2, 1)
    assert letters(forum) == [(ADA, "sent", 2, True)]


@ONE_DATABASE
@pytest.mark.parametrize("answer", ["421 too busy for goodbyes", "500 what", "nonsense"])
def test_rude_goodbye_does_not_send_a_letter_again(
    forum: Flask, server: MailServer, answer: str
) -> None:
    server.answers = {"QUIT": answer}
    write_to(forum, ADA, BO)
    work_off(forum)
    assert [letter["To"] for _, letter in server.received] == [ADA, BO]
    assert jobs(forum) == []


@ONE_DATABASE
def test_letter_is_tried_for_two_days_before_it_is_set_aside(
    forum: Flask, server: MailServer
) -> None:
    server.answers = {"DATA": "451 later"}
    write_to(forum, ADA)
    with forum.app_context(), transaction():
        db.session.execute(update(Job).values(attempts=sending.MOST_TRIES - 2))
    for state in ("waiting", "set aside"):
        let_time_pass(forum)
        work_off(forum)
        assert [job[0] for job in jobs(forum)] == [state]
    assert letters(forum) == [(ADA, "set aside", 2, False)]


@ONE_DATABASE
def test_letter_to_nobody_any_more_leaves_no_line(forum: Flask) -> None:
    with forum.app_context(), transaction():
        enqueue("mail", kind="reply", member=7, notification=1)
    work_off(forum)
    assert (jobs(forum), letters(forum)) == ([], [])


@ONE_DATABASE
def test_letters_are_ascii_for_servers_that_take_nothing_else(
    forum: Flask, server: MailServer
) -> None:
    with forum.app_context():
        words = mail.Letter("trial-1", datetime(2024, 1, 1, tzinfo=UTC), ADA, "Grüße", "Töpfe\n")
        mail.mailer_for(forum.extensions["forum_settings"]).send(words)
    [(envelope, letter)] = server.received
    assert letter["Content-Transfer-Encoding"] == "quoted-printable"
    assert letter.as_bytes().isascii()
    assert letter.get_content().splitlines() == ["Töpfe"]
    assert [line for line in envelope if "8BITMIME" in line] == []


def test_request_that_asks_for_a_letter_does_not_speak_to_the_mail_server(
    forum: Flask, server: MailServer
) -> None:
    server.silent = True
    answer = submit(forum.test_client(), "/register", name="Ada", email=ADA, password=PASSWORD)
    assert (answer.status_code, server.connections) == (303, 0)
    assert [job[:2] for job in jobs(forum)] == [("waiting", 0)]


def test_worker_that_is_too_slow_does_not_change_what_another_noted(
    forum: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = HANDLERS["mail"]

    def slow(work: Work) -> None:
        real(work)
        # Another worker has taken it over meanwhile.
        with transaction():
            db.session.execute(update(Job).values(attempts=Job.attempts + 1))

    monkeypatch.setitem(HANDLERS, "mail", slow)
    write_to(forum, ADA)
    work_off(forum)
    assert [job[:2] for job in jobs(forum)] == [("waiting", 2)]
    assert letters(forum) == [(ADA, "waiting", 1, False)]
