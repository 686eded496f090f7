"""Exported pages, opened from a disk: they read without the forum, and load nothing from anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from forum.app import create_app
from forum.testing.application import close
from forum.testing.markup import MarkupFaults
from tests.admin.excerpts import in_zone, pages
from tests.admin.full_forum import FullForum, NoSales
from tests.browser.watching import NARROW, WIDE, Complaints, axe_findings, what_sticks_out

LOOKS = [("light", WIDE), ("dark", WIDE), ("light", NARROW)]
# Headings and odd characters are the authors'; and the checker, which does not know where the page
# lies, takes what lies beside it for foreign.
NOT_OURS = re.compile(
    "The heading .* skipping|Forbidden code point|Resource violates Content Security"
)
NAMES = ("index.html", "c/1.html", "t/1.html", "people.html")


@pytest.fixture(scope="module")
def folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a full forum, also of what was removed; the forum is gone."""
    place = tmp_path_factory.mktemp("exported")
    (place / "instance").mkdir()
    (place / "instance" / "forum.sqlite3").write_bytes(sqlite_template.read_bytes())
    app: Flask = create_app(place / "instance", plugins=[("no_sales", NoSales())])
    FullForum(app).fill()
    in_zone(app, "Europe/Vienna", language="de")
    pages(app, place / "pages", with_removed=True)
    close(app)
    return place / "pages"


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=["light", "dark", "narrow"])
def test_pages_read_from_a_disk(
    scheme: str, size: dict[str, int], folder: Path, chromium: Browser
) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport=size, java_script_enabled=True)  # type: ignore[arg-type]
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    complaints = Complaints(page)
    try:
        for name in NAMES:
            page.goto((folder / name).as_uri())
            page.wait_for_load_state("load")
            # axe itself would fetch the style sheet, which the page's policy forbids.
            said = list(complaints.said)
            assert (name, said, what_sticks_out(page)) == (name, [], [])
            assert axe_findings(page, as_written=True) == []
            complaints.said.clear()
            assert _is_styled(page)
    finally:
        context.close()
    assert [url for url in asked if not url.startswith(folder.as_uri())] == []


def _is_styled(page: Page) -> bool:
    found: str = page.locator("main").evaluate("part => getComputedStyle(part).display")
    return found == "grid"


def test_reader_finds_a_post_and_who_wrote_it(folder: Path, chromium: Browser) -> None:
    page = chromium.new_page()
    try:
        page.goto((folder / "index.html").as_uri())
        page.get_by_role("link", name="Glazes & ashes").click()
        page.get_by_role("link", name="Crackle, 釉 & “ash”").click()
        page.locator("#p4 .number").click()
        expect(page).to_have_url(re.compile("/t/1.html#p4$"))
        picture = page.locator("#p4 img")
        picture.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#p4 img').complete")
        assert picture.evaluate("part => part.naturalWidth") == 3
        page.locator("#p4 h2 a").click()
        assert page.locator("li:target").inner_text().startswith("Zoë 🏺 Müller")
    finally:
        page.close()


def test_planted_script_does_not_run(folder: Path, chromium: Browser, tmp_path: Path) -> None:
    source = (folder / "index.html").read_text(encoding="utf-8")
    planted = source.replace("</main>", "<script>document.title = 'ran'</script></main>")
    assert planted != source
    (tmp_path / "planted.html").write_text(planted, encoding="utf-8")
    page = chromium.new_page()
    try:
        page.goto((tmp_path / "planted.html").as_uri())
        assert page.title() != "ran"
    finally:
        page.close()


@pytest.mark.parametrize("name", NAMES)
def test_page_is_written_as_the_standard_says(
    name: str, folder: Path, markup_faults: MarkupFaults
) -> None:
    found = markup_faults((folder / name).read_text(encoding="utf-8"))
    assert [line for line in found if not NOT_OURS.match(line)] == []
