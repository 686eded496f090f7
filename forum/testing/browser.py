"""A real Chromium on a real site. It reaches this machine only, and what breaks in a page shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

from forum.testing.capabilities import missing
from forum.testing.network import is_on_this_machine
from forum.testing.site import Site

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WAIT_MILLISECONDS = 10_000

OpenPage = Callable[..., Page]


def find_chromium() -> str | None:
    """The path of a Chromium: ``FORUM_CHROMIUM``, or the first that is on PATH."""
    named = os.environ.get("FORUM_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """A running Chromium, one for all tests; each page has a profile of its own."""
    path = find_chromium()
    if path is None:
        reason = f"none of {', '.join(NAMES)} is on PATH. Install one, or set FORUM_CHROMIUM"
        missing(pytestconfig, "Chromium", reason)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        except Error as error:
            missing(pytestconfig, "Chromium", f"{path} does not start: {error.message[:200]}")
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Call it with a site's address and wishes to open a page in a profile of its own.

    Wishes are those of Playwright's ``new_context``: ``java_script_enabled``, ``color_scheme``,
    ``viewport``, ``forced_colors``, ``locale`` and so on. After the test, an error in a script or
    an attempt to load something from another machine fails it.
    """
    contexts, troubles = [], list[str]()

    def open_(url: str, **wishes: Any) -> Page:
        context = chromium.new_context(base_url=url, service_workers="block", **wishes)
        contexts.append(context)
        context.set_default_timeout(WAIT_MILLISECONDS)
        context.route("**/*", lambda route: _pass_or_block(route, troubles))
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert troubles == []


def _pass_or_block(route: Route, troubles: list[str]) -> None:
    url = urlsplit(route.request.url)
    if url.scheme in ("http", "https", "ws", "wss") and not is_on_this_machine(url.hostname):
        troubles.append(f"the page wanted {url.geturl()}")
        route.abort()
    else:
        route.continue_()


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def browser_page(request: pytest.FixtureRequest, live_site: Site, open_page: OpenPage) -> Page:
    """A page on ``live_site``, once with JavaScript and once without."""
    return open_page(live_site.url, java_script_enabled=request.param)
