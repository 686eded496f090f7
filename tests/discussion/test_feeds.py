"""Feeds: valid, only what the reader may see, always the same ids, and cheap to ask for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import update

from forum.app import create_app
from forum.categories.models import Category
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.feed_queries import POSTS_A_FEED
from forum.discussion.models import Post, Thread, ThreadTag
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from forum.web.atom import with_absolute_addresses
from tests.evidence import links_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SCHEMA = Path(__file__).with_name("atom.rnc")
FEEDS = (
    "/feed.atom",
    "/c/glazes/feed.atom",
    "/t/1/feed.atom",
    "/members/{ada}/feed.atom",
    "/tags/crackle/feed.atom",
)
RICH = """\
Look at [our list](/t/1/2#x), *slowly* & "quoted" <b>so</b>[^1].

| a | b |
|---|---|
| `href="/not/an/address"` | 1 < 2 |

[^1]: Said `<a href='/x'>` by Ada.
"""


@cache
def schema() -> etree.RelaxNG:
    return etree.RelaxNG.from_rnc_string(SCHEMA.read_text("utf-8"))


def faults_of(feed: bytes) -> list[str]:
    """What the schema of RFC 4287 and an independent reader find wrong."""
    document = etree.fromstring(feed)
    schema().validate(document)
    faults = [str(error.message) for error in schema().error_log]
    read = feedparser.parse(feed)
    return faults + ([str(read.bozo_exception)] if read.bozo else [])


def read(browser: FlaskClient, address: str) -> Any:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert faults_of(answer.data) == []
    return feedparser.parse(answer.data, sanitize_html=False, resolve_relative_uris=False)


def titles(browser: FlaskClient, address: str = "/feed.atom") -> list[str]:
    return [entry.title for entry in read(browser, address).entries]


@pytest.fixture
def ada(app: Flask, factories: Factories) -> Person:
    """Who has started thread 1, filed under a tag, in which Bo has replied."""
    factories.community("Potters & friends")
    ada = factories.member("Ada <Lovelace>")
    thread = factories.thread(ada, title='Crackle: "how" fine & <deep>?', source=RICH)
    factories.reply(thread, factories.member("Bo"), source="Cool it *slowly*.")
    file_under(app, thread.thread_id, "crackle")
    return ada


def file_under(app: Flask, thread_id: int, tag: str) -> None:
    with app.test_request_context(), transaction():
        db.session.add(ThreadTag(thread_id=thread_id, tag=tag))


def addresses(ada: Person) -> list[str]:
    return [address.format(ada=ada.id) for address in FEEDS]


def test_each_feed_is_valid_and_says_what_the_page_says(client: FlaskClient, ada: Person) -> None:
    feeds = {address: read(client, address) for address in addresses(ada)}
    both = ['Reply in “Crackle: "how" fine & <deep>?”', 'Crackle: "how" fine & <deep>?']
    assert {a: [e.title for e in f.entries] for a, f in feeds.items()} == {
        **dict.fromkeys(feeds, both),
        f"/members/{ada.id}/feed.atom": both[1:],
    }
    assert [feed.feed.title for feed in feeds.values()] == [
        "Potters & friends",
        "Glazes",
        both[1],
        "Posts by Ada <Lovelace>",
        "Filed under crackle",
    ]
    base = "http://127.0.0.1:8000"
    assert [[(li.rel, li.href) for li in feed.feed.links] for feed in feeds.values()] == [
        [("self", base + address), ("alternate", base + (address[:-10] or "/"))]
        for address in feeds
    ]
    reply, first = feeds["/feed.atom"].entries
    assert (first.link, first.author_detail.name, first.author_detail.href) == (
        f"{base}/t/1/1",
        "Ada <Lovelace>",
        f"{base}/members/{ada.id}",
    )
    assert [(tag.term, tag.label) for tag in first.tags] == [("glazes", "Glazes")]
    assert reply.content[0].value == "<p>Cool it <em>slowly</em>.</p>"
    words = first.content[0].value
    assert f'<a href="{base}/t/1/2#x"' in words
    assert f'href="{base}/t/1/1#fn-' in words
    assert 'href="/not/an/address"' in words, "what somebody wrote about addresses is not one"
    assert len({feed.feed.id for feed in feeds.values()} | {reply.id, first.id}) == len(feeds) + 2


def test_planted_faults_are_found(client: FlaskClient, ada: Person) -> None:
    sound = client.get("/feed.atom").data
    planted = [
        (b"<updated>", b"<updated>yesterday "),
        (b"urn:uuid:", b""),
        (b"<author>\n<name>", b"<author>\n<nom>"),
        (b'rel="self"', b'rel="own self"'),
        (b'type="html"', b'type="markup"'),
    ]
    broken = [sound.replace(old, new, 1).replace(b"<nom>", b"<nom/><name>") for old, new in planted]
    assert faults_of(sound) == []
    assert [bool(faults_of(feed)) for feed in broken] == [True] * len(planted)


def test_feed_shows_only_what_its_reader_may_see(
    app: Flask, client: FlaskClient, factories: Factories, ada: Person
) -> None:
    secret = factories.category("Board", audiences=Audiences(see="members"))
    thread = factories.thread(ada, secret, title="Salaries")
    file_under(app, thread.thread_id, "crackle")
    member = factories.signed_in(factories.member())
    seen = {
        a: ("Salaries" in titles(client, a), "Salaries" in titles(member, a))
        for a in addresses(ada)
        if a not in ("/c/glazes/feed.atom", "/t/1/feed.atom")
    }
    assert set(seen.values()) == {(False, True)}
    assert [b.get("/c/board/feed.atom").status_code for b in (client, member)] == [404, 200]
    assert [b.get("/t/2/feed.atom").status_code for b in (client, member)] == [404, 200]


def test_removed_and_held_posts_are_in_no_feed(
    app: Flask, client: FlaskClient, factories: Factories, ada: Person
) -> None:
    other = factories.thread(ada, title="Slip")
    with app.test_request_context(), transaction():
        db.session.execute(
            update(Post)
            .where(Post.number == 2)
            .values(removed_at=utcnow(), removal="moderator", removal_reason="It sells.")
        )
        db.session.execute(
            update(Thread).where(Thread.id == other.thread_id).values(removed_at=utcnow())
        )
        db.session.add(Post(thread_id=1, author_id=ada.id, pipeline=1, html="held", excerpt="held"))
    assert {tuple(titles(client, a)) for a in addresses(ada)} == {
        ('Crackle: "how" fine & <deep>?',)
    }


def test_ids_and_their_order_do_not_depend_on_the_address_of_the_forum(
    app: Flask, client: FlaskClient, instance: Path, database: str, ada: Person
) -> None:
    moved = create_app(instance, database=database, public_url="https://pots.example/")
    here, there = read(client, "/feed.atom"), read(moved.test_client(), "/feed.atom")
    close(moved)
    assert here.feed.id == there.feed.id
    assert [entry.id for entry in here.entries] == [entry.id for entry in there.entries]
    assert {urlsplit(entry.link).netloc for entry in there.entries} == {"pots.example"}


def test_reader_who_has_it_already_is_told_so_without_the_words(
    app: Flask, client: FlaskClient, ada: Person
) -> None:
    with count_statements(app) as for_all:
        first = client.get("/feed.atom")
    again = {"If-None-Match": first.headers["ETag"]}
    with count_statements(app) as for_nothing:
        second = client.get("/feed.atom", headers=again)
    assert (second.status_code, second.data, len(for_nothing)) == (304, b"", len(for_all) - 1)
    assert not any("posts.html" in statement for statement in for_nothing)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/feed.atom", headers=since).status_code == 304


def test_edit_gives_a_new_time_of_change_and_the_same_id(
    app: Flask, client: FlaskClient, factories: Factories, ada: Person
) -> None:
    before, answer = read(client, "/feed.atom"), client.get("/feed.atom")
    edit = submit(factories.signed_in(ada), "/t/1/1/edit", button="Publish", source="How deep?")
    assert edit.status_code == 303
    later = datetime.now(UTC) + timedelta(minutes=5)
    with app.test_request_context(), transaction():
        db.session.execute(update(Post).where(Post.id == 1).values(edited_at=later))
    after = read(client, "/feed.atom")
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert after.entries[1].content[0].value == "<p>How deep?</p>"
    assert after.feed.updated == after.entries[1].updated == later.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert after.entries[1].published == before.entries[1].published
    condition = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/feed.atom", headers=condition).status_code == 200


def test_feeds_of_many_posts_take_as_many_statements_and_are_cut(
    app: Flask, client: FlaskClient, factories: Factories, ada: Person
) -> None:
    def statements(address: str) -> int:
        with count_statements(app) as sent:
            assert client.get(address).status_code == 200
        return len(sent)

    for_few = [statements(address) for address in addresses(ada)]
    bo = factories.member("Bo")
    with app.app_context():
        glazes = db.session.get_one(Category, 1)
    threads = [factories.thread(ada, glazes, title=f"Firing {number}") for number in range(5)]
    for thread in threads:
        file_under(app, thread.thread_id, "crackle")
    for number in range(POSTS_A_FEED + 5):
        factories.reply(threads[number % 4], (ada, bo)[number % 2], source=f"Mine took {number}.")
    assert [statements(address) for address in addresses(ada)] == for_few
    newest = [f"<p>Mine took {POSTS_A_FEED + 4 - n}.</p>" for n in range(POSTS_A_FEED)]
    for address in ("/feed.atom", "/c/glazes/feed.atom", "/tags/crackle/feed.atom"):
        entries = read(client, address).entries
        assert [entry.content[0].value for entry in entries] == newest, address


@ONE_DATABASE
def test_character_that_xml_cannot_have_does_not_break_a_feed(
    app: Flask, client: FlaskClient, ada: Person
) -> None:
    bad = "a\x0b\x1f\ufffe\uffff\x7f]]>&b"
    with app.test_request_context(), transaction():
        db.session.execute(update(Thread).values(title=bad))
        db.session.execute(update(Post).values(html=f"<p>{bad}</p>"))
    assert titles(client)[1] == "a����\x7f]]>&b"


@ONE_DATABASE
def test_place_without_a_post_has_an_empty_feed(
    app: Flask, client: FlaskClient, factories: Factories, ada: Person
) -> None:
    factories.category("Kilns")
    feed = read(client, "/c/kilns/feed.atom")
    assert (feed.feed.updated, feed.entries) == ("1970-01-01T00:00:00Z", [])


@pytest.mark.parametrize(
    "address",
    [
        "/c/nowhere/feed.atom",
        "/c/%00/feed.atom",
        "/t/99/feed.atom",
        "/t/0/feed.atom",
        "/t/999999999999999999/feed.atom",
        "/members/999/feed.atom",
        "/tags/nothing/feed.atom",
        "/tags/a%00b/feed.atom",
        "/tags/%ed%a0%80/feed.atom",
        f"/tags/{'x' * 200}/feed.atom",
    ],
)
def test_feed_of_what_does_not_exist_is_a_404(
    client: FlaskClient, ada: Person, address: str
) -> None:
    assert client.get(address).status_code == 404


@ONE_DATABASE
def test_each_page_names_its_feed_to_programs_and_to_people(
    client: FlaskClient, ada: Person
) -> None:
    pages = {
        address: client.get(address[: -len("/feed.atom")] or "/") for address in addresses(ada)
    }
    selectors = ("head link[type='application/atom+xml'][rel=alternate]", "main .feed a")
    assert {a: [links_of(page, s) for s in selectors] for a, page in pages.items()} == {
        address: [[address], [address]] for address in pages
    }


@pytest.mark.parametrize(
    ("html", "absolute"),
    [
        ('<a href="/t/1">x</a>', '<a href="https://f.example/t/1">x</a>'),
        ('<a href="#fn-1">x</a>', '<a href="https://f.example/t/1/2#fn-1">x</a>'),
        (
            '<img alt="a > b" src="/files/a.png">',
            '<img alt="a > b" src="https://f.example/files/a.png">',
        ),
        (
            "<img alt='say \"href=\"' src='/a'>",
            "<img alt='say \"href=\"' src='https://f.example/a'>",
        ),
        (
            '<img alt=" href=&quot;/x&quot;" src="/a">',
            '<img alt=" href=&quot;/x&quot;" src="https://f.example/a">',
        ),
        ('<a href="https://e.example/#x">x</a>', '<a href="https://e.example/#x">x</a>'),
        ('<p>href="/t/1" &lt;a href="/x"&gt;</p>', '<p>href="/t/1" &lt;a href="/x"&gt;</p>'),
        (
            '<input checked type="checkbox"><a title="/x" href="/y">z</a>',
            '<input checked type="checkbox"><a title="/x" href="https://f.example/y">z</a>',
        ),
    ],
)
def test_addresses_become_absolute_and_nothing_else_changes(html: str, absolute: str) -> None:
    assert with_absolute_addresses(html, "https://f.example", "/t/1/2") == absolute
