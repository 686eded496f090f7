"""Bad input through the real forms: a clear answer, the right status, nothing lost, no time wasted."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.accounts.tokens import new_token
from forum.clock import utcnow
from forum.db import db, transaction, value
from forum.discussion.curating_actions import pin_thread
from forum.discussion.models import Draft
from forum.moderation.measure_actions import mute_member
from forum.moderation.models import Case, Flag
from forum.permissions import OPERATOR
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, submit
from forum.testing.pace import cpu_seconds
from forum.text.caps import MAX_BYTES
from tests.evidence import everything, form_of, text_given_back, words_of

REPLY = "/t/1/reply"
FORM = "application/x-www-form-urlencoded"
MOST_SECONDS = 1.0
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ada(factories: Factories) -> FlaskClient:
    """A browser of somebody who has started thread 1, and may do everything."""
    factories.community()
    ada = factories.member("Ada", role="admin")
    factories.thread(ada)
    return factories.signed_in(ada)


class Sender:
    """Sends texts through the reply form, and measures the CPU each takes."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        self.form = fields_of(form_of(browser.get(REPLY)))
        self.slow: list[tuple[str, float]] = []

    def send(self, name: str, source: str | bytes, **more: str) -> TestResponse:
        data: dict[str, Any] = self.form | {"action": "preview", "source": source} | more
        answers: list[TestResponse] = []
        seconds = cpu_seconds(
            lambda: answers.append(self.answer(data)),
            enough=MOST_SECONDS,
            tries=3 if data["action"] == "preview" else 1,
        )
        if seconds >= MOST_SECONDS:
            self.slow.append((name, seconds))
        return answers[0]

    def answer(self, data: dict[str, Any]) -> TestResponse:
        return self.browser.post(REPLY, data=urlencode(data), content_type=FORM)


def draft(app: Flask) -> str | None:
    with app.app_context():
        return value(select(Draft.source).where(Draft.place == "reply:1"))


OVER: dict[str, tuple[str, str]] = {
    "bytes": ("word " * 6_759, "There may be 32,768 bytes of text; this text has 33,795."),
    "bytes of long letters": ("ä" * 16_385, "this text has 32,770."),
    "links": ("[a](/b) " * 201, "There may be 200 links and pictures; this text has 201."),
    "footnotes": ("a[^1] " * 101, "There may be 100 footnote references; this text has 101."),
    "cells": ("|a|b|\n|-|-|\n" + "|1|2|\n" * 1_000, "There may be 2,000 table cells;"),
    "brackets": ("a [ " * 501, "There may be 500 square brackets without a partner;"),
    "depth": (">" * 21 + " a", "There may be 20 quotes and lists inside each other;"),
    "lines": ("a\n" * 5_001, "There may be 5,000 lines;"),
    "empty": ("", "Write something first."),
    "blanks": (" \t\r\n  ", "Write something first."),
    "nothing to see": ("\u200b\u2800 &nbsp;", "Write something first."),
    "only a definition": ("[a]: https://example.org/", "Write something first."),
    "only a line": ("* * *", "Write something first."),
    "NUL": ("a\0b", "Some characters could not be read"),
    "bell": ("a\nb\x07", "Line 2 has a control character (U+0007), which cannot be shown."),
    "escape": ("\x1b[31mred", "Line 1 has a control character (U+001B), which cannot be shown."),
}
INVALID_BYTES = {
    "stray byte": b"caf\xe9 au lait",
    "cut short": b"caf\xc3",
    "lone surrogate": b"a \xed\xa0\x80 b",
    "overlong": b"a \xc0\xaf b",
    "beyond Unicode": b"a \xf5\x80\x80\x80 b",
}


def same_text(one: str | None, other: str) -> bool:
    # A page and a form write line ends in their own ways.
    return one is not None and one.replace("\r\n", "\n") == other.replace("\r\n", "\n")


