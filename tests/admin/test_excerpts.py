"""A part of a forum as data: what is in it, what is left out and named, and what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from forum.accounts.closing_actions import close_account
from forum.app import create_app
from forum.db import transaction
from forum.discussion.curating_actions import move_thread, remove_post
from forum.errors import Invalid
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.admin.archives import bring_in
from tests.admin.excerpts import excerpt, in_zone, lines, noon, written_on
from tests.admin.full_forum import FullForum, NoSales

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose moderators do not like sales."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@pytest.fixture
def full(app: Flask) -> FullForum:
    """A forum that has everything."""
    forum = FullForum(app)
    forum.fill()
    return forum


def test_excerpt_has_what_readers_see_and_whoever_wrote_it(full: FullForum, tmp_path: Path) -> None:
    files = excerpt(full.app, tmp_path / "a.zip", categories=(full.open.slug,))
    manifest = json.loads(files["manifest.json"])
    assert [category["slug"] for category in manifest["categories"]] == [full.open.slug]
    assert [thread["title"] for thread in lines(files, "threads")] == ["Crackle, 釉 & “ash”"]
    posts = lines(files, "posts")
    assert [post["number"] for post in posts] == [2, 4, 5, 6]
    assert {post["removed_at"] for post in posts} == {None}
    people = {post["author"] for post in posts} | {r["editor"] for r in lines(files, "revisions")}
    members = lines(files, "members")
    assert {member["id"] for member in members} == people
    assert [set(member) for member in members] == [{"id", "name", "handle", "email"}] * len(members)
    assert {member["email"] for member in members} == {None}
    assert lines(files, "left_out") == [
        {"thread": 1, "first": 1, "last": 1, "why": "removed"},
        {"thread": 1, "first": 3, "last": 3, "why": "removed"},
        {"thread": 1, "first": 7, "last": 7, "why": "waits"},
    ]
    # Nobody else is named, not even as who locked it or replied last.
    whole = b"".join(files.values())
    assert b"@example.org" not in whole
    assert b"Buy my kiln cheaply" not in whole
    assert f'"{full.olga.name}"'.encode() not in files["members.jsonl"]


def test_every_entry_has_the_hash_that_the_manifest_tells(full: FullForum, tmp_path: Path) -> None:
    files = excerpt(full.app, tmp_path / "a.zip", categories=(full.open.slug,))
    manifest = json.loads(files["manifest.json"])
    told = {name: facts["sha256"] for name, facts in manifest["files"].items()}
    pictures = {name: name[6:70] for name in files if name.startswith("files/")}
    assert len(pictures) == 1
    content = {n: b for n, b in files.items() if n not in ("manifest.json", "SHA256SUMS")}
    assert {n: hashlib.sha256(b).hexdigest() for n, b in content.items()} == told | pictures
    assert manifest["counts"]["posts"] == len(lines(files, "posts"))
    assert (manifest["by"], manifest["format"], manifest["version"]) == (
        "operator",
        "folkmoot-excerpt",
        1,
    )
    assert manifest["software"].startswith("Folkmoot ")


@ONE_DATABASE
def test_removed_posts_and_addresses_are_in_it_when_that_is_asked(
    full: FullForum, tmp_path: Path
) -> None:
    files = excerpt(full.app, tmp_path / "a.zip", with_removed=True, with_addresses=True)
    posts = lines(files, "posts")
    assert {post["removal"] for post in posts} == {None, "author", "moderator", "waiting"}
    assert None in {post["number"] for post in posts}
    assert full.ada.email in {member["email"] for member in lines(files, "members")}
    assert lines(files, "left_out") == []
    assert {thread["removal_reason"] for thread in lines(files, "threads")} == {"", "Twice"}


def test_span_holds_whole_days_of_the_communitys_clock(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    in_zone(app, "Pacific/Auckland")
    thread = factories.thread()
    first, last, after = (factories.reply(thread) for _ in range(3))
    written_on(app, thread, at=datetime(2026, 5, 9, 11, 59, 59, 999999, tzinfo=UTC))
    written_on(app, first, at=datetime(2026, 5, 9, 12, tzinfo=UTC))
    written_on(app, last, at=datetime(2026, 5, 11, 11, 59, 59, 999999, tzinfo=UTC))
    written_on(app, after, at=datetime(2026, 5, 11, 12, tzinfo=UTC))
    wish = {"since": date(2026, 5, 10), "until": date(2026, 5, 11)}
    files = excerpt(app, tmp_path / "a.zip", **wish)
    assert [post["number"] for post in lines(files, "posts")] == [2, 3]
    assert lines(files, "left_out") == [
        {"thread": 1, "first": 1, "last": 1, "why": "outside"},
        {"thread": 1, "first": 4, "last": 4, "why": "outside"},
    ]
    # The title stays; who gave it wrote nothing of this, and is not named.
    (found,) = lines(files, "threads")
    assert (found["title"], found["author"], found["last_number"]) == (
        "Crackle on stoneware",
        None,
        4,
    )
    manifest = json.loads(files["manifest.json"])
    assert (manifest["since"], manifest["until"], manifest["zone"]) == (
        "2026-05-10",
        "2026-05-11",
        "Pacific/Auckland",
    )


@ONE_DATABASE
def test_numbers_left_out_for_one_reason_are_named_together(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    moderator = factories.actor(factories.member(role="moderator"))
    thread = factories.thread()
    posts = [thread, *(factories.reply(thread) for _ in range(5))]
    written_on(app, *posts[:4], at=noon(1))
    with app.test_request_context(), transaction():
        remove_post(moderator, thread.thread_id, 3, reason="Off topic")
    files = excerpt(app, tmp_path / "a.zip", since=date(2026, 6, 1))
    assert [(part["first"], part["last"], part["why"]) for part in lines(files, "left_out")] == [
        (1, 2, "outside"),
        (3, 3, "removed"),
        (4, 4, "outside"),
    ]


@ONE_DATABASE
def test_thread_that_was_moved_is_where_it_is_now(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    moderator = factories.actor(factories.member(role="moderator"))
    here, there = factories.category("Glazes"), factories.category("Glazes!")
    moved, stays = factories.thread(category=here), factories.thread(category=here)
    with app.test_request_context(), transaction():
        move_thread(moderator, moved.thread_id, there.id)
    assert (here.slug, there.slug) == ("glazes", "glazes-2")
    for slug, thread in ((here.slug, stays), (there.slug, moved)):
        files = excerpt(app, tmp_path / f"{slug}.zip", categories=(slug,))
        assert [found["id"] for found in lines(files, "threads")] == [thread.thread_id]


@ONE_DATABASE
def test_who_has_left_stays_nobody(app: Flask, factories: Factories, tmp_path: Path) -> None:
    factories.community()
    gone = factories.member("Somebody")
    factories.thread(gone)
    actor = factories.actor(gone)
    with app.test_request_context():
        close_account(actor, password=gone.password, empty_posts=False)
    files = excerpt(app, tmp_path / "a.zip", with_addresses=True, since=date(2026, 1, 1))
    assert gone.email.encode() not in b"".join(files.values())
    assert b"Somebody" not in b"".join(files.values())


@ONE_DATABASE
@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (
            {"categories": ("no\x1bwhere",)},
            "There is no category 'no\\x1bwhere'. There are: glazes.",
        ),
        (
            {"since": date(2026, 2, 2), "until": date(2026, 2, 1)},
            "The span ends on 2026-02-01, before it begins on 2026-02-02.",
        ),
        ({"since": date(1999, 1, 1), "until": date(1999, 12, 31)}, "No post is of this time"),
        ({"since": date(9999, 12, 31), "until": date(9999, 12, 31)}, "No post is of this time"),
    ],
)
def test_what_cannot_be_chosen_is_said(
    wish: dict[str, Any], words: str, app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    factories.thread()
    with pytest.raises(Invalid) as refused:
        excerpt(app, tmp_path / "a.zip", **wish)
    assert words in refused.value.message
    assert list(tmp_path.glob("*.zip")) == []


@ONE_DATABASE
@pytest.mark.parametrize("kind", ["excerpt", "pages"])
def test_part_is_not_taken_for_a_whole_forum(
    kind: str, app: Flask, factories: Factories, tmp_path: Path, sqlite_template: Path
) -> None:
    from tests.admin.excerpts import pages

    factories.community()
    factories.thread()
    (pages if kind == "pages" else excerpt)(app, tmp_path / "a.zip", since=date(2026, 1, 1))
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "forum.sqlite3").write_bytes(sqlite_template.read_bytes())
    other = create_app(folder)
    try:
        with pytest.raises(Invalid) as refused:
            bring_in(other, (tmp_path / "a.zip").read_bytes())
    finally:
        close(other)
    assert refused.value.message.startswith("Nothing was imported: it is a part of a forum")
    assert "without --category" in refused.value.message
