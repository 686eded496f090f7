"""Each request has a number: in the answer, on the page of an error, and in what is logged."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.app import create_app
from forum.testing.application import close
from forum.web.requests import HEADER
from tests.evidence import words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OURS = re.compile(r"[0-9a-f]{16}")


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What was logged of each request, less the time it took."""
    records = [record for record in caplog.records if record.name == "forum.requests"]
    return [{n: v for n, v in vars(r)["facts"].items() if n != "ms"} for r in records]


def test_each_answer_has_a_number_of_its_own(client: FlaskClient) -> None:
    numbers = [client.get(path).headers[HEADER] for path in ("/about", "/nowhere", "/healthz")]
    assert all(OURS.fullmatch(number) for number in numbers)
    assert len(set(numbers)) == 3


def test_number_that_a_visitor_sends_is_not_taken(client: FlaskClient) -> None:
    answer = client.get("/about", headers={HEADER: "aaaaaaaaaaaaaaaa"})
    assert answer.headers[HEADER] != "aaaaaaaaaaaaaaaa"
    assert OURS.fullmatch(answer.headers[HEADER])


def test_number_that_a_trusted_proxy_gives_is_taken_if_it_is_one(
    tmp_path: Path, database: str
) -> None:
    app = create_app(tmp_path, database=database, trusted_proxies=("127.0.0.1",))
    client = app.test_client()
    good, bad = "0123456789abcdef0123456789abcdef", "short; or 'odd'"
    taken = [client.get("/about", headers={HEADER: said}).headers[HEADER] for said in (good, bad)]
    close(app)
    assert taken[0] == good
    assert OURS.fullmatch(taken[1])


def test_page_of_a_crash_says_the_number_and_of_a_mistake_does_not(
    app: Flask, client: FlaskClient
) -> None:
    app.add_url_rule("/crash", view_func=lambda: 1 / 0)
    crash, mistake = client.get("/crash"), client.get("/nowhere")
    number = crash.headers[HEADER]
    assert words_of(crash, "main p.quiet")[1].endswith(f"give them this number: {number}")
    assert mistake.headers[HEADER] not in mistake.text
    as_json = client.get("/crash", headers={"Accept": "application/json"})
    assert json.loads(as_json.text)["request"] == as_json.headers[HEADER]
    as_text = client.get("/crash", headers={"Accept": "text/plain"})
    assert as_text.headers[HEADER] in as_text.text


def test_each_request_is_told_by_route_never_by_path(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "forum.requests")
    client.get("/reset/secret-token?q=query")
    client.get("/nowhere/secret-token")
    client.open("/about", method="SECRETS")
    client.get("/healthz")
    assert told(caplog) == [
        {"route": "accounts.choose_password", "method": "GET", "status": 404},
        {"route": "none", "method": "GET", "status": 404},
        {"route": "none", "method": "OTHER", "status": 405},
    ]


def test_lines_for_requests_can_be_left_out(
    tmp_path: Path, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "forum.requests")
    app = create_app(tmp_path, database=database, log_requests=False)
    assert app.test_client().get("/about").headers[HEADER]
    close(app)
    assert told(caplog) == []
