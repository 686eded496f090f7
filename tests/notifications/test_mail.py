"""Letters: readable, with the permanent address, the same when sent again, and never under a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Group
from forum.app import create_app
from forum.db import db, rows, transaction
from forum.discussion.models import Post
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import work_off
from forum.notifications.mail import FileMailer, Letter, as_message
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from tests.notifications.mail_server import MailServer

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LETTER = Letter(
    key="reply-7",
    written_at=datetime(2024, 3, 1, 12, 0, 5, tzinfo=UTC),
    to="jürgen@exämple.org",
    subject="Ünïcode: “crackle” 🙂 " + "and a long title " * 8,
    body="Grüße\n\nhttps://pots.example/t/1/2\n",
)


def read(path: Path) -> EmailMessage:
    """A letter as a mail program reads it."""
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.fixture
def told(factories: Factories) -> tuple[Person, Post]:
    """Somebody who was replied to, and the reply."""
    factories.community()
    ada = factories.member("Ada")
    thread = factories.thread(ada, title="Crackle “on” stoneware")
    return ada, factories.reply(thread, factories.member("Bo"), source="Cool it *slowly*, mönkey.")


def test_letter_about_a_reply_says_who_where_and_what(
    app: Flask, told: tuple[Person, Post], worker: Callable[[], int]
) -> None:
    worker()
    [path] = app.extensions["forum_settings"].mail_folder.iterdir()
    letter = read(path)
    assert {name: letter[name] for name in ("From", "To", "Subject", "Auto-Submitted")} == {
        "From": "forum@localhost",
        "To": told[0].email,
        "Subject": "Bo replied: Crackle “on” stoneware",
        "Auto-Submitted": "auto-generated",
    }
    assert letter.get_content() == (
        "Bo replied in “Crackle “on” stoneware”:\n\n"
        "Cool it slowly, mönkey.\n\n"
        "Read and answer: http://127.0.0.1:8000/t/1/2\n\n"
        "-- \nPotters\nhttp://127.0.0.1:8000/\n"
    )
    # Somebody without a mail program reads the file itself.
    assert "Cool it slowly, mönkey." in path.read_text("utf-8")


def test_letters_of_one_second_are_as_many_files(app: Flask) -> None:
    with app.app_context(), transaction():
        for name in ("ada", "bo", "cy"):
            enqueue("mail", kind="already_registered", to=f"{name}@example.org")
    for name in ("di", "eli"):
        work_off(app)
        with app.app_context(), transaction():
            enqueue("mail", kind="already_registered", to=f"{name}@example.org")
    work_off(app)
    paths = list(app.extensions["forum_settings"].mail_folder.iterdir())
    assert sorted(read(path)["To"].split("@")[0] for path in paths) == [
        "ada",
        "bo",
        "cy",
        "di",
        "eli",
    ]
    assert len({read(path)["Message-ID"] for path in paths}) == 5


def test_letter_survives_any_script_and_length(tmp_path: Path) -> None:
    FileMailer(tmp_path / "mail", "Töpfer <forum@pots.example>").send(LETTER)
    [path] = (tmp_path / "mail").iterdir()
    assert path.name == "20240301-120005-reply-7.eml"
    letter = read(path)
    assert letter["To"] == LETTER.to
    assert letter["From"] == "Töpfer <forum@pots.example>"
    assert " ".join(letter["Subject"].split()) == " ".join(LETTER.subject.split())
    assert letter.get_content() == LETTER.body
    assert letter["Message-ID"] == "<reply-7@pots.example>"
    assert letter["Date"].datetime == LETTER.written_at


@pytest.mark.parametrize("sender", ["forum", "", "Töpfer"])
def test_sender_without_a_host_still_names_the_letter(sender: str) -> None:
    assert as_message(LETTER, sender)["Message-ID"] == "<reply-7@localhost>"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with MailServer().running() as server:
        yield server


@pytest.fixture
def mailing(instance: Path, database: str, mail_server: MailServer) -> Iterator[Flask]:
    """The forum with this mail server."""
    app = create_app(
        instance,
        database=database,
        smtp_host="127.0.0.1",
        smtp_port=mail_server.server_address[1],
        smtp_tls="none",
        mail_from="forum@pots.example",
        public_url="https://pots.example/",
    )
    yield app
    close(app)


def test_letter_goes_to_the_mail_server_while_nothing_is_locked(
    mailing: Flask, mail_server: MailServer
) -> None:
    def write() -> None:
        with mailing.app_context(), transaction():
            db.session.add(Group(name="written meanwhile"))

    mail_server.meanwhile = write
    with mailing.app_context(), transaction():
        enqueue("mail", kind="already_registered", to="ada@example.org")
    assert work_off(mailing) == 1
    [(envelope, letter)] = mail_server.received
    assert [line.split()[1] for line in envelope] == [
        "FROM:<forum@pots.example>",
        "TO:<ada@example.org>",
    ]
    assert "Sign in: https://pots.example/sign-in" in letter.get_content()
    with mailing.app_context():
        assert [row.name for row in rows(select(Group.name))] == ["written meanwhile"]
        assert rows(select(Job.id)) == []


@ONE_DATABASE
def test_letter_that_the_server_refuses_is_sent_later(
    mailing: Flask, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.answers["DATA"] = "451 later"
    with mailing.app_context(), transaction():
        enqueue("mail", kind="already_registered", to="ada@example.org")
    work_off(mailing)
    with mailing.app_context():
        [(attempts, error)] = rows(select(Job.attempts, Job.last_error))
    assert (attempts, error, mail_server.received) == (1, "SMTPDataError", [])
    del mail_server.answers["DATA"]
    with mailing.app_context(), transaction():
        db.session.execute(update(Job).values(run_at=datetime(2024, 1, 1, tzinfo=UTC)))
    work_off(mailing)
    assert [letter["To"] for _, letter in mail_server.received] == ["ada@example.org"]


@ONE_DATABASE
@pytest.mark.parametrize("email", ["jürgen@example.org", "ada@exämple.org"])
def test_letter_reaches_addresses_of_any_script(
    mailing: Flask, mail_server: MailServer, email: str
) -> None:
    with mailing.app_context(), transaction():
        enqueue("mail", kind="already_registered", to=email)
    work_off(mailing)
    assert [letter["To"] for _, letter in mail_server.received] == [email]
