"""The token of a link is in the letter only: not in the database, not even while the letter waits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.accounts.tokens import token_from, token_hash
from forum.app import create_app
from forum.jobs.worker import work_off
from forum.testing.application import close
from forum.testing.factories import PASSWORD, Factories
from forum.testing.forms import submit
from tests.evidence import everything

Letters = Callable[[], list[EmailMessage]]


def test_waiting_letter_and_log_have_no_token_and_no_password(
    app: Flask,
    client: FlaskClient,
    factories: Factories,
    letters: Letters,
    link_in: Callable[[EmailMessage], str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    member = factories.member()
    with caplog.at_level(logging.DEBUG):
        submit(client, "/reset", email=member.email)
        submit(client, "/register", name="Bo", email="bo@example.org", password=PASSWORD)
        # The account of a reset is looked up by a job of its own; after it both letters wait.
        assert work_off(app, most=1) == 1
        waiting = str(everything(app))
        tokens = [link_in(letter).rpartition("/")[2] for letter in letters()]
        stored = str(everything(app))
    assert len(tokens) == 2
    for token in tokens:
        assert token_hash(token) in stored, "the search would not find a token"
        assert token not in waiting + stored + caplog.text
    assert PASSWORD not in waiting + stored + caplog.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_the_instance_with_the_secret_makes_the_token(
    app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = create_app(tmp_path_factory.mktemp("other"))
    made = []
    for forum in (app, app, other):
        with forum.app_context():
            made.append(token_from("seed"))
    close(other)
    assert (made[0] == made[1], made[0] == made[2], len(made[0])) == (True, False, 43)
