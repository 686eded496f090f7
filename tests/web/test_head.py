"""HEAD is asked by programs that only look: it answers as GET does and changes nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.testing.factories import Factories
from tests.evidence import everything


def addresses(app: Flask) -> list[str]:
    """One address for each rule that answers GET, as far as this forum has it."""
    values = {"thread_id": 1, "number": 1, "case_id": 1, "post_id": 1, "category_id": 1}
    values |= dict.fromkeys(
        (
            *("job_id", "group_id", "change_id", "hold_id", "invitation_id", "entry_id"),
            *("measure_id", "flag_id", "level_id", "appeal_id"),
        ),
        1,
    )
    people = {"member_id": 1, "handle": "ada"}
    files = {"name": "default", "version": "0", "filename": "forum.js"}
    words = {"slug": "glazes", "token": "wrong", "what": "remove", "tag": "glaze"}
    words |= {"role": "admin", "word": "0" * 16}
    known = {**values, **people, **files, **words}
    with app.test_request_context():
        return [
            app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or set())
        ]


def status(browser: FlaskClient, method: str, address: str) -> int:
    """The answer's status; the answer is closed, because a file is open until it is."""
    with browser.open(address, method=method) as answer:
        return answer.status_code


@pytest.mark.parametrize("role", ["", "admin"])
def test_head_answers_as_get_and_changes_nothing(
    app: Flask, client: FlaskClient, factories: Factories, role: str
) -> None:
    factories.community()
    factories.thread()
    browser = factories.signed_in(factories.member(role=role)) if role else client
    got = {address: status(browser, "GET", address) for address in addresses(app)}
    before = everything(app)

    asked = {address: status(browser, "HEAD", address) for address in got}

    assert asked == got
    assert everything(app) == before
