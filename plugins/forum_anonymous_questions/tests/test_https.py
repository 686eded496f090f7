"""The door behind nginx, over HTTPS: forms are taken, cookies are safe, no address tells the code; and a
question's whole way, from asking to being revealed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from forum.clock import utcnow
from forum.db import db, transaction
from forum.testing.application import work
from forum.testing.browser import OpenPage
from forum.testing.factories import Person
from forum.testing.site import StartSite
from forum_anonymous_questions.keys import make_key
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.tests.at_fixed_times import let_period_end
from forum_anonymous_questions.tests.over_https import TEXT, TITLE, asked, entered, opened
from forum_anonymous_questions.time_actions import pass_fixed_time
from tests.browser.visitors import Visitor
from tests.deploy.front import Front, nginx_before, nginx_program

pytestmark = pytest.mark.full
ANSWER = "Let it dry for two days."


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
    asker.press("Change its text")
    asker.write("Text", "It is stoneware.")
    asker.press("Send it sealed")
    assert "its new text" in asker.text("main")
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


def at_fixed_time(front: Front, *, later: timedelta = timedelta()) -> None:
    """Have a fixed time come, and what it leads to be done."""
    with front.site.app.test_request_context():
        let_period_end()
        pass_fixed_time(utcnow() + later)
    work(front.site.app)


@pytest.mark.parametrize("way", ["no-javascript", "keyboard"])
def test_question_goes_its_whole_way_over_https(
    way: str, front: Front, open_page: OpenPage
) -> None:
    address = f"https://localhost:{front.secure}"
    make = front.site.factories
    make.community()
    make.category("Glazes")
    ada, mo, bo = make.member("Ada"), make.member("Mo", role="moderator"), make.member("Bo")
    at_fixed_time(front)

    def enter(person: Person | None = None) -> Visitor:
        return entered(address, open_page, way, person)

    asker, moderator, reader = enter(ada), enter(mo), enter(bo)
    code = asked(asker)
    assert [c["secure"] for c in asker.page.context.cookies() if c["name"].startswith("ask-")] == [
        True
    ]

    # Whoever has the code, in a browser that has never been here.
    elsewhere = enter()
    opened(elsewhere, code)
    assert "It waits, sealed" in elsewhere.text("main")
    at_fixed_time(front)
    opened(elsewhere, code)
    assert "Moderators read it" in elsewhere.text("main")

    moderator.open("/moderation")
    moderator.follow(TITLE, inside="main")
    assert "Ada" not in moderator.text("main")
    assert TEXT in moderator.text("main")
    moderator.press("Approve for the next batch", inside="main")
    reader.open("/latest")
    assert TITLE not in reader.text("main")
    at_fixed_time(front, later=timedelta(hours=49))

    opened(elsewhere, code)
    elsewhere.follow("Read the thread", inside="main")
    assert elsewhere.text("h1") == TITLE
    thread = re.findall(r"/t/[0-9]+", elsewhere.page.url)[0]
    reader.open(thread)
    assert "Asker" in reader.text("main")
    assert "Ada" not in reader.text("main")
    reader.open(f"{thread}/reply")
    reader.write("Text", ANSWER)
    reader.press("Publish", inside="main")

    opened(elsewhere, code)
    feed = elsewhere.page.get_by_role("link", name="Follow the answers").get_attribute("href")
    status, words, _ = front.ask(str(feed))
    assert (status, ANSWER in words) == (200, True)
    elsewhere.press("Thank those who answered")
    assert "your thanks" in elsewhere.text("main")

    asker.open(thread)
    assert "Ada" not in " ".join(asker.texts("article"))
    opened(asker, code)
    asker.follow("Reveal yourself", inside="main")
    asker.write("Claim code (required)", code)
    asker.press("Reveal yourself", inside="main")
    reader.open(thread)
    assert "Ada" in reader.text("main")
