"""Quoting with a mouse, a keyboard and JavaScript: the selected passage, else the whole post."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.stage import Stage

POST = "Cool it *slowly*, [not] at once.\n\n1. Close the damper.\n\nHow slowly?"
SELECT = """([from, to]) => {
  const [first, last] = [from, to].map((s) => document.querySelector(`#p1 .words ${s}`));
  getSelection().setBaseAndExtent(first, 0, last, last.childNodes.length);
}"""


@pytest.fixture
def page(open_page: Callable[..., Page], tmp_path: Path, sqlite_template: Path) -> Iterator[Page]:
    """Bo's browser at a thread that Ada has started."""
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        stage.factories.thread(stage.factories.member("Ada"), source=POST)
        page = open_page(stage.url)
        page.context.add_cookies(stage.cookies(stage.factories.member("Bo")))  # type: ignore[arg-type]
        page.goto("/t/1")
        yield page


def text(page: Page) -> str:
    """What the composer holds."""
    return page.get_by_label("Text").input_value()


@pytest.mark.parametrize("way", ["click", "keyboard"])
def test_selected_passage_is_quoted_as_the_words_it_shows(page: Page, way: str) -> None:
    page.evaluate(SELECT, ["p", "ol"])
    link = page.locator("#p1 a.quote")
    if way == "click":
        link.click()
    else:
        link.focus()
        page.keyboard.press("Enter")
    page.wait_for_url("**/t/1/reply?to=1")
    expected = "> [Ada wrote in #1](/t/1/1):\n>\n> Cool it slowly, \\[not\\] at once.\n"
    assert text(page).startswith(expected)
    assert text(page).endswith("> Close the damper.\n\n")
    page.reload()
    assert text(page) == ""


def test_quote_goes_below_what_is_begun(page: Page) -> None:
    page.goto("/t/1/reply")
    page.get_by_label("Text").fill("Begun.")
    page.get_by_role("button", name="Preview").click()
    page.goto("/t/1")
    page.evaluate(SELECT, ["em", "em"])
    page.locator("#p1 a.quote").click()
    page.wait_for_url("**/t/1/reply?to=1")
    assert text(page) == "Begun.\n\n> [Ada wrote in #1](/t/1/1):\n>\n> slowly\n\n"


def test_without_a_selection_in_it_the_whole_post_is_quoted(page: Page) -> None:
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.locator("#p1 a.quote").click()
    page.wait_for_url("**/t/1/reply?to=1&quote=1")
    assert "> 1. Close the damper.\n>\n> How slowly?\n" in text(page)
