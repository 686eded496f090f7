"""The secret can be changed while the forum runs: nobody is signed out, and nothing is forged."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from forum.app import create_app
from forum.cli import main
from forum.clock import utcnow
from forum.config import ConfigError, read_settings
from forum.config.secret import Secrets, rotate_secret, secret_faults
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import fields_of

Letters = Callable[[], list[EmailMessage]]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def is_signed_in(client: FlaskClient) -> bool:
    """Whether this browser may see a member's own page."""
    return client.get("/me").status_code == 200


def cookie_of(client: FlaskClient) -> str:
    """The session cookie that the browser has."""
    cookie = client.get_cookie("forum")
    assert cookie is not None
    return cookie.value


@ONE_DATABASE
def test_sessions_survive_a_new_secret_and_end_with_the_second(
    app: Flask, instance: Path, factories: Factories
) -> None:
    def browser_with(cookie: str) -> FlaskClient:
        # A browser of somebody active gets a cookie signed anew; here the one from before counts.
        client = app.test_client()
        client.set_cookie("forum", cookie)
        return client

    early = cookie_of(factories.signed_in(factories.member()))
    rotate_secret(instance)
    assert is_signed_in(browser_with(early))
    late = cookie_of(factories.signed_in(factories.member()))
    rotate_secret(instance)
    assert not is_signed_in(browser_with(early))
    assert is_signed_in(browser_with(late))


@ONE_DATABASE
def test_secret_before_ends_when_its_time_is_over(
    app: Flask, instance: Path, factories: Factories
) -> None:
    client = factories.signed_in(factories.member())
    rotate_secret(instance)
    path = instance / "secret"
    past = (utcnow() - timedelta(seconds=1)).isoformat()
    path.write_text(re.sub(r"until .*", f"until {past}", path.read_text()))
    assert not is_signed_in(client)


@ONE_DATABASE
def test_new_secret_without_days_signs_everybody_out(
    app: Flask, instance: Path, factories: Factories
) -> None:
    client = factories.signed_in(factories.member())
    assert rotate_secret(instance, days=0) is None
    assert not is_signed_in(client)


@ONE_DATABASE
def test_every_process_takes_up_the_new_secret_at_once(
    app: Flask, instance: Path, database: str, factories: Factories
) -> None:
    other = create_app(instance, database=database)
    member = factories.member()
    app.test_client().get("/")
    other.test_client().get("/")
    rotate_secret(instance)
    signed = cookie_of(factories.signed_in(member))
    elsewhere = other.test_client()
    elsewhere.set_cookie("forum", signed)
    assert is_signed_in(elsewhere)
    close(other)


@ONE_DATABASE
def test_cookie_signed_with_another_secret_is_nobodys(
    app: Flask, instance: Path, factories: Factories
) -> None:
    client = factories.signed_in(factories.member())
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    session = serializer.loads(cookie_of(client))

    def signed_with(secret: str) -> FlaskClient:
        forger = Flask("forger")
        forger.secret_key = secret
        forged = SecureCookieSessionInterface().get_signing_serializer(forger)
        assert forged is not None
        thief = app.test_client()
        thief.set_cookie("forum", str(forged.dumps(session)))
        return thief

    # The same words with the right secret are accepted, so it is the secret that decides.
    present = Secrets(instance).current()
    assert is_signed_in(signed_with(present))
    assert not is_signed_in(signed_with("f" * 64))
    rotate_secret(instance, days=0)
    assert not is_signed_in(signed_with(present))


@ONE_DATABASE
def test_form_that_was_open_before_can_be_sent(
    app: Flask, instance: Path, factories: Factories
) -> None:
    from bs4 import BeautifulSoup

    member, client = factories.member(), app.test_client()
    form = BeautifulSoup(client.get("/sign-in").text, "html.parser").select_one("main form")
    assert form is not None
    rotate_secret(instance)
    data = {**fields_of(form), "email": member.email, "password": member.password}
    assert client.post("/sign-in", data=data).status_code == 303


@ONE_DATABASE
def test_link_in_a_letter_that_waited_works(
    app: Flask,
    instance: Path,
    factories: Factories,
    letters: Letters,
    link_in: Callable[[EmailMessage], str],
) -> None:
    from forum.accounts.actions import send_reset_link
    from forum.db import transaction

    member = factories.member()
    with app.test_request_context(), transaction():
        send_reset_link(member.email)
    rotate_secret(instance)
    [letter] = letters()
    assert app.test_client().get(link_in(letter)).status_code == 200


def test_secret_that_others_can_read_is_closed_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Secrets(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    [told] = secret_faults(tmp_path)
    assert (told.is_warning, "forum secret rotate --days 0" in told.message) == (True, True)
    Secrets(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert "it is closed to them now" in caplog.text
    assert secret_faults(tmp_path) == []


def test_secret_that_cannot_be_closed_is_refused_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    Secrets(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    # Root may change every file's rights, so the refusal is played.
    monkeypatch.setattr("forum.config.secret.close_to_others", refuse)
    with pytest.raises(ConfigError, match=f"Type: chmod 600 {tmp_path}/secret"):
        Secrets(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is too short to be a secret."),
        ("x" * 31, "is too short to be a secret."),
        ("ä" * 40, "is not as Folkmoot writes it."),
        (f"{'x' * 64}\n{'y' * 64}\n", "is not as Folkmoot writes it."),
        (f"{'x' * 64}\n{'y' * 64} until tomorrow\n", "is not as Folkmoot writes it."),
    ],
)
def test_file_that_holds_no_secret_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "secret").touch(0o600)
    (tmp_path / "secret").write_text(text)
    with pytest.raises(ConfigError, match=f"^{tmp_path}/secret {says}"):
        Secrets(tmp_path)
    [told] = secret_faults(tmp_path)
    assert (told.is_warning, says in str(told)) == (False, True)


def test_running_process_keeps_its_secret_when_the_file_is_gone_or_broken(tmp_path: Path) -> None:
    kept = Secrets(tmp_path)
    present = kept.current()
    (tmp_path / "secret").write_text("broken")
    assert kept.current() == present
    (tmp_path / "secret").unlink()
    assert (kept.current(), kept.before()) == (present, [])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder for a command, which closes new files to others only for itself."""
    monkeypatch.setattr(os, "umask", lambda mask: mask)
    return tmp_path


def rotate(folder: Path, *words: str) -> tuple[int, str]:
    """``forum secret rotate``: its status and what it said."""
    run = CliRunner().invoke(main, ["--instance", str(folder), "secret", "rotate", *words])
    return run.exit_code, run.output


def test_command_says_until_when_the_secret_before_counts(folder: Path) -> None:
    assert rotate(folder)[0] == 1
    assert f"There is no {folder}/secret yet. Start the forum once." in rotate(folder)[1]
    first = Secrets(folder).current()
    status, said = rotate(folder, "--days", "3")
    until = utcnow() + timedelta(days=3)
    assert (status, f"counts until {until:%Y-%m-%d}" in said) == (0, True)
    kept = Secrets(folder)
    assert (kept.current() != first, kept.before()) == (True, [first])
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["secret"]
    assert first not in said
    assert kept.current() not in said
    status, said = rotate(folder, "--days", "0")
    assert (status, "everybody signs in again" in said) == (0, True)
    assert Secrets(folder).before() == []
    assert rotate(folder, "--days", "61")[0] == 2


def test_settings_are_read_without_making_a_secret(tmp_path: Path) -> None:
    read_settings(tmp_path, environ={})
    assert list(tmp_path.iterdir()) == []
