"""The door behind nginx, over HTTPS: forms are taken, cookies are safe, no address tells the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from forum.db import db, transaction
from forum.testing.browser import OpenPage
from forum.testing.site import StartSite
from forum_anonymous_questions.keys import make_key
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.tests.over_https import asked, entered, opened
from tests.deploy.front import Front, nginx_before, nginx_program

pytestmark = pytest.mark.full


@pytest.fixture
def front(
    tmp_path: Path, start_site: StartSite, pytestconfig: pytest.Config, database: str
) -> Iterator[Front]:
    """nginx before a forum in which the first period has begun."""
    with nginx_before(start_site, tmp_path, nginx_program(pytestconfig), database) as front:
        with front.site.app.app_context(), transaction():
            if db.session.scalar(select(PERIOD.c.key_id)) is None:
                db.session.execute(insert(PERIOD).values(id=1, key_id=make_key()))
        yield front


@pytest.mark.parametrize("way", ["no-javascript", "keyboard"])
def test_member_asks_and_opens_the_question_over_https(
    way: str, front: Front, open_page: OpenPage
) -> None:
    address = f"https://localhost:{front.secure}"
    make = front.site.factories
    make.community()
    make.category("Glazes")
    asker = entered(address, open_page, way, make.member("Ada"))
    met: list[str] = []
    asker.page.on("request", lambda request: met.append(request.url))
    code = asked(asker)
    opened(asker, code)
    asker.press("Add to it")
    asker.write("Text", "It is stoneware.")
    asker.press("Send it sealed")
    assert "what you added" in asker.text("main")
    cookies = [c for c in asker.page.context.cookies(f"{address}/ask") if c["path"] == "/ask"]
    safe = [(c["secure"], c["httpOnly"], c["sameSite"]) for c in cookies]
    assert safe == [(True, True, "Lax")]
    # What stands in histories and logs.
    assert [url for url in met if code.split()[0] in url or "?" in url] == []
    # Nobody who reads elsewhere is sent the tickets.
    assert [c for c in asker.page.context.cookies(address) if c["name"].startswith("ask-")] == []
    stranger = entered(address, open_page, way)
    opened(stranger, code)
    asker.follow("Close it")
    asker.follow("Your tickets")
    asker.press("Remove my tickets")
    assert [c for c in asker.page.context.cookies(f"{address}/ask") if c["path"] == "/ask"] == []
