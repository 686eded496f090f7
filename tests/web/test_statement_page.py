"""The accessibility statement says what was measured, and what was not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum import __version__
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.testing.pseudo import speak_pseudo, untranslated
from forum.web.measurements import measurements
from tests.evidence import links_of, words_of

RUN = {"on": "2026-01-31", "version": __version__, "axe": "4.9", "chromium": "140.1", "nu": "26.1"}
LOOKS = {"light": 1, "contrast": 33, "1280": 34, "en": 30, "he": 4}
FACTS = {
    "theme": "default",
    "modes": ["light", "contrast"],
    "widths": [1280, 320],
    "languages": ["en", "de", "he"],
    "made_up": "he",
    "not_in_posts": ["heading-order"],
    "files": [],
    "runs": [RUN, RUN | {"on": "2026-01-30", "version": "0.0.9"}],
    "pages": {
        "web.about": {"run": 0, "axe": 1200, "nu": 6, "looks": {"light": 1200}, "found": []},
        "discussion.front": {"run": 0, "axe": 34, "nu": 3, "looks": LOOKS, "found": []},
        "discussion.thread": {
            "run": 1,
            "axe": 5,
            "nu": 2,
            "looks": {},
            "found": ["axe: image-alt"],
        },
    },
}


@pytest.fixture(autouse=True)
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Facts to be changed before the page is asked for."""
    facts = json.loads(json.dumps(FACTS))
    path = tmp_path / "measurements.json"
    path.write_text(json.dumps(facts), encoding="utf-8")
    monkeypatch.setattr("forum.web.measurements.FILE", path)
    measurements.cache_clear()
    yield facts
    measurements.cache_clear()


@pytest.fixture(autouse=True)
def community(factories: Factories) -> None:
    """A forum that is set up."""
    factories.community(name="Potters")


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def write(facts: dict[str, Any], tmp_path: Path, **changes: Any) -> None:
    (tmp_path / "measurements.json").write_text(json.dumps(facts | changes), encoding="utf-8")
    measurements.cache_clear()


def test_statement_has_the_parts_that_readers_look_for(client: FlaskClient) -> None:
    page = client.get("/accessibility")
    assert (page.status_code, words_of(page, "h1"), words_of(page, "h2")) == (
        200,
        ["Accessibility of Potters"],
        [
            "How far it conforms",
            "What was tested",
            "Known limits",
            "Tell us",
            "What it is built with",
        ],
    )
    assert "/accessibility" in links_of(page, ".foot a")


def test_what_was_measured_is_said_run_by_run(client: FlaskClient) -> None:
    page = client.get("/accessibility")
    assert words_of(page, ".table-region[aria-labelledby=tests] tbody tr") == [
        f"31 January 2026 {__version__} axe-core 4.9, Chromium 140.1, Nu Html Checker 26.1 1,234 9 0",
        "30 January 2026 0.0.9 axe-core 4.9, Chromium 140.1, Nu Html Checker 26.1 5 2 1",
    ]
    (said,) = words_of(page, "#tests + p")
    assert said.startswith("3 kinds of pages were looked at")
    assert words_of(page, ".table-region[aria-labelledby=looks] tbody tr") == [
        "Colours: light 1,201",
        "Colours: high contrast 33",
        "1280 pixels wide 34",
        "320 pixels wide 0",
        "Language: English 30",
        "Language: German 0",
        "Language: made up, written from right to left 4",
    ]
    assert words_of(page, "details li") == ["/", "/about", "/t/…"]


def test_faults_are_named_with_their_pages(
    client: FlaskClient, measured: dict[str, Any], tmp_path: Path
) -> None:
    assert words_of(client.get("/accessibility"), "#conformance ~ ul li") == [
        "/t/…: axe: image-alt"
    ]
    measured["pages"]["discussion.thread"]["found"] = []
    write(measured, tmp_path)
    page = client.get("/accessibility")
    assert "The tests found no fault in the pages themselves." in page.text
    assert words_of(page, "#conformance ~ ul li") == []


def limits(client: FlaskClient) -> str:
    return " ".join(words_of(client.get("/accessibility"), "#limits + ul > li"))


def test_what_was_not_measured_is_among_the_limits(
    app: Flask, client: FlaskClient, measured: dict[str, Any], tmp_path: Path
) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    every = dict.fromkeys(endpoints, measured["pages"]["web.about"])
    write(measured, tmp_path, pages=every)
    said = limits(client)
    assert ("comes from a plugin" in said, "version" in said, "theme" in said) == (False,) * 3
    del every["web.about"]
    write(measured, tmp_path, pages=every, theme="other", runs=[RUN | {"version": "0.0.1"}])
    said = limits(client)
    assert "1 kind of page was not looked at: it comes from a plugin." in said
    assert f"This forum runs version {__version__}, with which the tests did not run." in said
    assert "This forum has a theme of its own." in said


def test_it_says_whom_to_tell(app: Flask, client: FlaskClient, factories: Factories) -> None:
    assert "Write to a moderator of this forum." in client.get("/accessibility").text
    administrator = factories.signed_in(factories.member(role="admin"))
    submit(administrator, "/admin/settings", contact="Ask Ada <b>at the kiln</b>.")
    page = client.get("/accessibility")
    assert words_of(page, "#contact ~ p")[-1] == "Ask Ada <b>at the kiln</b>."


def test_statement_is_there_in_the_readers_language(
    app: Flask, client: FlaskClient, pseudo_words: Path
) -> None:
    speak_pseudo(app, pseudo_words)
    client.set_cookie("language", "he")
    page = client.get("/accessibility")
    assert (page.status_code, untranslated(page.text, ["Potters"])) == (200, [])
