"""Threads, their posts' numbers and addresses, and lists that are cut by key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import db, rows, transaction
from forum.discussion.actions import Posting, prepare, reply
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.rules import POSTS_A_PAGE
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import links_of, page_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _community(factories: Factories) -> None:
    factories.community()


def test_thread_is_started_and_replied_to_through_the_forms(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    category = factories.category()
    ada = factories.signed_in(factories.member("Ada"))
    started = submit(
        ada,
        "/new",
        button="Publish",
        title=" Crackle  glaze ",
        category=str(category.id),
        source="How?",
    )
    replied = submit(ada, "/t/1/reply?to=1", button="Publish", source="Slowly.")
    assert [(a.status_code, a.location) for a in (started, replied)] == [
        (303, "/t/1/1"),
        (303, "/t/1/2"),
    ]
    page = client.get("/t/1")
    assert words_of(page, "h1") == ["Crackle glaze"]
    assert words_of(page, "article .words") == ["How?", "Slowly."]
    with app.app_context():
        stored = rows(select(Post.number, Post.in_reply_to, Revision.source).join(Revision))
    assert [tuple(row) for row in stored] == [(1, None, "How?"), (2, 1, "Slowly.")]


def test_reply_and_what_it_replies_to_lead_to_each_other(
    factories: Factories, client: FlaskClient
) -> None:
    thread = factories.thread()
    for parent in (1, None, 1, 2):
        factories.reply(thread, in_reply_to=parent)
    page = client.get("/t/1")
    assert words_of(page, ".reply-to") == ["In reply to #1", "In reply to #1", "In reply to #2"]
    assert words_of(page, ".replies") == ["Replies: #2 #4", "Reply: #5"]
    assert links_of(page, "#p1 .replies a") == ["/t/1/2", "/t/1/4"]
    assert links_of(page, "#p5 .reply-to a") == ["/t/1/2"]


def test_replying_to_a_post_that_is_not_there_is_refused(app: Flask, factories: Factories) -> None:
    factories.thread()
    ada = factories.signed_in(factories.member("Ada"))
    assert [ada.get(f"/t/1/reply?to={n}").status_code for n in ("1", "2", "0", "abc")] == [
        200,
        404,
        404,
        404,
    ]
    answer = submit(ada, "/t/1/reply", button="Publish", source="To whom?", in_reply_to="2")
    assert (answer.status_code, words_of(answer, "textarea")) == (404, ["To whom?"])


def test_replies_at_the_same_time_are_numbered_without_gaps_or_doubles(
    app: Flask, factories: Factories
) -> None:
    thread = factories.thread()
    actors = [factories.actor(factories.member()) for _ in range(4)]

    def answer(turn: int) -> int | None:
        with app.test_request_context():
            text = prepare(f"Reply {turn}.")
            with transaction():
                return reply(
                    actors[turn % 4], thread.thread_id, text=text, posting=Posting()
                ).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(answer, range(20)))
    assert sorted(number or 0 for number in numbers) == list(range(2, 22))
    with app.app_context():
        facts = db.session.execute(select(Thread.last_number, Thread.last_author_id)).one()
        last = db.session.scalar(select(Post.author_id).where(Post.number == 21))
        assert tuple(facts) == (21, last)


def test_thread_is_cut_into_pages_by_number(factories: Factories, client: FlaskClient) -> None:
    long_thread(factories, 45)
    pages = {number: client.get(f"/t/1?page={number}") for number in (1, 2, 3, 4)}
    shown = {n: [str(a["id"]) for a in page_of(p).select("article")] for n, p in pages.items()}
    assert {n: p.status_code for n, p in pages.items()} == {1: 200, 2: 200, 3: 200, 4: 404}
    assert shown == {
        1: [f"p{n}" for n in range(1, 21)],
        2: [f"p{n}" for n in range(21, 41)],
        3: [f"p{n}" for n in range(41, 46)],
        4: [],
    }
    assert client.get("/t/1").text == pages[1].text
    assert words_of(pages[4], "main header p") == ["This thread has only 3 pages."]


def long_thread(factories: Factories, posts: int) -> None:
    author = factories.member()
    thread = factories.thread(author)
    for number in range(2, posts + 1):
        factories.reply(thread, author, source=f"Post {number}.")


def test_permanent_address_leads_to_the_posts_place(
    factories: Factories, client: FlaskClient
) -> None:
    long_thread(factories, 23)
    numbers = (1, POSTS_A_PAGE, POSTS_A_PAGE + 1, 23)
    led = [(a.status_code, a.location) for a in (client.get(f"/t/1/{n}") for n in numbers)]
    assert led == [
        (303, "/t/1#p1"),
        (303, "/t/1#p20"),
        (303, "/t/1?page=2#p21"),
        (303, "/t/1?page=2#p23"),
    ]
    assert client.get("/t/1/24").status_code == 404


WRONG = ("0", "-1", "1" + "0" * 18, "1" + "0" * 30, "abc", "1.0", "+1", "01", "1e3", "１", "%00")


@ONE_DATABASE
def test_what_is_no_number_of_ours_has_a_page_that_leads_on(
    factories: Factories, client: FlaskClient
) -> None:
    factories.thread()
    addresses = [f"/t/1?page={word}" for word in (*WRONG, "", "999999999999999999")]
    addresses += [f"/t/{word}" for word in (*WRONG, "999999999999999999")]
    addresses += [f"/t/1/{word}" for word in (*WRONG, "999999999999999999")]
    addresses += [f"/t/1/{word}/history" for word in WRONG]
    answers = {address: client.get(address) for address in addresses}
    expected = {address: (404, ["To the threads"]) for address in addresses}
    assert {
        address: (a.status_code, words_of(a, "section[aria-labelledby=next-heading] a"))
        for address, a in answers.items()
    } == expected


BROKEN_PLACES = (
    "abc",
    "1-2-3",
    "1",
    "-",
    "",
    "-1-1",
    "1--1",
    "999999999999999999-1",
    "1-9999999999999999999",
    "1.5-1",
    "１-1",
)


@ONE_DATABASE
def test_broken_place_in_a_list_is_not_found(factories: Factories, client: FlaskClient) -> None:
    factories.thread()
    lists = ("/", "/c/glazes", "/latest")
    statuses = {
        (path, word): client.get(path, query_string={"after": word}).status_code
        for path in lists
        for word in BROKEN_PLACES
    }
    assert statuses == dict.fromkeys(statuses, 404)
    ends = {client.get(f"{path}?after=99999999999999999-1").status_code for path in lists}
    assert ends == {200}


def test_lists_show_each_thread_exactly_once(factories: Factories, client: FlaskClient) -> None:
    sixty_threads(factories)
    expected = [f"/t/{n}" for n in range(60, 0, -1)]
    for path, selector in (("/", "ul.rows h3 a"), ("/c/glazes", "ul.rows h3 a")):
        pages = list_pages(client, path, selector)
        assert [len(page) for page in pages] == [25, 25, 10]
        assert list(chain(*pages)) == expected
    posts = list_pages(client, "/latest", "ul.rows h2 a")
    assert list(chain(*posts)) == [f"{address}/1" for address in expected]


def sixty_threads(factories: Factories) -> None:
    author, category = factories.member(), factories.category()
    for number in range(1, 61):
        factories.thread(author, category, title=f"Thread {number}")


def list_pages(client: FlaskClient, path: str | None, selector: str) -> list[list[str]]:
    pages = []
    while path:
        answer = client.get(path)
        pages.append(links_of(answer, selector))
        path = next(iter(links_of(answer, "a[rel=next]")), None)
    return pages


@ONE_DATABASE
def test_thread_that_becomes_active_meanwhile_hides_no_other(
    factories: Factories, client: FlaskClient
) -> None:
    sixty_threads(factories)
    first = client.get("/")
    with factories.app.app_context():
        old = db.session.get_one(Post, 10)
        seen = db.session.get_one(Post, 50)
    factories.reply(old)
    factories.reply(seen)
    rest = list_pages(client, links_of(first, "a[rel=next]")[0], "ul.rows h3 a")
    expected = [f"/t/{n}" for n in range(35, 0, -1) if n != 10]
    assert list(chain(*rest)) == expected
    assert links_of(client.get("/"), "ul.rows h3 a")[:3] == ["/t/50", "/t/10", "/t/60"]
