"""The door's pages in a real browser, also those that only a form leads to: axe, narrow screens, dark
colours, the keyboard, and as they are sent, the Nu Html Checker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import insert
from werkzeug.test import TestResponse

from forum.db import db, transaction
from forum.testing.browser import OpenPage
from forum.testing.markup import MarkupFaults
from forum.testing.plugin_forum import PluginForum, served
from forum_anonymous_questions import models
from forum_anonymous_questions.codes import new_code
from forum_anonymous_questions.models import QUESTIONS
from forum_anonymous_questions.queries import claim_marks
from forum_anonymous_questions.tests.asking import (
    TEXT,
    TITLE,
    again,
    code_in,
    open_with,
    write,
)
from tests.browser.visitors import KeyboardVisitor, Visitor
from tests.browser.watching import NARROW, WIDE, Complaints, axe_findings, what_sticks_out

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MIXED = """\
PLEASE READ THIS FIRST

Last Tuesday KilnMaster failed. [](https://example.org/guide)

| | |
|---|---|
| Hour | Damper |
| 1 | open |
"""
LOOKS = [
    pytest.param("light", WIDE, id="light-wide"),
    pytest.param("dark", NARROW, id="dark-narrow"),
    pytest.param("light", NARROW, id="light-narrow", marks=pytest.mark.full),
    pytest.param("dark", WIDE, id="dark-wide", marks=pytest.mark.full),
]
Look = Callable[[str], None]


@pytest.fixture
def forum(forum_to_ask_in: PluginForum) -> PluginForum:
    """A forum in which members can ask, and a published question with an answer."""
    forum_to_ask_in.make.reply(forum_to_ask_in.thread, forum_to_ask_in.people["moderator"])
    return forum_to_ask_in


def published(forum: PluginForum) -> str:
    """The claim code of the thread that is there."""
    code = new_code()
    with forum.app.app_context(), transaction():
        [mark, *_] = claim_marks(code)
        row = {"id": mark[:16], "code": mark, "week": "2026-W48", "state": models.PUBLISHED}
        db.session.execute(insert(QUESTIONS).values(row | {"post_id": forum.thread.id}))
    return code


def walk(visitor: Visitor, code: str, look: Look) -> None:
    """Ask, and do all that a claim code lets one do, looking at each page."""
    visitor.open("/ask")
    look("start")
    visitor.follow("Write a question")
    look("empty form")
    visitor.press("Send it sealed")
    look("everything to mend")
    visitor.write("Title", "Why does KilnMaster fail")
    visitor.choose("Category", "Glazes")
    visitor.write("Text", MIXED)
    visitor.press("Preview")
    look("preview with findings")
    visitor.press("Make it less recognisable")
    look("what may tell who wrote it")
    visitor.write("Text", TEXT)
    visitor.press("Send it sealed")
    look("claim code")
    mine = visitor.page.get_by_label("Your claim code").input_value()
    visitor.follow("Enter a claim code")
    look("asks for the code")
    visitor.write("Claim code", "zebra")
    visitor.press("Open the question")
    look("wrong code")
    visitor.write("Claim code", mine)
    visitor.press("Open the question")
    look("sealed question")
    visitor.press("Change its text")
    look("adding")
    visitor.write("Text", MIXED)
    visitor.press("Send it sealed")
    look("adding with findings")
    visitor.write("Text", TEXT)
    visitor.press("Send it sealed")
    look("added")
    visitor.press("Take it back")
    look("asks whether to take it back")
    visitor.press("Take it back")
    look("taken back")
    visitor.open("/ask/claim")
    visitor.write("Claim code", code)
    visitor.press("Open the question")
    look("published question")
    visitor.write("Number of the reply that answers it", "77")
    visitor.press("Choose as the answer")
    look("no such reply")
    visitor.press("Put the ticket into this browser")
    look("ticket back")
    visitor.open("/ask/tickets")
    look("tickets")
    visitor.write("The words of your tickets", "zebra")
    visitor.press("Put them into this browser")
    look("wrong words")
    visitor.press("Remove my tickets")
    look("removed")
    visitor.open("/ask/write")
    look("no tickets")
    visitor.open("/ask/nothing")
    look("refused")


def shown(forum: PluginForum, url: str, open_page: OpenPage, **wishes: object) -> Page:
    """A browser with a member's cookies."""
    page = open_page(url, **wishes)
    page.context.add_cookies(forum.cookies("member", url))  # type: ignore[arg-type]
    return page


@pytest.mark.parametrize(("scheme", "screen"), LOOKS)
def test_axe_finds_nothing_and_nothing_sticks_out(
    forum: PluginForum, open_page: OpenPage, scheme: str, screen: dict[str, int]
) -> None:
    found: list[str] = []
    with served(forum.app) as url:
        page = shown(forum, url, open_page, color_scheme=scheme, viewport=screen)
        complaints = Complaints(page)

        def look(name: str) -> None:
            # What nobody has mended yet is shown as it was written.
            found_by_axe = axe_findings(page, as_written=name == "preview with findings")
            said = [*found_by_axe, *what_sticks_out(page), *complaints.said]
            found.extend(f"{name}: {one}" for one in said)

        walk(Visitor(page), published(forum), look)
        assert page.locator("script").count() == 0
        page.context.close()
    assert found == []


@pytest.mark.parametrize("way", ["no-javascript", "keyboard"])
def test_everything_works_without_javascript_and_with_the_keyboard(
    forum: PluginForum, open_page: OpenPage, way: str
) -> None:
    met: list[str] = []
    with served(forum.app) as url:
        page = shown(forum, url, open_page, java_script_enabled=way == "keyboard")
        visitor = KeyboardVisitor(page) if way == "keyboard" else Visitor(page)

        def look(name: str) -> None:
            met.append(f"{name}: {visitor.text('h1')}")
            # No address tells more than which page it is.
            assert page.url.partition("#")[0].removeprefix(url).count("?") == 0

        walk(visitor, published(forum), look)
        page.context.close()
    assert met[5] == "claim code: Write down your claim code"
    assert met[-3:] == [
        "removed: Your tickets are removed",
        "no tickets: You cannot ask from this browser now",
        "refused: That did not work",
    ]


def test_pages_are_written_as_the_standard_says(
    forum: PluginForum, markup_faults: MarkupFaults
) -> None:
    browser, stranger = forum.browser("member"), forum.app.test_client()
    answers: dict[str, TestResponse] = {
        page: browser.get(page) for page in ("/ask", "/ask/write", "/ask/claim", "/ask/tickets")
    }
    answers["no tickets"] = stranger.get("/ask/write")
    answers["findings"] = write(browser, "Preview", source=MIXED, title="<b>&")
    answers["recognised"] = write(browser, "Make it less recognisable", source=MIXED)
    answers["refused"] = write(browser, source=f"\n</textarea>{'a' * 40_000}", title="<b>&")
    answers["done"] = write(browser, title='<b> & "kiln"')
    answers["sealed"] = sealed = open_with(stranger, code_in(answers["done"]))
    answers["adding"] = adding = again(stranger, sealed, "Change its text")
    answers["adding badly"] = again(stranger, adding, "Send it sealed", source=MIXED)
    answers["taking back"] = taking = again(stranger, sealed, "Take it back")
    answers["taken back"] = again(stranger, taking, "Take it back")
    answers["published"] = open_with(stranger, published(forum))
    answers["wrong code"] = open_with(stranger, "<b>&")
    answers["other page"] = stranger.get("/ask/nothing")
    assert TITLE not in answers["done"].text
    found = {name: markup_faults(answer.text) for name, answer in answers.items()}
    assert found == {name: [] for name in answers}
