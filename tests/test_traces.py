"""Logs name the place of an error, not the words in it."""

from __future__ import annotations

import smtplib

import pytest
from flask import Flask
from sqlalchemy import text

from forum.db import db, transaction
from forum.jobs import worker
from forum.jobs.queue import enqueue
from forum.jobs.worker import tidy, work_off
from forum.traces import trace_of

ADDRESS = "ada@example.org"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def refuse(*_: object) -> None:
    try:
        raise KeyError(ADDRESS)
    except KeyError as error:
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no")}) from error


def caught() -> BaseException:
    try:
        refuse()
    except smtplib.SMTPRecipientsRefused as error:
        return error
    raise AssertionError


def test_trace_names_kinds_and_places_of_an_error_and_its_cause() -> None:
    lines = trace_of(caught()).splitlines()
    places = [line.strip() for line in lines if line.startswith("  File")]
    assert [line for line in lines if not line.startswith(" ")] == [
        "smtplib.SMTPRecipientsRefused",
        "KeyError",
    ]
    assert [place.rpartition(" ")[2] for place in places] == ["caught", "refuse", "refuse"]
    assert not any(ADDRESS in line for line in lines)


def test_trace_says_what_an_outspoken_error_says() -> None:
    lines = trace_of(caught(), outspoken=(KeyError,)).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "smtplib.SMTPRecipientsRefused",
        f"KeyError: '{ADDRESS}'",
    ]


def deeper(rest: int) -> None:
    if not rest:
        raise ValueError("deep")
    deeper(rest - 1)


def test_trace_of_a_deep_error_shows_its_innermost_places() -> None:
    with pytest.raises(ValueError, match="deep") as caught:
        deeper(200)
    assert trace_of(caught.value).count("  [Previous line repeated") == 1


@ONE_DATABASE
def test_letter_that_is_refused_leaves_no_address_in_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(worker.HANDLERS, "mail", refuse)
    with app.app_context(), transaction():
        enqueue("mail", to=ADDRESS)
    assert work_off(app) == 1
    assert "SMTPRecipientsRefused" in caplog.text
    assert ADDRESS not in caplog.text


@ONE_DATABASE
def test_tidying_that_fails_leaves_no_words_in_the_log(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "TIDIERS", [refuse])
    tidy(app)
    assert "SMTPRecipientsRefused" in caplog.text
    assert ADDRESS not in caplog.text


@ONE_DATABASE
def test_crash_of_a_page_leaves_no_words_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.add_url_rule("/refuse", view_func=refuse)
    assert app.test_client().get("/refuse").status_code == 500
    assert "GET refuse crashed" in caplog.text
    assert "SMTPRecipientsRefused" in caplog.text
    assert ADDRESS not in caplog.text


@ONE_DATABASE
def test_database_that_does_not_answer_says_why(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    app.add_url_rule("/broken", view_func=lambda: db.session.execute(text("SELECT * FROM cellar")))
    assert app.test_client().get("/broken").status_code == 503
    assert "no such table: cellar" in caplog.text
