"""Rows of lists and of tables: what they say takes the place that it needs."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from forum.accounts.trust_rules import Thresholds
from forum.admin.level_actions import add_level
from forum.db import transaction
from forum.discussion.curating_actions import lock_thread
from forum.permissions import OPERATOR
from tests.browser.stage import Stage

# What stands in a row below its heading, and does not begin where the row begins.
ASIDE = """() => [...document.querySelectorAll(".rows > li > :is(p, ul, blockquote):not(.state)")]
    .filter((part) => part.getBoundingClientRect().left > part.parentElement.getBoundingClientRect().left + 1)
    .map((part) => part.textContent.trim())"""
# The widths of the cells of the one row, by the heading of their column.
WIDTHS = """() => Object.fromEntries([...document.querySelectorAll("thead th")].map(
    (head) => [head.textContent, head.getBoundingClientRect().width]))"""


def test_what_a_level_asks_for_begins_where_its_row_begins(
    own_stage: Stage, open_page: Callable[..., Page]
) -> None:
    own_stage.factories.community()
    ada = own_stage.factories.member("Ada")
    with own_stage.app.test_request_context(), transaction():
        add_level(OPERATOR, "Old hands", Thresholds(30, 50, 3))
    with own_stage.served():
        page = open_page(own_stage.url, viewport={"width": 1280, "height": 900})
        page.context.add_cookies(own_stage.cookies(ada))  # type: ignore[arg-type]
        page.goto("/account/rights")
        assert page.locator(".rows > li > ul > li").count() == 3
        assert page.evaluate(ASIDE) == []


def test_a_long_word_leaves_the_titles_in_a_table_their_room(
    own_stage: Stage, open_page: Callable[..., Page]
) -> None:
    make = own_stage.factories
    make.community()
    mo = make.member("Mo", role="moderator")
    thread = make.thread(mo, title="What do you write into notes, and what do you leave out?")
    with own_stage.app.test_request_context(), transaction():
        lock_thread(make.actor(mo), thread.thread_id, reason="x" * 300)
    with own_stage.served():
        page = open_page(own_stage.url, viewport={"width": 1280, "height": 900})
        page.context.add_cookies(own_stage.cookies(mo))  # type: ignore[arg-type]
        page.goto("/moderation/log")
        widths = page.evaluate(WIDTHS)
        assert widths["Thread"] > 9 * 18 - 1, widths
        assert page.evaluate("document.querySelector('table').offsetWidth") <= 1280


def test_what_undoing_would_put_back_is_seen_at_once_on_a_small_screen(
    own_stage: Stage, open_page: Callable[..., Page]
) -> None:
    make = own_stage.factories
    make.community()
    mo = make.member("Mo", role="moderator")
    thread = make.thread(mo, title="Crackle")
    with own_stage.app.test_request_context(), transaction():
        entry = lock_thread(make.actor(mo), thread.thread_id, reason="Said.")
    with own_stage.served():
        page = open_page(own_stage.url, viewport={"width": 360, "height": 740})
        page.context.add_cookies(own_stage.cookies(mo))  # type: ignore[arg-type]
        page.goto(f"/moderation/log/{entry}")
        shown = page.locator(".table-region").evaluate("it => [it.scrollWidth, it.clientWidth]")
        assert shown[0] <= shown[1], shown
