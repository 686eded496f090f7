"""A thread on paper is a document: its words, who said them and when, and where links lead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.stage import Cast, Stage
from tests.browser.watching import WIDE

A4 = {"width": 680, "height": 960}


@pytest.fixture
def printed(open_page: Callable[..., Page], stage: Stage, cast: Cast) -> Callable[[str], Page]:
    """Call it with an address: the page as a moderator who likes it dark prints it."""
    moderator = cast.people["moderator"]
    assert moderator is not None

    def open_(address: str) -> Page:
        page = open_page(stage.url, viewport=WIDE)
        page.context.add_cookies([{"name": "mode", "value": "dark", "url": stage.url}])
        page.context.add_cookies(stage.cookies(moderator))  # type: ignore[arg-type]
        page.goto(address.format(**cast.places))
        page.set_viewport_size(A4)  # type: ignore[arg-type]
        page.emulate_media(media="print")
        return page

    return open_


def style(page: Page, selector: str, name: str, pseudo: str | None = None) -> str:
    """What the browser makes of the first element that fits."""
    found: str = page.locator(selector).first.evaluate(
        "(part, [name, pseudo]) => getComputedStyle(part, pseudo)[name]", [name, pseudo]
    )
    return found


def test_thread_is_printed_without_what_only_a_screen_needs(
    printed: Callable[[str], Page],
) -> None:
    page = printed("/t/{thread}")
    for gone in (".bar nav", ".foot", ".pages ul", ".actions", ".curating", ".post > footer a"):
        assert page.locator(gone).count() > 0, gone
        assert page.locator(f"{gone} >> visible=true").count() == 0, gone
    for kept in (".bar .home", "h1", ".post > header time", ".number", ".words"):
        assert page.locator(kept).first.is_visible(), kept
    assert page.get_by_text("Page 1 of 2").last.is_visible()


def test_ink_is_dark_and_paper_stays_white(printed: Callable[[str], Page]) -> None:
    page = printed("/t/{thread}")
    assert style(page, "html", "backgroundColor") == "rgba(0, 0, 0, 0)"
    red, green, blue = (
        int(part) for part in style(page, "html", "color").strip("rgb()").split(", ")
    )
    assert max(red, green, blue) < 0x40


def test_links_are_followed_by_where_they_lead(printed: Callable[[str], Page]) -> None:
    page = printed("/t/{thread}")
    link = ".words a[href^=http]"
    assert style(page, link, "content", "::after") == '" (https://example.org/cupboard)"'
    assert style(page, ".meta a", "content", "::after") == "none"


def test_short_post_stays_on_a_page_and_a_long_one_does_not(
    printed: Callable[[str], Page],
) -> None:
    page = printed("/t/{thread}")
    assert [style(page, number, "breakInside") for number in ("#p1", "#p2")] == ["avoid", "auto"]


def test_code_wraps_and_nothing_is_cut_off(printed: Callable[[str], Page]) -> None:
    page = printed("/t/{thread}")
    assert style(page, ".words pre", "whiteSpace") == "pre-wrap"
    wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert wider is False


def test_imported_post_still_says_where_it_is_from(printed: Callable[[str], Page]) -> None:
    page = printed("/t/28")
    assert page.locator(".attribution").first.is_visible()
    address = style(page, ".attribution a", "content", "::after")
    assert address == '" (https://pottery.example.org/q/1)"'