def test_text_that_cannot_be_taken_is_given_back_with_the_reason(
    app: Flask, ada: FlaskClient
) -> None:
    sender = Sender(ada)
    for action in ("preview", "publish"):
        for name, (source, reason) in OVER.items():
            answer = sender.send(name, source, action=action)
            assert answer.status_code == 422, name
            assert reason in " ".join(words_of(answer, "#source-error")), name
            shown = source.replace("\0", "\N{REPLACEMENT CHARACTER}")
            assert same_text(text_given_back(answer), source) or same_text(draft(app), shown), name
    assert sender.slow == []


def test_bytes_that_are_no_text_are_shown_and_never_published(app: Flask, ada: FlaskClient) -> None:
    sender = Sender(ada)
    before = everything(app, less=("attempts", "drafts"))
    for name, raw in INVALID_BYTES.items():
        answer = sender.send(name, raw, action="publish")
        assert answer.status_code == 422, name
        assert "could not be read and show as �" in words_of(answer, "#source-error")[0], name
        assert same_text(text_given_back(answer), raw.decode(errors="replace")), name
    assert everything(app, less=("attempts", "drafts")) == before
    others = {name: held for name, held in sender.form.items() if name != "source"}
    unescaped = urlencode(others).encode() + b"&action=publish&source=caf\xe9"
    answer = ada.post(REPLY, data=unescaped, content_type=FORM)
    assert (answer.status_code, text_given_back(answer)) == (422, "caf\N{REPLACEMENT CHARACTER}")


ODD = {
    "right to left": "abc \u202e gnirts \u2066 x \u2069 \u202c end",
    "long word": "a" * 10_000,
    "long address": "https://example.org/" + "a" * 10_000,
    "combining": "a" + "\u0301" * 5_000,
    "no characters": "a \uffff \ufdd0 b",
    "astral": "\U0001f3fa" * 1_000,
    "zero width": "\u200b\u200d\ufeff" * 500 + "a",
    "private": "\ue000\U0010fffd",
    "delete": "a\x7f\x80\x9f b",
    "template": "{{ 7 * 7 }} {% raw %} %(name)s {0} $HOME",
    "field end": "</textarea><script>alert(1)</script>",
}


def test_odd_text_is_published_as_it_was_written(app: Flask, ada: FlaskClient) -> None:
    for number, (name, source) in enumerate(ODD.items(), start=2):
        sender = Sender(ada)
        preview = sender.send(name, source)
        assert (preview.status_code, text_given_back(preview)) == (200, source), name
        # A warning was shown with it, as its author has seen.
        seen = fields_of(form_of(preview))["seen"]
        answer = sender.send(name, source, action="publish", seen=seen)
        assert (answer.status_code, answer.location) == (303, f"/t/1/{number}"), name
        assert sender.slow == []
    page = ada.get("/t/1")
    assert (page.status_code, "<script>alert" in page.text) == (200, False)
    assert words_of(page, "#p11 .words") == [ODD["template"]]


def pathological(corpora: Path) -> dict[str, str]:
    """The list of texts that make a bad parser slow, as far as they can be sent."""
    with (corpora / "markdown_pathological.jsonl").open(encoding="utf-8") as given:
        rows = [json.loads(line) for line in given]
    texts = {
        row["id"]: "".join(part * times for part, times in row["parts"])
        for row in rows
        if "parts" in row
    }
    return {name: text.encode()[:MAX_BYTES].decode(errors="ignore") for name, text in texts.items()}


@ONE_DATABASE
def test_pathological_markdown_is_answered_in_time(
    app: Flask, ada: FlaskClient, corpora: Path
) -> None:
    sender = Sender(ada)
    texts = pathological(corpora)
    answers = {name: sender.send(name, text) for name, text in texts.items()}
    statuses = {name: answer.status_code for name, answer in answers.items()}
    assert {name for name, status in statuses.items() if status not in (200, 422)} == set()
    lost = {
        name
        for name, answer in answers.items()
        if not same_text(text_given_back(answer), texts[name].replace("\r", "\n"))
        and not same_text(text_given_back(answer), texts[name])
    }
    assert (lost, sender.slow, len(texts) > 20) == (set(), [], True)


