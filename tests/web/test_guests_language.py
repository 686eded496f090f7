"""Guests choose the language of the forum's own words for their browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.testing.pseudo import pseudo, speak_pseudo
from forum.web.page import entries_for_all


@pytest.fixture(autouse=True)
def made_up(app: Flask, factories: Factories, pseudo_words: Path) -> None:
    """A forum with one language more."""
    speak_pseudo(app, pseudo_words)
    factories.community()


def test_what_a_guest_chose_is_kept_in_the_browser(app: Flask) -> None:
    client = app.test_client()
    answer = submit(client, "/appearance", mode="dark", language="he")
    page = client.get("/")
    assert (answer.status_code, '<html lang="he" dir="rtl" data-mode="dark"' in page.text) == (
        303,
        True,
    )
    assert pseudo("Latest posts") in page.text


@pytest.mark.parametrize("planted", ["xx", "", "../../etc", "h" * 3000])
def test_cookie_with_a_language_that_is_not_there_changes_nothing(planted: str, app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("language", planted)
    assert '<html lang="en" dir="ltr"' in client.get("/").text


def test_language_that_is_not_offered_is_refused(app: Flask) -> None:
    answer = submit(app.test_client(), "/appearance", language="xx", mode="auto")
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (422, [])


def test_members_are_led_to_their_profile(app: Flask, factories: Factories) -> None:
    client = factories.signed_in(factories.member("Ada"))
    client.set_cookie("language", "he")
    page = client.get("/appearance").text
    assert ('name="language"' in page, 'href="/me"' in page, 'lang="en" dir' in page) == (
        False,
        True,
        True,
    )


def test_navigation_is_kept_in_the_language_it_is_asked_for_in(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        labels = [entry.label for entry in entries_for_all("he")]
    assert labels == [pseudo("Threads"), pseudo("Latest posts")]
