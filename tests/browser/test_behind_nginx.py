"""The first day behind nginx: over HTTPS, from the one-time link to signing in again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from forum.testing.site import StartSite
from tests.browser.commands import Shell
from tests.browser.test_journeys import set_up_the_community
from tests.browser.visitors import KeyboardVisitor, Visitor, sign_in
from tests.deploy.front import Front, nginx_before, nginx_program

pytestmark = pytest.mark.full


@pytest.fixture
def front(
    tmp_path: Path, start_site: StartSite, pytestconfig: pytest.Config, database: str
) -> Iterator[Front]:
    """nginx before a forum that nobody has set up yet."""
    with nginx_before(start_site, tmp_path, nginx_program(pytestconfig), database) as front:
        yield front


@pytest.mark.parametrize("link_of", ["start", "command"])
@pytest.mark.parametrize("way", ["javascript", "no-javascript", "keyboard"])
def test_forum_is_set_up_behind_nginx_with_https(
    way: str, link_of: str, database: str, front: Front, open_page: Callable[..., Page]
) -> None:
    address = f"https://localhost:{front.secure}"
    page = open_page(address, java_script_enabled=way != "no-javascript", ignore_https_errors=True)
    olga = KeyboardVisitor(page) if way == "keyboard" else Visitor(page)
    shell = Shell(front.site.instance, {"FORUM_DATABASE": database, "FORUM_PUBLIC_URL": address})
    said = front.site.printed() if link_of == "start" else shell.runs("setup-link")
    set_up_the_community(olga, re.findall(rf"{address}/setup/\S+", said)[-1])
    olga.follow("Sign out")
    olga.press("Sign out")
    olga.open(f"http://localhost:{front.plain}/sign-in")
    assert page.url == f"{address}/sign-in"
    sign_in(olga, "olga@example.org")
    assert olga.text(".bar a[href='/me']") == "Olga"
    assert page.url.startswith(address)
    assert cookies_that_are_not_safe(page) == []
    assert "set up already" in shell.refuses("setup-link")


def cookies_that_are_not_safe(page: Page) -> list[str]:
    """The names of those that could go out without HTTPS, or be set from elsewhere."""
    kept = page.context.cookies()
    assert kept != []
    return [
        cookie["name"]
        for cookie in kept
        # A cookie of a door is for its path alone, which "__Host-" does not allow.
        if not (
            cookie["secure"] and (cookie["name"].startswith("__Host-") or cookie["path"] != "/")
        )
    ]