TITLES = {
    "": "Give the thread a title.",
    " \t ": "Give the thread a title.",
    "a" * 161: "Shorten the title to 160 characters; it has 161.",
    "a\x07b": "Leave invisible characters out of the title.",
    "a\0b": "Leave invisible characters out of the title.",
    "\u202egnirts": "Leave invisible characters out of the title.",
}


def test_title_that_cannot_be_is_given_back_with_the_reason(app: Flask, ada: FlaskClient) -> None:
    for title, reason in TITLES.items():
        form = fields_of(form_of(ada.get("/new")))
        data = form | {"title": title, "category": "1", "source": "Why?", "action": "publish"}
        answer = ada.post("/new", data=data)
        assert (answer.status_code, text_given_back(answer)) == (422, "Why?"), repr(title)
        assert words_of(answer, "#title-error") == [f"To mend: {reason}"], repr(title)
    assert ada.get("/t/2").status_code == 404


def test_category_that_cannot_be_is_given_back_with_the_reason(
    app: Flask, ada: FlaskClient
) -> None:
    for category in ("", "99", "0", "-1", "abc", "9" * 40, "1 OR 1"):
        form = fields_of(form_of(ada.get("/new")))
        data = form | {"title": "A", "category": category, "source": "Why?", "action": "publish"}
        answer = ada.post("/new", data=data)
        assert (answer.status_code, text_given_back(answer)) == (422, "Why?"), category
    assert ada.get("/t/2").status_code == 404


HIDDEN = {
    "in_reply_to": ("0", "-1", "99", "abc", "9" * 40, "1\0"),
    "submission": ("a" * 44, "a" * 5_000),
    "seen": ("\0", "a" * 5_000, "../../"),
    "kept": ("\0", "<script>", "a " * 5_000),
    "repair": ("", "\0", "nothing", "a" * 5_000),
    "keep": ("", "\0", "nothing", "a" * 5_000),
    "action": ("", "\0", "drop"),
}


def test_hidden_fields_that_were_tampered_with_never_crash_or_lose_the_text(
    app: Flask, ada: FlaskClient
) -> None:
    for field, values in HIDDEN.items():
        for wrong in values:
            data = {"action": "publish", field: wrong}
            answer = Sender(ada).send(field, "Cool it slowly.", **data)
            case = f"{field}={wrong[:20]!r}"
            assert answer.status_code in (200, 303, 404, 422), case
            given_back = text_given_back(answer) == "Cool it slowly."
            assert given_back or answer.status_code == 303, case


@ONE_DATABASE
def test_version_that_was_tampered_with_gives_the_text_back(app: Flask, ada: FlaskClient) -> None:
    for wrong in ("0", "-1", "99", "abc", "9" * 40):
        answer = submit(ada, "/t/1/1/edit", button="Publish", source="Mine.", based_on=wrong)
        assert answer.status_code in (404, 409), wrong
        assert text_given_back(answer) == "Mine.", wrong


MANY_PARTS = b"".join(
    b'--x\r\nContent-Disposition: form-data; name="field%d"\r\n\r\na\r\n' % n for n in range(5_000)
)


@ONE_DATABASE
def test_more_than_a_forum_takes_is_refused_at_once(app: Flask, ada: FlaskClient) -> None:
    sender = Sender(ada)
    before = everything(app)
    answers = [
        sender.send("a large body", "a" * (1024 * 1024 + 1)),
        ada.post(REPLY, data={"source": (b"a" * (1024 * 1024 + 1)).decode()}),
        ada.post(REPLY, data=MANY_PARTS, content_type="multipart/form-data; boundary=x"),
        ada.post("/sign-in", data=b"a" * (1024 * 1024 + 1)),
    ]
    assert [a.status_code for a in answers] == [413] * 4
    assert [words_of(a, "h1") for a in answers] == [["That was too much at once"]] * 4
    assert (everything(app), sender.slow) == (before, [])


@ONE_DATABASE
def test_thousands_of_fields_do_no_harm(app: Flask, ada: FlaskClient) -> None:
    sender = Sender(ada)
    many = sender.send("fields", "Slowly.", **{f"field{n}": "a" for n in range(5_000)})
    assert (many.status_code, text_given_back(many), sender.slow) == (200, "Slowly.", [])
    doubled = ada.post(REPLY, data=sender.form | {"source": ["One.", "Two."]})
    assert (doubled.status_code, text_given_back(doubled)) == (200, "One.")


