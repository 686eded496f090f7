"""Fills a fresh forum in bulk with what a community writes in three years.

The texts go through the real pipeline, a few hundred of them; rows go in with plain inserts.
Posts get their ids in the order of time, so that those of a thread lie scattered, as in a forum
that grew. The same numbers give the same forum.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import Table, func, insert, select, text

from benchmarks import texts
from forum.accounts.actions import Browser
from forum.accounts.community_actions import CommunityStatement, new_setup_token, set_up
from forum.accounts.models import Member
from forum.accounts.passwords import hash_password
from forum.accounts.registration_actions import Applicant
from forum.categories.actions import add_category
from forum.db import Base, db, transaction
from forum.discussion.actions import Prepared, prepare
from forum.discussion.models import Post, Revision, Thread, ThreadTag
from forum.errors import Invalid
from forum.notifications.models import Notification
from forum.permissions import OPERATOR
from forum.text.pipeline import PIPELINE_VERSION

SEED = 20_240_229
CATEGORIES = ("Glazes", "Clay", "Kilns", "Throwing", "Hand building", "Decoration", "Studio life",
              "Teaching", "Exhibitions", "Tools")  # fmt: skip
TAGS = ("cone-6", "raku", "ash", "wheel", "slip", "firing", "safety", "beginners")
FIRST = ("Ada", "Bo", "Chidi", "Dora", "Emre", "Fatou", "Goran", "Hana", "Ines", "Jun")
LAST = ("Berg", "Castro", "Diallo", "Evans", "Fischer", "Gomez", "Haddad", "Ito", "Jensen", "Kaya")
ZONES = (*("Europe/Berlin",) * 8, "Europe/Lisbon", "America/New_York")
PASSWORD = "correct horse battery staple"
POOL = 400
BATCH = 10_000
BEGIN = datetime(2021, 1, 1, tzinfo=UTC)
SECONDS = 3 * 365 * 24 * 3600
THREAD_SECONDS = 14 * 24 * 3600
LONG_THREAD_SHARE = 40
HEAVIEST = 40.0
TOLD, TOLD_NEW = 20, 5


@dataclass(frozen=True, slots=True)
class Size:
    """How much a forum holds."""

    threads: int
    posts: int
    members: int


@dataclass(slots=True)
class Seeded:
    """What was put in, as far as visitors need to know it.

    Attributes:
        last_numbers: of each thread, by id, the number of its last post.
        categories: the addresses of the categories, by id.
        members: ids of those who can sign in.
    """

    last_numbers: Counter[int] = field(default_factory=Counter)
    categories: dict[int, str] = field(default_factory=dict)
    members: range = range(0)


@dataclass(frozen=True, slots=True)
class _Written:
    """One post to be: when, where, by whom, in reply to which number."""

    at: int
    thread: int
    number: int
    author: int
    in_reply_to: int | None
    text: int


def email_of(member_id: int) -> str:
    """The address with which a seeded member signs in."""
    return f"member{member_id}@example.org"


def seed(app: Flask, size: Size) -> Seeded:
    """Fill the forum of ``app``, which has its tables and nothing else."""
    random = Random(SEED)
    with app.test_request_context():
        _say("rendering texts")
        pool = _pool(random)
        seeded = _set_up()
        _say(f"inserting {size.members} members, {size.threads} threads, {size.posts} posts")
        seeded.members = _add_members(size.members)
        written = _written(random, size, seeded.members)
        seeded.last_numbers = Counter(post.thread for post in written)
        _add_threads(random, written, seeded)
        _add_posts(written, pool)
        _add_notifications(random, written, seeded.members)
        _finish()
    return seeded


def _say(what: str) -> None:
    print(f"{what} …", file=sys.stderr, flush=True)


def _pool(random: Random) -> list[Prepared]:
    found: list[Prepared] = []
    while len(found) < POOL:
        try:
            found.append(prepare(texts.post(random)))
        except Invalid:
            continue
    return found


def _set_up() -> Seeded:
    with transaction():
        token = new_setup_token()
    assert token is not None
    statement = CommunityStatement("Potters", "People who make pots.", "Not for sellers of pots.")
    set_up(token, Applicant("Olga", "olga@example.org", PASSWORD), statement, browser=Browser())
    with transaction():
        made = [
            add_category(OPERATOR, title=title, position=i) for i, title in enumerate(CATEGORIES)
        ]
    return Seeded(categories={category.id: category.slug for category in made})


def _insert(table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    statement = insert(_table(table))
    while batch := list(islice(rows, BATCH)):
        with transaction():
            db.session.connection().execute(statement, batch)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _add_members(count: int) -> range:
    with transaction():
        first = (db.session.scalar(select(func.max(Member.id))) or 0) + 1
    hashed = hash_password(PASSWORD)
    ids = range(first, first + count)
    rows = (
        {
            "id": n,
            "name": f"{FIRST[n % 10]} {LAST[n // 10 % 10]} {n}",
            "handle": f"member{n}",
            "email": email_of(n),
            "password_hash": hashed,
            "zone": ZONES[n % len(ZONES)],
            "created_at": BEGIN,
        }
        for n in ids
    )
    _insert(Member, rows)
    return ids


def _written(random: Random, size: Size, members: range) -> list[_Written]:
    """All posts in the order of time; every thread begins with its number 1."""
    threads = range(1, size.threads + 1)
    lengths = Counter(threads)
    lengths[1] += size.posts // LONG_THREAD_SHARE
    weights = list(accumulate(min(HEAVIEST, random.paretovariate(1.5)) for _ in threads))
    rest = max(0, size.posts - lengths.total())
    lengths.update(random.choices(threads, cum_weights=weights, k=rest))
    moments = sorted(_moments(random, lengths))
    return list(_numbered(random, moments, members))


def _moments(random: Random, lengths: Counter[int]) -> Iterator[tuple[int, int]]:
    for thread, length in lengths.items():
        begun = random.randrange(SECONDS)
        for _ in range(length):
            yield begun + int(random.expovariate(1 / THREAD_SECONDS)), thread


def _numbered(random: Random, moments: list[tuple[int, int]], members: range) -> Iterator[_Written]:
    numbers: Counter[int] = Counter()
    for at, thread in moments:
        numbers[thread] += 1
        number = numbers[thread]
        is_directed = number > 1 and random.random() < 0.3
        to = random.randrange(max(1, number - 10), number) if is_directed else None
        yield _Written(at, thread, number, random.choice(members), to, random.randrange(POOL))


def _moment(seconds: int) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def _add_threads(random: Random, written: list[_Written], seeded: Seeded) -> None:
    first = {post.thread: post for post in written if post.number == 1}
    last = {post.thread: post for post in written}
    categories = list(seeded.categories)
    rows = (
        {
            "id": thread,
            "category_id": categories[thread % len(categories)],
            "title": texts.title(random),
            "author_id": first[thread].author,
            "created_at": _moment(first[thread].at),
            "last_number": last[thread].number,
            "last_posted_at": _moment(last[thread].at),
            "last_author_id": last[thread].author,
            "answer_number": 2 if last[thread].number > 1 and random.random() < 0.3 else None,
        }
        for thread in sorted(first)
    )
    _insert(Thread, rows)
    tagged = (t for t in sorted(first) if t % 2)
    _insert(ThreadTag, ({"thread_id": t, "tag": random.choice(TAGS)} for t in tagged))


def _add_posts(written: list[_Written], pool: list[Prepared]) -> None:
    _insert(Post, (_post_row(key, post, pool) for key, post in enumerate(written, 1)))
    revisions = (
        {
            "post_id": key,
            "version": 1,
            "source": pool[post.text].source,
            "editor_id": post.author,
            "created_at": _moment(post.at),
        }
        for key, post in enumerate(written, 1)
    )
    _insert(Revision, revisions)


def _post_row(key: int, post: _Written, pool: list[Prepared]) -> dict[str, Any]:
    text = pool[post.text]
    return {
        "id": key,
        "thread_id": post.thread,
        "number": post.number,
        "author_id": post.author,
        "in_reply_to": post.in_reply_to,
        "kind": "post",
        "created_at": _moment(post.at),
        "version": 1,
        "pipeline": PIPELINE_VERSION,
        "html": text.html,
        "excerpt": text.excerpt,
    }


def _add_notifications(random: Random, written: list[_Written], members: range) -> None:
    keys = range(1, len(written) + 1)
    rows = (
        {
            "member_id": member,
            "post_id": key,
            "kind": "reply",
            "created_at": _moment(written[key - 1].at),
            "seen_at": None if i < TOLD_NEW else _moment(SECONDS),
        }
        for member in members
        for i, key in enumerate(random.sample(keys, min(TOLD, len(keys))))
    )
    _insert(Notification, rows)


def _finish() -> None:
    """What PostgreSQL does by itself after a while: count from the last id on, gather statistics."""
    if db.engine.dialect.name != "postgresql":
        return
    with transaction():
        for table in ("members", "threads", "posts", "notifications"):
            db.session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
