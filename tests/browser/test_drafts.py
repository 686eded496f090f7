"""Drafts while typing, in a real browser: "saved" is said when it is true, and only then."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from forum.db import rows
from forum.discussion.models import Draft
from tests.browser.stage import Stage


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Iterator[Stage]:
    """A forum with one thread."""
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        stage.factories.thread()
        yield stage


@pytest.fixture
def page(stage: Stage, open_page: Callable[..., Page]) -> Page:
    """A member's browser in the composer of a reply."""
    page = open_page(stage.url)
    page.context.add_cookies(stage.cookies(stage.factories.member("Ada")))  # type: ignore[arg-type]
    page.goto("/t/1/reply")
    return page


def drafts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [tuple(r) for r in rows(select(Draft.place, Draft.source).order_by(Draft.place))]


def says(page: Page, words: str) -> None:
    """Wait until the place below the label says so."""
    expect(page.locator("[data-saved]")).to_have_text(re.compile(words))


SAVED = r"Saved at \d\d:\d\d:\d\d\."


def test_draft_is_saved_while_typing_and_leaving_asks_nothing(stage: Stage, page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Text").fill("Half a thought")
    says(page, SAVED)
    assert drafts(stage.app) == [("reply:1", "Half a thought")]
    assert (
        page.locator("[data-saving]").text_content() == page.locator("[data-saved]").text_content()
    )
    page.get_by_role("link", name="Your drafts").click()
    page.get_by_role("link", name="Go on writing").click()
    assert page.get_by_label("Text").input_value() == "Half a thought"
    assert asked == []
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/t/1#p2")
    assert drafts(stage.app) == []


def test_what_is_not_saved_says_so_and_is_tried_again(stage: Stage, page: Page) -> None:
    page.clock.install()
    page.route("**/drafts", lambda route: route.abort())
    page.get_by_label("Text").fill("Offline")
    page.clock.run_for(2_000)
    says(page, "Not saved: the forum cannot be reached. Trying again.")
    assert drafts(stage.app) == []
    page.unroute("**/drafts")
    page.clock.run_for(6_000)
    says(page, SAVED)
    assert drafts(stage.app) == [("reply:1", "Offline")]


def test_signed_out_and_forged_are_told_with_the_reason(stage: Stage, page: Page) -> None:
    page.evaluate("document.querySelector('[name=csrf_token]').value = 'old'")
    page.get_by_label("Text").fill("Text")
    says(page, "Not saved: this page is too old. Preview keeps your text.")
    page.context.clear_cookies(name="forum")
    page.get_by_label("Text").fill("Text again")
    says(page, "Not saved: you are not signed in any more. Preview leads to signing in.")
    assert drafts(stage.app) == []


def test_crashed_server_is_not_taken_for_saved(page: Page) -> None:
    def crash(route: Route) -> None:
        route.fulfill(status=503, content_type="text/html", body="<h1>Busy</h1>")

    page.route("**/drafts", crash)
    page.get_by_label("Text").fill("Text")
    says(page, "Not saved: the forum could not take it. Preview, or copy your text.")


def test_two_windows_keep_both_texts(stage: Stage, page: Page) -> None:
    other = page.context.new_page()
    other.goto("/t/1/reply")
    page.get_by_label("Text").fill("One.")
    says(page, SAVED)
    other.get_by_label("Text").fill("Two.")
    says(other, f"{SAVED} Another window had kept other words here.")
    with page.expect_response("**/drafts"):
        page.get_by_label("Text").fill("One more.")
    other.get_by_label("Text").fill("Two more.")
    says(other, f"^{SAVED}$")
    assert drafts(stage.app) == [("reply:1", "One more."), ("reply:1~2", "Two more.")]
