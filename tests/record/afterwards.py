"""A forum's rows before and after: to begin from the same again, and what must hold of them whatever
moderators do."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from forum.db import Base, db, transaction
from forum.discussion.models import WAITING
from tests.record.scene import LOG

Row = dict[str, Any]
Rows = dict[str, list[Row]]
# What leaves or is told meanwhile is no state of the forum.
APART = (*LOG, "jobs", "notifications", "sent_mail")
PLACES = ("threads", "posts", "moved_numbers")
HELD = ("hold", "first")


def rows_of(app: Flask, *names: str) -> Rows:
    """The rows of these tables, or of all that are the forum's state, in the order of their keys."""
    with app.app_context():
        return {
            table.name: [
                dict(row._mapping)
                for row in db.session.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
            if (table.name in names if names else table.name not in APART)
        }


class Kept:
    """All that a database holds at one moment."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.file = db.engine.url.database or ""
            self.is_sqlite = db.engine.dialect.name == "sqlite"
        self.copy = sqlite3.connect(":memory:")
        if self.is_sqlite:
            with closing(sqlite3.connect(self.file)) as there:
                there.backup(self.copy)
        else:
            self.rows = rows_of(app, *(table.name for table in Base.metadata.sorted_tables))

    def put_back(self) -> None:
        """Have the database hold this again."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.file)) as there:
                self.copy.backup(there)
            return
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        with self.app.app_context(), transaction():
            # The log refuses it, as it must.
            db.session.execute(text("ALTER TABLE moderation_log DISABLE TRIGGER USER"))
            db.session.execute(text(f"TRUNCATE {names} CASCADE"))
            for table in Base.metadata.sorted_tables:
                if self.rows[table.name]:
                    db.session.execute(insert(table), self.rows[table.name])
            db.session.execute(text("ALTER TABLE moderation_log ENABLE TRIGGER USER"))


def addresses_in(rows: Rows) -> dict[tuple[int, int], int]:
    """Which post each number of each thread leads to."""
    stand = {(post["thread_id"], post["number"]): post["id"] for post in rows["posts"]}
    lead = {(line["thread_id"], line["number"]): line["post_id"] for line in rows["moved_numbers"]}
    assert not stand.keys() & lead.keys(), "a post stands where another was"
    return {place: post for place, post in (stand | lead).items() if place[1] is not None}


def require_sound(rows: Rows, *, most_pinned: int, most_featured: int) -> None:
    """Numbers without gaps, and threads that say of their posts what is so."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for thread_id, number in addresses_in(rows):
        numbers[thread_id].add(number)
    for thread in rows["threads"]:
        given = numbers[thread["id"]]
        assert given == set(range(1, len(given) + 1)), (thread["id"], sorted(given))
        _require_true(thread, rows)
    there = [t for t in rows["threads"] if t["last_number"] and not t["removed_at"]]
    assert sum(t["featured_at"] is not None for t in there) <= most_featured
    for category in {thread["category_id"] for thread in there}:
        pinned = [t for t in there if t["pinned_at"] and t["category_id"] == category]
        assert len(pinned) <= most_pinned, pinned


def _require_true(thread: Row, rows: Rows) -> None:
    posts = [p for p in rows["posts"] if p["thread_id"] == thread["id"] and p["number"]]
    lines = [m for m in rows["moved_numbers"] if m["thread_id"] == thread["id"] and m["is_line"]]
    said = thread["last_number"], thread["last_posted_at"], thread["last_author_id"]
    if not posts:
        marks = ("answer_number", "pinned_at", "featured_at")
        assert said == (0, None, None), thread
        assert [thread[mark] for mark in marks] == [None] * 3, thread
        return
    newest = max(posts, key=lambda p: (p["removed_at"] is None, p["created_at"], p["number"]))
    last = max(found["number"] for found in (*posts, *lines))
    assert said == (last, newest["created_at"], newest["author_id"]), (said, last, newest)
    if thread["answer_number"] is not None:
        answer = [p for p in posts if p["number"] == thread["answer_number"] != 1]
        assert [p["removed_at"] for p in answer] == [None], thread


# A post that was held, and waits again because its publication was undone, keeps the number under which
# others may have been told of it.
_OF_PUBLISHED = ("number", "created_at", "removed_at", "removed_by", "removal", "removal_reason")
_OF_THREAD = ("last_number", "last_posted_at", "last_author_id")


def settled(after: Rows, before: Rows) -> Rows:
    """The rows less what members did meanwhile, and less what has to stay: addresses that posts had in
    between, threads without posts, and the numbers of posts that were published in between, which wait
    again. That these are as they should be is required here."""
    found = dict(after)
    for name in ("cases", "flags", "measure_appeals"):
        known = {row["id"] for row in before[name]}
        found[name] = [row for row in after[name] if row["id"] in known]
    lines = [row for row in before["moved_numbers"] if row in after["moved_numbers"]]
    added = [row for row in after["moved_numbers"] if row not in lines]
    assert not any(row["is_line"] for row in added), added
    found["moved_numbers"] = lines
    was = {post["id"]: post for post in before["posts"]}
    given = [p for p in after["posts"] if p["number"] and was[p["id"]]["number"] is None]
    assert all(post["removal"] == WAITING for post in given), given
    _require_waiting(after, {post["id"] for post in given})
    kept = {p["id"]: {name: was[p["id"]][name] for name in _OF_PUBLISHED} for p in given}
    found["posts"] = [post | kept.get(post["id"], {}) for post in after["posts"]]
    found["threads"] = _threads(after, before, given)
    return found


def _require_waiting(rows: Rows, posts: set[int]) -> None:
    open_about = {c["post_id"] for c in rows["cases"] if c["kind"] in HELD and not c["closed_at"]}
    assert posts <= open_about, (posts, open_about)


def _threads(after: Rows, before: Rows, given: list[Row]) -> list[Row]:
    was = {thread["id"]: thread for thread in before["threads"]}
    longer = {post["thread_id"] for post in given}
    found = []
    for thread in after["threads"]:
        if thread["id"] not in was:
            # One that was split off; nothing is left of it but addresses.
            assert _is_bare(thread), thread
            continue
        former, names = was[thread["id"]], _OF_THREAD if thread["id"] in longer else ()
        # Who wrote last is the same as before, unless nobody had.
        names = names[:1] if former["last_number"] else names
        found.append(thread | {name: former[name] for name in names})
    return found


def _is_bare(thread: Row) -> bool:
    marks = ("pinned_at", "featured_at", "locked_at", "slow_minutes", "answer_number", "removed_at")
    return thread["last_number"] == 0 and all(thread[mark] is None for mark in marks)