BODIES = {
    "application/json": b'{"source": "a"}',
    "text/plain": b"source=a",
    "multipart/form-data": b"no boundary",
    "multipart/form-data; boundary=x": b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    "application/x-www-form-urlencoded": b"%ff%00&&==&source",
}


@ONE_DATABASE
def test_bodies_that_are_no_forms_are_refused(app: Flask, ada: FlaskClient) -> None:
    before = everything(app)
    statuses = {
        kind: ada.post(REPLY, data=body, content_type=kind).status_code
        for kind, body in BODIES.items()
    }
    assert statuses == dict.fromkeys(BODIES, 400)
    assert everything(app) == before


def forms(app: Flask) -> list[str]:
    """The address of everything in the URL map that takes a form."""
    values = {
        "thread_id": 1,
        "number": 1,
        "category_id": 1,
        "case_id": 1,
        "session_id": 1,
        "job_id": 1,
        "member_id": 1,
        "group_id": 1,
        "role": "moderator",
        "word": "0" * 16,
        "token": new_token(),
    }
    values |= {"version": 1, "what": "remove", "post_id": 1, "invitation_id": 1, "name": "glaze"}
    values |= {"measure_id": 1, "flag_id": 1, "entry_id": 1, "kind": "warning"}
    values |= {"level_id": 1, "appeal_id": 1}
    adapter = app.url_map.bind("localhost")
    # A post that shows no picture has no form about its pictures: there is nothing at its address.
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.endswith("/pictures")
    ]
    return [
        adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, "POST")
        for rule in rules
    ]


FORGERIES = {
    "missing": {},
    "empty": {"csrf_token": ""},
    "forged": {"csrf_token": "IjEyMyI.aGVsbG8.aGVsbG8"},
    "no ASCII": {"csrf_token": "ä\0\u202e"},
    "long": {"csrf_token": "a" * 50_000},
}
WANTED = {
    "title": "Taken over",
    "source": "Taken over.",
    "words": "Taken over.",
    "note": "Taken over.",
    "reason": "Taken over.",
    "word_list": "Taken over.",
    "category": "1",
    "action": "publish",
    "name": "Taken over",
    "email": "member1@example.org",
    "password": "correct horse battery staple",
    "see": "everyone",
    "start": "members",
    "reply": "members",
    "position": "0",
    "zone": "UTC",
    "up_to": "99",
    "mode": "dark",
}


def test_no_form_is_taken_without_a_token_of_ours(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    with app.app_context(), transaction():
        db.session.add(Case(post_id=1, kind="help", reason="She asked."))
        pin_thread(OPERATOR, 1)
        mute_member(OPERATOR, 1, reason="Came late.", until=utcnow() + timedelta(days=1))
    post = factories.thread(factories.member())
    with app.app_context(), transaction():
        db.session.add(Case(post_id=post.id, kind="flag", reason=""))
        db.session.flush()
        db.session.add(Flag(member_id=2, case_id=2, words="Why?"))
    addresses = forms(app)
    assert {REPLY, "/new", "/t/1/1/edit", "/resume", "/sign-in", "/moderation/1"} < set(addresses)
    strange = fields_of(form_of(factories.signed_in(factories.member()).get(REPLY)))["csrf_token"]
    forgeries = {**FORGERIES, "somebody else's": {"csrf_token": strange}}
    before = everything(app)
    answers = {
        (address, name): ada.post(address, data=WANTED | forgery)
        for address in addresses
        for name, forgery in forgeries.items()
    }
    assert {a.status_code for a in answers.values()} == {400}, {
        case: a.status_code for case, a in answers.items() if a.status_code != 400
    }
    # What saves while somebody types answers a script, and their text stays where they type.
    lost = [
        c
        for c, a in answers.items()
        if "Taken over." not in a.text and c[0] not in ("/drafts", "/review")
    ]
    assert lost == []
    assert everything(app) == before
