"""Adding a picture in a real browser, with and without JavaScript, and how it stands on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from forum.testing.factories import Person
from forum.testing.site import Site
from tests.browser.watching import NARROW, WIDE, Complaints, axe_findings, what_sticks_out
from tests.files.drawing import drawn


def sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Sign out").wait_for()


def faults_of(page: Page) -> list[str]:
    """What axe finds and what sticks out of a narrow screen; nothing can be asked without scripts."""
    if page.locator("html[data-scripts]").count() == 0:
        return []
    found = axe_findings(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    found += what_sticks_out(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return found


def test_picture_is_described_added_published_and_fits_the_page(
    browser_page: Page, live_site: Site, tmp_path: Path
) -> None:
    page, complaints = browser_page, Complaints(browser_page)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.documentElement.dataset.scripts = '')"
    )
    live_site.factories.community()
    ada = live_site.factories.member("Ada")
    live_site.factories.thread(ada)
    file = tmp_path / "bowl.jpg"
    file.write_bytes(drawn("jpeg", 1600, 900))
    sign_in(page, ada)
    page.goto("/t/1/reply")
    page.get_by_label("Text", exact=True).fill("Look at it:")
    page.get_by_role("button", name="Add a picture").first.click()
    page.get_by_role("heading", name="Add a picture").wait_for()
    assert faults_of(page) == []

    page.get_by_label("What it shows").fill("A red and a blue half")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add the picture").click()
    page.locator("#error-summary").wait_for()
    assert faults_of(page) == []
    assert page.locator("#error-summary li").all_text_contents() == [
        "What the picture is for: Decide first: it says something, or it is decoration.",
        "File: Choose the file again: browsers do not keep it.",
    ]

    page.get_by_label("It says something").check()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Add the picture").click()
    page.get_by_text("The picture is in your text.").wait_for()
    text = page.get_by_label("Text", exact=True).input_value()
    assert text.startswith("Look at it:\n\n![A red and a blue half](/files/")
    page.get_by_role("button", name="Publish", exact=True).click()
    image = page.get_by_role("img", name="A red and a blue half")
    image.wait_for()
    assert faults_of(page) == []
    size = image.bounding_box()
    assert size is not None
    assert round(size["width"] / size["height"], 1) == round(1600 / 900, 1)
    assert complaints.said == []


def test_count_of_characters_follows_what_is_typed(
    live_site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(live_site.url)
    live_site.factories.community()
    live_site.factories.category()
    sign_in(page, live_site.factories.member("Ada"))
    page.goto("/pictures/new?for=new")
    page.get_by_label("What it shows").fill("A 𝄞 clef")
    assert page.locator("[data-most] + p").text_content() == "8 / 500"
