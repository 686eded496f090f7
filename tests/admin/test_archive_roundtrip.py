"""Export, import, export: the same bytes, whatever the forum holds and whichever database holds it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, select

from forum.admin.archive_export_actions import export_archive
from forum.admin.archive_format import FILES
from forum.app import create_app
from forum.db import Base, db
from forum.permissions import OPERATOR
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.admin.archives import bring_in, exported, lines_in, pictures_in, written
from tests.admin.full_forum import FullForum, NoSales
from tests.admin.generated_archives import Generated
from tests.admin.small_archive import PICTURE, PNG, small_archive, small_lines

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
    "attempts", "change_values", "changes", "drafts", "invitations", "jobs", "legal_holds",
    "member_sessions", "notifications", "one_time_tokens", "plugin_troubles", "registrations",
    "sent_mail",
    "members.password_hash", "posts.submission", "cases.claimed_by", "cases.claimed_until",
    "measure_appeals.claimed_by", "measure_appeals.claimed_until",
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


SHORT, LONG = range(5), range(5, 100)


@pytest.mark.parametrize(
    "seed", [*SHORT, *(pytest.param(seed, marks=pytest.mark.full) for seed in LONG)]
)
def test_whatever_an_archive_may_hold_comes_out_again(
    app: Flask, seed: int, tmp_path: Path
) -> None:
    made = Generated(seed)
    bring_in(app, written(made.lines, made.pictures))
    archive = exported(app, tmp_path / "a")
    assert (lines_in(archive), pictures_in(archive)) == (made.lines, made.pictures)


def test_generated_archives_have_lines_in_every_file() -> None:
    found = [Generated(seed).lines for seed in SHORT]
    assert [file.name for file in FILES if not any(lines[file.name] for lines in found)] == []


# What is made anew from the rest when an archive comes in.
DERIVED = {
    "community.id", "posts.version", "posts.pipeline", "posts.html", "posts.excerpt",
    "post_pictures",
}  # fmt: skip


def test_every_column_is_in_the_archive_or_left_out_on_purpose() -> None:
    """Whoever adds a column decides here, and in docs/archive.md, whether it moves along."""
    core = {mapper.local_table for mapper in Base.registry.mappers if _is_core(mapper.class_)}
    columns = {f"{c.table.name}.{c.name}" for table in core for c in table.columns}
    kept = {
        f"{field.column.table.name}.{field.column.key}" for file in FILES for field in file.fields
    }
    elsewhere = {c for c in columns if {c, c.partition(".")[0]} & (LEFT_OUT | DERIVED)}
    assert columns - elsewhere == kept


def _is_core(model: type) -> bool:
    return model.__module__.startswith("forum.")


def test_words_that_the_database_allows_are_those_that_the_archive_allows() -> None:
    """A new word in a CHECK must be one that an archive can hold, or the forum cannot move."""
    unlike = []
    for file in FILES:
        for field in file.fields:
            for word in _words_allowed(file.table, field.column.key):
                try:
                    field.kind(word)
                except ValueError:
                    unlike.append(f"{file.name}.{field.name}: {word}")
    assert unlike == []


def _words_allowed(model: type[Base], column: str) -> list[str]:
    checks = [c for c in model.__table__.constraints if isinstance(c, CheckConstraint)]
    found = [re.fullmatch(rf"{column} IN \((.*)\)", str(check.sqltext)) for check in checks]
    return [word for match in found if match for word in re.findall("'([^']*)'", match[1])]


def test_every_field_is_explained() -> None:
    text = (Path(__file__).parents[2] / "docs" / "archive.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_.]+)`", text))
    wanted = {f"{file.name}.jsonl" for file in FILES}
    wanted |= {field.name for file in FILES for field in file.fields}
    assert wanted - named == set()


def test_archive_is_of_one_moment_while_people_write(full: FullForum, tmp_path: Path) -> None:
    app, path = full.app, tmp_path / "a"
    before = exported(app, path)
    written_meanwhile = []

    def write_once() -> None:
        if not written_meanwhile:
            written_meanwhile.append(full.factories.thread(full.ada, full.open))

    with app.test_request_context():
        export_archive(OPERATOR, path, force=True, progress=write_once)
    assert path.read_bytes() == before
    assert written_meanwhile
    assert exported(app, path) != before


def test_forum_goes_on_counting_behind_what_came_in(app: Flask, factories: Factories) -> None:
    bring_in(app, small_archive())
    made = factories.member("Cy")
    category = factories.category("Kilns")
    post = factories.thread(made, category)
    assert (made.id, category.id, post.thread_id, post.id) == (5, 3, 10, 23)


def test_texts_are_ordered_by_code_points_on_both_databases(app: Flask, tmp_path: Path) -> None:
    lines = small_lines()
    # No locale would order them so.
    tags = ["Z", "a", "b-c", "bc", "z", "é", "ｚ", "😀"]
    lines["tags"] = [{"thread": 9, "tag": tag} for tag in tags]
    bring_in(app, written(lines, {PICTURE: PNG}))
    assert lines_in(exported(app, tmp_path / "a")) == lines
