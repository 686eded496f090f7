"""“Asker” is a label of one thread: nothing that a forum shows leads from one question to another by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import value
from forum.discussion.models import Post
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.queries import claimed
from forum_anonymous_questions.tests.at_fixed_times import approve, fixed_time, worked_off
from forum_anonymous_questions.tests.test_fixed_times import DAY, asked

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FIRST, SECOND = "Crawling at the rim", "Cones in a cold kiln"
WHO = ("guest", "member", "moderator", "admin")
MOST_PAGES = 400
# What signs somebody out, or is a file, is not walked through.
NOT_WALKED = re.compile(r"/(sign-out|admin/exports/|static/|themes/)|[?&]as=")


@pytest.fixture
def asker(begun: PluginForum) -> int:
    """The number of the stand-in, after two questions were published."""
    codes = asked(begun, FIRST, SECOND)
    approve(begun, FIRST, SECOND)
    fixed_time(3 * DAY)
    worked_off(begun)
    assert None not in [claimed(code).thread_id for code in codes]
    return int(value(select(PERIOD.c.asker_id)))


def walked(browser: FlaskClient) -> Iterator[tuple[str, str]]:
    """Every page and feed to which a link leads from the front page: its address and its text."""
    known, ahead = {"/"}, ["/"]
    while ahead and len(known) < MOST_PAGES:
        address = ahead.pop(0)
        answer = browser.get(address)
        if answer.mimetype not in ("text/html", "application/atom+xml"):
            continue
        yield address, answer.text
        if answer.mimetype != "text/html":
            continue
        for link in BeautifulSoup(answer.text, "html.parser").select("a[href], link[href]"):
            parts = urlsplit(urljoin(f"http://localhost{address}", str(link["href"])))
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc == "localhost" and found not in known and not NOT_WALKED.search(found):
                known.add(found)
                ahead.append(found)


@pytest.mark.parametrize("who", WHO)
def test_no_page_or_feed_leads_from_one_question_to_the_other(
    begun: PluginForum, asker: int, who: str
) -> None:
    pages = dict(walked(begun.browser(who)))
    titles = [title for title in (FIRST, SECOND) if any(title in text for text in pages.values())]
    assert titles == [FIRST, SECOND]
    assert any(address.endswith("/feed.atom") for address in pages)
    # Administrators know that there is one who stands in for others, and nothing of their posts.
    named = re.compile(rf"(?<!/admin)/members/{asker}\b")
    assert [address for address, text in pages.items() if named.search(text)] == []
    ours = [text for address, text in pages.items() if f"/admin/members/{asker}" in address]
    assert [text for text in ours if FIRST in text or SECOND in text] == []


@pytest.mark.parametrize("who", WHO)
def test_no_page_about_a_member_is_about_the_asker(
    begun: PluginForum, asker: int, who: str
) -> None:
    addresses = [rule.rule for rule in begun.app.url_map.iter_rules() if "GET" in rule.methods]
    about = [
        re.sub(r"<[^>]*member_id>", str(asker), address)
        for address in addresses
        if re.search(r"<[^>]*member_id>", address)
    ]
    assert len(about) > 10
    found = {address: begun.browser(who).get(re.sub(r"<[^>]*>", "1", address)) for address in about}
    shown = {address: page.text for address, page in found.items()}
    assert [a for a, text in shown.items() if FIRST in text or SECOND in text] == []
    answered = [address for address, page in found.items() if page.status_code == 200]
    assert [address for address in answered if not address.startswith("/admin/")] == []


def test_walk_sees_an_author_who_has_a_page(begun: PluginForum, asker: int) -> None:
    """The proof that the walk would find it: the member who wrote the other thread."""
    writer = value(select(Post.author_id).where(Post.author_id != asker))
    pages = dict(walked(begun.browser("member")))
    named = re.compile(rf"(?<!/admin)/members/{writer}\b")
    assert [address for address, text in pages.items() if named.search(text)] != []
