"""Thousands of strings that were made to become scripts, on real pages in a real browser.

Without the Content-Security-Policy, so that nothing but the text pipeline and the templates
stands between; with ``--full`` also with it, as people meet the pages.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update

from forum.accounts.profile_actions import ProfileText, change_profile
from forum.categories.actions import add_category
from forum.db import db, transaction
from forum.discussion.actions import Posting, prepare, reply, start_thread
from forum.discussion.models import Post
from forum.discussion.rules import POSTS_A_PAGE
from forum.errors import Invalid
from forum.permissions import OPERATOR, Actor
from forum.testing.factories import Person
from forum.text.lines import is_visible
from forum.web.headers import POLICY
from tests.browser.intruders import Watch, watching
from tests.browser.stage import Stage
from tests.browser.visitors import Visitor

A_THREAD = 100
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PLANTED = "<img src=x onerror=alert(1)>"


def strings(corpora: Path, config: pytest.Config, *, of_each_source: int) -> list[str]:
    """All strings with ``--full``; else as many of each source, always the same."""
    with (corpora / "xss.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if config.getoption("full"):
        return [row["payload"] for row in rows]
    by_source: dict[str, list[str]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: str(row["id"])):
        by_source[row["source"]].append(row["payload"])
    return [text for source in by_source.values() for text in source[:of_each_source]]


@dataclass(frozen=True, slots=True)
class Posted:
    """Strings, each in a post of its own.

    Attributes:
        pages: the addresses of all pages with them.
        texts: what was posted, by thread and number.
        refused: strings that cannot be posted, and what their writer is told.
    """

    stage: Stage
    reader: Person
    pages: list[str]
    texts: dict[tuple[int, int], str]
    refused: dict[str, str]

    def names(self, address: str, numbers: list[int]) -> list[str]:
        """The strings that stand in these posts of a page."""
        thread = int(address.split("/")[2].partition("?")[0])
        return [self.texts[thread, number] for number in numbers]


@pytest.fixture(scope="module")
def posted(
    pytestconfig: pytest.Config,
    corpora: Path,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Path,
) -> Iterator[Posted]:
    """The strings, posted through the real actions, a hundred to a thread."""
    folder = tmp_path_factory.mktemp("xss") / "instance"
    with Stage(folder, sqlite_template).served() as stage:
        reader = stage.factories.community()
        posted = Posted(stage, reader, [], {}, {})
        found = strings(corpora, pytestconfig, of_each_source=15)
        for start in range(0, len(found), A_THREAD):
            post_all(posted, found[start : start + A_THREAD])
        yield posted


def post_all(posted: Posted, texts: list[str]) -> None:
    """Start a thread and reply to it with each of these texts that can be posted."""
    make = posted.stage.factories
    author = make.actor(posted.reader)
    thread = make.thread(posted.reader).thread_id
    with posted.stage.app.test_request_context(), transaction():
        numbers = [reply_with(posted, author, thread, text) for text in texts]
    last_page = -(-max(filter(None, numbers), default=1) // POSTS_A_PAGE)
    posted.pages.extend(f"/t/{thread}?page={page}" for page in range(1, last_page + 1))


def reply_with(posted: Posted, author: Actor, thread: int, text: str) -> int | None:
    """Reply, and note under which number, or why not."""
    try:
        # What blocks is published, too: its author asks for help.
        post = reply(author, thread, text=prepare(text), posting=Posting(asks_for_help=True))
    except Invalid as refusal:
        posted.refused[text] = refusal.message
        return None
    assert post.number is not None
    posted.texts[thread, post.number] = text
    return post.number


@pytest.fixture(
    params=[
        pytest.param("", id="without-policy"),
        pytest.param(POLICY, id="with-policy", marks=pytest.mark.full),
    ]
)
def watch(request: pytest.FixtureRequest, chromium: Browser, posted: Posted) -> Iterator[Watch]:
    """A browser in which the administrator looks, with the site's policy on or off."""
    stage = posted.stage
    stage.app.config["CONTENT_SECURITY_POLICY"] = request.param
    with watching(chromium, stage.url, stage.cookies(posted.reader)) as watch:
        yield watch
    stage.app.config["CONTENT_SECURITY_POLICY"] = POLICY


def test_no_string_does_anything_in_a_post(watch: Watch, posted: Posted) -> None:
    hits = {page: posted.names(page, watch.posts_with_hits(page)) for page in posted.pages}
    assert {page: names for page, names in hits.items() if names} == {}


def test_only_what_cannot_be_seen_keeps_a_string_from_being_posted(posted: Posted) -> None:
    assert posted.texts
    seen = [text for text in posted.refused if is_visible(text)]
    assert [text for text in seen if not CONTROL.search(text)] == []


