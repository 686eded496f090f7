"""Export, import, export: the same bytes, whatever the forum holds and whichever database holds it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.app import create_app
from forum.db import Base, db
from forum.testing.application import close
from tests.admin.archives import bring_in, exported, lines_in
from tests.admin.full_forum import FullForum, NoSales

NewForum = Callable[[], Flask]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose moderators do not like sales."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@pytest.fixture
def new_forum(sqlite_template: Path, tmp_path: Path) -> Iterator[NewForum]:
    """Call it for another empty forum, on SQLite."""
    made: list[Flask] = []

    def make() -> Flask:
        folder = tmp_path / f"other{len(made)}"
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "forum.sqlite3")
        made.append(create_app(folder, plugins=[("no_sales", NoSales())]))
        return made[-1]

    yield make
    for app in made:
        close(app)


@pytest.fixture
def full(app: Flask) -> FullForum:
    """A forum that has everything."""
    forum = FullForum(app)
    forum.fill()
    return forum


def test_every_file_has_lines(full: FullForum, tmp_path: Path) -> None:
    archive = lines_in(exported(full.app, tmp_path / "a"))
    assert [name for name, lines in archive.items() if not lines] == []


def test_same_bytes_after_coming_in_elsewhere(
    full: FullForum, new_forum: NewForum, tmp_path: Path
) -> None:
    first = exported(full.app, tmp_path / "a")
    other = new_forum()
    bring_in(other, first)
    assert exported(other, tmp_path / "b") == first


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_same_bytes_from_sqlite_through_postgresql_to_sqlite(
    app: Flask, new_forum: NewForum, tmp_path: Path
) -> None:
    begin, end = FullForum(new_forum()), new_forum()
    begin.fill()
    first = exported(begin.app, tmp_path / "a")
    bring_in(app, first)
    second = exported(app, tmp_path / "b")
    bring_in(end, second)
    assert [second, exported(end, tmp_path / "c")] == [first, first]


# What an archive leaves out on purpose: what proves who somebody is, what is one person's own,
# what ends by itself, and numbers that no address has.
LEFT_OUT = {
    "attempts", "drafts", "invitations", "jobs", "member_sessions", "notifications",
    "one_time_tokens", "registrations",
    "members.password_hash", "posts.submission", "cases.claimed_by", "cases.claimed_until",
    "grants.id", "post_findings.id",
}  # fmt: skip


def test_everything_else_is_the_same(full: FullForum, new_forum: NewForum, tmp_path: Path) -> None:
    other = new_forum()
    bring_in(other, exported(full.app, tmp_path / "a"))
    assert kept(other) == kept(full.app)


def kept(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """All rows that are not left out, without the random numbers in posts' ids."""
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.columns if f"{table.name}.{c.name}" not in LEFT_OUT]
        if table.name in LEFT_OUT:
            continue
        with app.app_context():
            rows = [dict(row) for row in db.session.execute(select(*columns)).mappings()]
        found[table.name] = sorted(rows, key=repr)
    return found
