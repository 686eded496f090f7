"""What is found in a text, in a real browser: with the keyboard alone, while somebody types, in every
look."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from forum.testing.factories import Person
from forum.testing.pseudo import LANGUAGE, speak_pseudo
from tests.browser.stage import Stage
from tests.browser.test_pages import faults_of
from tests.browser.visitors import KeyboardVisitor
from tests.browser.watching import NARROW, WIDE, Complaints
from tests.files.drawing import uploaded_by

LEVELS = "# One\n\n### Two\n\n##### Three"
SHOUTED = "PLEASE DO NOT RUSH IT"
FOCUS = "document.activeElement.id"
SELECTED = "source.value.slice(source.selectionStart, source.selectionEnd)"
OpenPage = Callable[..., Page]


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Iterator[Stage]:
    """A forum with one thread."""
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        stage.factories.thread()
        yield stage


@pytest.fixture
def amira(stage: Stage) -> Person:
    """A member who replies."""
    return stage.factories.member("Amira")


def opened(open_page: OpenPage, stage: Stage, person: Person, **options: object) -> Page:
    """The page on which this person replies."""
    page = open_page(stage.url, **options)
    page.context.add_cookies(stage.cookies(person))  # type: ignore[arg-type]
    page.goto("/t/1/reply")
    return page


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="javascript"), pytest.param(False, id="no-javascript")]
)
def test_keyboard_alone_settles_everything_that_is_found(
    open_page: OpenPage, stage: Stage, amira: Person, scripts: bool
) -> None:
    bowl = uploaded_by(stage.factories, amira)
    visitor = KeyboardVisitor(opened(open_page, stage, amira, java_script_enabled=scripts))
    page = visitor.page
    visitor.write("Text", f"{LEVELS}\n\n{SHOUTED}\n\n![]({bowl})")
    if not scripts:
        visitor.press("Preview")
    heading = "Before you publish: 1 thing to decide, 3 to consider"
    expect(page.locator("#findings-heading")).to_have_text(heading)
    _go_there_and_back(visitor, heading, scripts=scripts)
    visitor.write("What it shows", "A bowl with cracks")
    visitor.press("Use these words")
    assert visitor.text("form .notice p") == "The words are in your text."
    visitor.press("Mend 2 of them at once")
    visitor.press("Undo")
    assert visitor.text("#findings-heading") == "Before you publish: 3 things to consider"
    visitor.press("Mend 2 of them at once")
    visitor.press("Keep")
    assert visitor.text("#findings-heading") == "Nothing is left to decide or to consider"
    visitor.press("Publish")
    assert page.url.endswith("/t/1#p2")
    assert page.locator("#p2 img[alt='A bowl with cracks']").count() == 1
    assert visitor.text("#p2 .words h5") == "Three"


def _go_there_and_back(visitor: KeyboardVisitor, heading: str, *, scripts: bool) -> None:
    """By the link of the first thing to consider to its place, and back."""
    page = visitor.page
    visitor._reach(page.locator("#findings a.place").nth(1))
    page.keyboard.press("Enter")
    if scripts:
        assert (page.evaluate(FOCUS), page.evaluate(SELECTED)) == ("source", "### Two")
    else:
        expect(page).to_have_url(re.compile("#source$"))
    visitor._reach(page.locator("[data-found] a"))
    assert visitor.text("[data-found]") == heading
    page.keyboard.press("Enter")
    if scripts:
        assert page.evaluate(FOCUS) == "finding-2"
    else:
        expect(page).to_have_url(re.compile("#findings$"))


def test_fresh_look_moves_neither_caret_nor_text_nor_focus(
    open_page: OpenPage, stage: Stage, amira: Person
) -> None:
    page = opened(open_page, stage, amira)
    text, found = page.get_by_label("Text", exact=True), page.locator("#findings-heading")
    text.focus()
    page.keyboard.insert_text(f"{LEVELS} and more")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    before = text.bounding_box()
    expect(found).to_have_text("Before you publish: 2 things to consider")
    after, caret = text.bounding_box(), len(LEVELS) + len(" and more") - 4
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert page.evaluate(f"[{FOCUS}, source.selectionStart]") == ["source", caret]
    expect(page.locator("[data-finding]")).to_have_text(found.inner_text())
    # Whoever is among the findings keeps what is there until they leave.
    keep = page.get_by_role("button", name="Keep").first
    with page.expect_response("**/review"):
        page.evaluate("source.value += '\\n\\nPLEASE DO NOT RUSH IT'")
        page.evaluate("source.dispatchEvent(new Event('input', {bubbles: true}))")
        keep.focus()
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.name") == "keep"
    assert "2 things" in found.inner_text()
    text.focus()
    expect(found).to_have_text("Before you publish: 3 things to consider")
    assert page.evaluate(FOCUS) == "source"


@contextmanager
def read_in(stage: Stage, language: str, words: Path) -> Iterator[None]:
    """Have everybody read in this language meanwhile."""
    speak_pseudo(stage.app, words)
    with stage.speaking(language):
        yield


LOOKS = [
    ("light", "none", LANGUAGE, NARROW),
    # Where colours are forced, axe takes what lies below everything for white, whatever the mode.
    pytest.param("light", "active", "en", WIDE, marks=pytest.mark.full),
    pytest.param("light", "active", LANGUAGE, WIDE, marks=pytest.mark.full),
    pytest.param("contrast", "active", "de", NARROW, marks=pytest.mark.full),
    pytest.param("dark", "none", LANGUAGE, WIDE, marks=pytest.mark.full),
]


@pytest.mark.parametrize(("mode", "forced", "language", "screen"), LOOKS)
def test_composer_with_everything_in_it_is_sound_in_every_look(
    open_page: OpenPage,
    stage: Stage,
    amira: Person,
    pseudo_words: Path,
    mode: str,
    forced: str,
    language: str,
    screen: dict[str, int],
) -> None:
    bowl = uploaded_by(stage.factories, amira)
    with read_in(stage, language, pseudo_words):
        page = opened(open_page, stage, amira, viewport=screen, forced_colors=forced)
        complaints = Complaints(page)
        page.context.add_cookies([{"name": "mode", "value": mode, "url": stage.url}])
        page.reload()
        page.locator("#source").fill(f"{LEVELS}\n\n{SHOUTED}\n\n![]({bowl})")
        page.locator("button[name=action][value=preview]").last.click()
        page.locator("button[name=keep]").first.click()
        page.locator("details.kept summary").click()
        page.locator("button[value=repair-all], button[name=repair]").last.click()
        page.locator("button[value=undo]").wait_for()
        page.locator("details.kept summary").click()
        assert page.get_attribute("html", "lang") == language
        if forced == "active":
            edges = page.locator("#findings li").first.evaluate(
                "part => getComputedStyle(part).borderTopStyle"
            )
            assert edges == "solid", "colours are not what tells one finding from the next"
        visitor = KeyboardVisitor(page)
        page.locator("#findings-heading").click()
        for _ in range(6):
            visitor.next_stop()
        assert faults_of(page, complaints) == []