@pytest.mark.parametrize(
    ("text", "does"),
    [
        (PLANTED, "alert(1)"),
        ("<a href='java&#9;script:alert(2)'>x</a>", "href in"),
        ("<b onmouseover='alert(3)'>x</b>", "onmouseover in"),
        ("<img src='https://example.org/x.png'>", "the page wanted"),
        ("<iframe srcdoc='<p>x'></iframe>", "srcdoc in"),
    ],
)
def test_string_that_was_not_sanitised_is_named(
    watch: Watch, posted: Posted, text: str, does: str
) -> None:
    thread, numbers = plant(posted, text)
    address = f"/t/{thread}?page=1"
    # With the policy the browser may stop it before it does anything, and says so.
    assert any(does in hit.what or hit.what.startswith("stopped: ") for hit in watch.load(address))
    assert (watch.posts_with_hits(address), numbers) == ([3], [1, 2, 3, 4])


def plant(posted: Posted, html: str) -> tuple[int, list[int]]:
    """A thread of four posts, in whose third the HTML stands as it is: its id, their numbers."""
    make = posted.stage.factories
    first = make.thread(posted.reader)
    posts = [first, *(make.reply(first, posted.reader) for _ in range(3))]
    with posted.stage.app.test_request_context(), transaction():
        db.session.execute(update(Post).where(Post.id == posts[2].id).values(html=html))
    return first.thread_id, [post.number or 0 for post in posts]


@dataclass(frozen=True, slots=True)
class Named:
    """Strings as names, titles and descriptions.

    Attributes:
        pages: addresses on which they stand.
        taken: how many could be each of these.
    """

    pages: list[str]
    taken: Counter[str]


@pytest.fixture(scope="module")
def named(posted: Posted, corpora: Path, pytestconfig: pytest.Config) -> Named:
    """Each string as a member's name, as a category's title and description, as a thread's title."""
    found = strings(corpora, pytestconfig, of_each_source=1)
    found = found[::40] if pytestconfig.getoption("full") else found
    named = Named(["/", "/latest", "/admin/categories", "/moderation", "/new"], Counter())
    for text in found:
        with posted.stage.app.test_request_context():
            name_everything(named, posted.stage, text)
    assert all(named.taken[role] > len(found) / 2 for role in ("name", "category", "title"))
    return named


def name_everything(named: Named, stage: Stage, text: str) -> None:
    """Give somebody, a category and a thread this name, where it can be one."""
    make = stage.factories
    member = make.member()
    actor, fallback, handle = make.actor(member), make.category(), f"m{member.id}"
    attempt(named, "name", lambda: change_profile(actor, ProfileText(text, handle, "UTC")))
    about = ProfileText(member.name, handle, "UTC", about=text)
    attempt(named, "about", lambda: change_profile(actor, about))
    new = attempt(named, "category", lambda: add_category(OPERATOR, title=text, description=text))
    category, prepared = new or fallback, prepare("Hello.")
    actor = make.actor(member)
    start = partial(start_thread, actor, category, text=prepared, posting=Posting())
    post = attempt(named, "title", lambda: start(title=text))
    post = post or make.thread(member, category)
    named.pages.extend(
        [
            f"/members/{post.author_id}",
            f"/t/{post.thread_id}",
            f"/t/{post.thread_id}/reply?to=1",
            f"/c/{category.slug}",
        ]
    )


def attempt(named: Named, role: str, verb: Callable[[], Any]) -> Any:
    """Do it, and count it, unless the string cannot be taken."""
    try:
        with transaction():
            done = verb()
    except Invalid:
        return None
    named.taken[role] += 1
    return done


def test_no_string_does_anything_as_a_name(watch: Watch, named: Named) -> None:
    hits = {page: watch.load(page) for page in named.pages}
    assert {page: found for page, found in hits.items() if found} == {}


@pytest.mark.parametrize(
    "address",
    ["/sign-in?next={}", "/new?category={}", "/t/1?page={}", "/?after={}", "/{}", "/reset/{}"],
)
def test_no_string_does_anything_in_an_address(
    watch: Watch, address: str, corpora: Path, pytestconfig: pytest.Config
) -> None:
    found = strings(corpora, pytestconfig, of_each_source=1)
    found = found[::50] if pytestconfig.getoption("full") else found
    hits = {text: watch.load(address.format(quote(text, safe=""))) for text in found}
    assert {text: what for text, what in hits.items() if what} == {}


def test_no_string_does_anything_in_the_composer(
    watch: Watch, posted: Posted, corpora: Path, pytestconfig: pytest.Config
) -> None:
    visitor = Visitor(watch.page)
    found = strings(corpora, pytestconfig, of_each_source=1)
    found = found[::50] if pytestconfig.getoption("full") else found
    hits = {}
    for text in found:
        watch.load("/new")
        visitor.write("Title", text)
        visitor.write("Text", text)
        visitor.press("Preview")
        hits[text] = watch.look(watch.page.url)
        assert watch.page.get_by_label("Title").input_value() == " ".join(text.splitlines())
    assert {text: what for text, what in hits.items() if what} == {}
