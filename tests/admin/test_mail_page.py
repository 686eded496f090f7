"""Administrators see to whom letters went, and never what they say; a command tries the mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.cli import main
from forum.db import transaction
from forum.jobs.queue import enqueue
from forum.testing.factories import Factories
from tests.evidence import words_of
from tests.notifications.mail_server import MailServer

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SECRET = "open sesame"


def test_list_shows_whom_letters_went_to_and_not_what_they_say(
    app: Flask, factories: Factories, worker: Callable[[], int]
) -> None:
    admin = factories.signed_in(factories.community())
    ada = factories.member("Ada")
    thread = factories.thread(ada, title=SECRET)
    factories.reply(thread, factories.member("Bo"), source=SECRET)
    worker()
    page = admin.get("/admin/mail")
    [row] = words_of(page, "tbody tr")
    assert row.startswith(f"{ada.email} reply sent")
    assert SECRET not in page.text
    assert SECRET not in admin.get("/admin/mail?as=jsonl").text
    assert words_of(admin.get("/admin/mail?search=bo"), "tbody tr") == []
    assert words_of(admin.get("/admin/mail?state=waiting"), "tbody tr") == []


def test_list_is_for_administrators(app: Flask, factories: Factories) -> None:
    factories.community()
    moderator = factories.signed_in(factories.member(role="moderator"))
    assert moderator.get("/admin/mail").status_code == 403


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server on this machine."""
    with MailServer().running() as server:
        yield server


def tried(app: Flask, server: MailServer | None, *words: str) -> tuple[int, str]:
    """The status and the words of the command."""
    settings = app.extensions["forum_settings"]
    environment = {"FORUM_DATABASE": settings.database}
    if server is not None:
        port = str(server.server_address[1])
        environment |= {"FORUM_SMTP_HOST": "127.0.0.1", "FORUM_SMTP_PORT": port}
        environment |= {"FORUM_SMTP_TLS": "none"}
    called = ["--instance", str(settings.instance), "mail", *words]
    done = CliRunner().invoke(main, called, env=environment)
    return done.exit_code, done.output


@ONE_DATABASE
def test_trial_letter_says_what_the_server_answers(app: Flask, server: MailServer) -> None:
    address = "ada@example.org"
    assert tried(app, server, "test", address) == (0, "The mail server took it: 127.0.0.1.\n")
    assert [letter["To"] for _, letter in server.received] == [address]

    server.lost = {address}
    assert tried(app, server, "test", address) == (
        1,
        "Error: The server does not take letters for this address. It says: "
        "550 nobody of this name\n",
    )
    server.answers = {"MAIL": "550 \x1b[31mno"}
    status, said = tried(app, server, "test", address)
    assert (status, said.count("\x1b"), "mail_from" in said) == (1, 0, True)


@ONE_DATABASE
def test_trial_letter_without_a_server_says_where_it_lies(app: Flask) -> None:
    status, said = tried(app, None, "test", "ada@example.org")
    folder: Path = app.extensions["forum_settings"].mail_folder
    assert (status, said) == (0, f"No mail server is named, so it lies in {folder}.\n")
    assert len(list(folder.iterdir())) == 1
    assert tried(app, None, "test", "nowhere")[0] == 1


@ONE_DATABASE
def test_command_lists_letters(app: Flask, worker: Callable[[], int]) -> None:
    with app.app_context(), transaction():
        enqueue("mail", kind="already_registered", to="ada@example.org")
    worker()
    status, said = tried(app, None, "list", "--json", "--state", "sent")
    assert (status, '"recipient": "ada@example.org"' in said) == (0, True)
