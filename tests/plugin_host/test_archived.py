"""Plugins name tables for the archive: their rows move with the forum, or are left out, or refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from forum.admin.archive_container import ArchiveReader
from forum.admin.archive_format import PLUGINS
from forum.admin.archive_import_actions import import_archive
from forum.app import create_app
from forum.cli import main
from forum.db import db, rows, transaction
from forum.errors import Conflict, Invalid
from forum.migrate_plugins import ready_plugins
from forum.permissions import OPERATOR
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.admin.archives import bring_in, exported, with_bytes
from tests.plugin_host.conftest import write_plugin

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOOKS = """
@hookimpl
def register_archived():
    return [ArchivedTable("kiln__notes"), ArchivedTable("kiln__firings")]
"""
TABLES = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None

def upgrade():
    op.create_table(
        "kiln__firings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("member_id", sa.BigInteger, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cone", sa.String(20)),
        sa.Column("is_hot", sa.Boolean, nullable=False),
        sa.Column("curve", sa.JSON),
    )
    op.create_table(
        "kiln__notes",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("firing_id", sa.Integer, sa.ForeignKey("kiln__firings.id"), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_table("kiln__cache", sa.Column("word", sa.Text, primary_key=True))
    op.execute("INSERT INTO kiln__cache VALUES ('made anew')")
"""
NewForum = Callable[..., Flask]


@pytest.fixture
def kiln(plugin_folder: Path) -> Path:
    """A plugin with three tables, of which archives have two."""
    write_plugin(plugin_folder, "kiln", HOOKS, 'not_in_backups = ["kiln__waiting"]\n')
    folder = plugin_folder / "forum_kiln"
    (folder / "migrations").mkdir()
    (folder / "migrations" / "0001.py").write_text(TABLES)
    return folder


def settle(instance: Path, folder: Path, plugins: list[str], **options: Any) -> Flask:
    """A forum in which these plugins run, with their tables."""
    (instance / "forum.toml").write_text(
        f"plugin_folders = {json.dumps([str(folder)])}\nplugins = {json.dumps(plugins)}\n"
    )
    first = create_app(instance, **options)
    with first.app_context():
        ready_plugins(first.extensions["forum_settings"])
    close(first)
    return create_app(instance, **options)


@pytest.fixture
def app(instance: Path, database: str, kiln: Path) -> Iterator[Flask]:
    """A forum with rows of the plugin."""
    app = settle(instance, kiln.parent, ["kiln"], database=database)
    fill(app)
    yield app
    close(app)


@pytest.fixture
def new_forum(sqlite_template: Path, tmp_path: Path, kiln: Path) -> Iterator[NewForum]:
    """Call it for another empty forum, on SQLite, with or without the plugin."""
    made: list[Flask] = []

    def make(*plugins: str) -> Flask:
        folder = tmp_path / f"other{len(made)}"
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "forum.sqlite3")
        made.append(settle(folder, kiln.parent, list(plugins)))
        return made[-1]

    yield make
    for app in made:
        close(app)


def fill(app: Flask) -> None:
    """Have the plugin keep something about two members."""
    factories = Factories(app)
    members = [factories.community().id, factories.member("Élise").id]
    with app.app_context(), transaction():
        for number, member in enumerate(members, start=1):
            db.session.execute(
                text(
                    "INSERT INTO kiln__firings (member_id, at, cone, is_hot, curve) "
                    "VALUES (:member, '2026-02-01 10:00:00+00:00', :cone, :hot, '[1, {\"a\": null}]')"
                ),
                {"member": member, "cone": "cone é" if number == 1 else None, "hot": number == 1},
            )
        for key in (b"\xff\x00", b"\x01"):
            db.session.execute(
                text("INSERT INTO kiln__notes VALUES (:key, 2, :words)"),
                {"key": key, "words": "long " * 30_000},
            )


def kept(app: Flask) -> list[list[tuple[Any, ...]]]:
    """What the plugin keeps, less what the kinds of databases write differently."""
    with app.app_context():
        return [
            [tuple(row) for row in rows(text(f"SELECT {what} ORDER BY 1"))]
            for what in (
                "id, member_id, cone, is_hot FROM kiln__firings",
                "key, firing_id, words FROM kiln__notes",
            )
        ]


def test_rows_move_with_the_forum_and_are_the_same_bytes_again(
    app: Flask, new_forum: NewForum, tmp_path: Path
) -> None:
    archive = exported(app, tmp_path / "a")
    other = new_forum("kiln")
    bring_in(other, archive)
    assert exported(other, tmp_path / "b") == archive
    assert kept(other) == [
        [tuple(row) for row in found]
        for found in ([(1, 1, "cone é", 1), (2, 2, None, 0)], kept(app)[1])
    ]
    with other.app_context(), transaction():
        found = db.session.scalar(
            text(
                "INSERT INTO kiln__firings (member_id, at, is_hot) "
                "VALUES (1, '2026-02-01 10:00:00', true) RETURNING id"
            )
        )
    assert found == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_rows_move_from_sqlite_to_postgresql(
    instance: Path, database: str, kiln: Path, new_forum: NewForum, tmp_path: Path
) -> None:
    small = new_forum("kiln")
    fill(small)
    archive = exported(small, tmp_path / "a")
    large = settle(instance, kiln.parent, ["kiln"], database=database)
    bring_in(large, archive)
    assert exported(large, tmp_path / "b") == archive
    with large.app_context(), transaction():
        found = db.session.scalar(
            text(
                "INSERT INTO kiln__firings (member_id, at, is_hot) "
                "VALUES (1, now(), true) RETURNING id"
            )
        )
    close(large)
    assert found == 3


@ONE_KIND
def test_lines_say_plugin_table_and_row_in_an_open_format(app: Flask, tmp_path: Path) -> None:
    exported(app, tmp_path / "a")
    with (tmp_path / "a").open("rb") as handle:
        lines = [json.loads(line) for line in ArchiveReader(handle).lines(PLUGINS)]
    assert [line["table"] for line in lines] == ["kiln__firings"] * 2 + ["kiln__notes"] * 2
    assert lines[0] == {
        "plugin": "kiln",
        "row": {
            "at": "2026-02-01T10:00:00.000000Z",
            "cone": "cone é",
            "curve": '[1, {"a": null}]',
            "id": 1,
            "is_hot": True,
            "member_id": 1,
        },
        "table": "kiln__firings",
    }
    assert [line["row"]["key"] for line in lines[2:]] == ["AQ==", "/wA="]


@ONE_KIND
def test_forum_without_the_plugin_asks_for_it_or_leaves_its_rows_out(
    app: Flask, new_forum: NewForum, tmp_path: Path
) -> None:
    archive = exported(app, tmp_path / "a")
    other = new_forum()
    with pytest.raises(Conflict, match="the plugin kiln, which does not run here"):
        bring_in(other, archive)
    with (tmp_path / "a").open("rb") as handle, other.test_request_context():
        done = import_archive(OPERATOR, handle, without_plugins=True)
    assert (done.counts["plugins"], done.counts["members"]) == (4, 2)


@ONE_KIND
def test_commands_say_how_many_rows_there_are(
    app: Flask, new_forum: NewForum, instance: Path, database: str, tmp_path: Path
) -> None:
    def run(folder: Path, *words: object) -> tuple[int, str]:
        environment = {"FORUM_DATABASE": database} if folder == instance else {}
        command = ["--instance", str(folder), *map(str, words)]
        done = CliRunner().invoke(main, command, env=environment)
        return done.exit_code, done.output

    status, said = run(instance, "export", tmp_path / "a.zip")
    assert (status, "Of plugins it has 4 rows." in said) == (0, True)
    other = Path(new_forum().instance_path)
    status, said = run(other, "import", "archive", tmp_path / "a.zip")
    assert (status, "--without-plugins" in said) == (1, True)
    status, said = run(other, "import", "archive", tmp_path / "a.zip", "--without-plugins")
    assert (status, "Left out 4 rows of plugins." in said) == (0, True)


ROW = {"at": "2026-02-01T10:00:00Z", "id": 1, "is_hot": True, "member_id": 1}
BAD: dict[str, tuple[object, str]] = {
    "no object": ([], "line 1: is not a JSON object"),
    "a field too many": (
        {"plugin": "kiln", "table": "kiln__firings", "row": {}, "x": 1},
        "line 1: must have these fields",
    ),
    "a row that is none": (
        {"plugin": "kiln", "table": "kiln__firings", "row": [1]},
        "line 1: must have these fields",
    ),
    "a table that is not given": (
        {"plugin": "kiln", "table": "members", "row": {"id": 7}},
        "does not take members",
    ),
    "a strange column": (ROW | {"x": 1}, "line 1: kiln__firings has no such columns"),
    "nothing where something must be": (ROW | {"at": None}, "line 1: at must be there"),
    "another kind": (ROW | {"is_hot": 1}, "line 1: is_hot is not of its kind"),
    "too long": (ROW | {"cone": "x" * 21}, "line 1: cone has more than 20 characters"),
    "what cannot be kept": (ROW | {"cone": "\0"}, "line 1: cone is not of its kind"),
    "half a sign": (ROW | {"cone": "\ud800"}, "line 1: cone is not of its kind"),
    "a member who is not there": (ROW | {"member_id": 99}, "point to what is not there"),
}


@ONE_KIND
@pytest.mark.parametrize("kind", BAD)
def test_bad_rows_are_refused_with_their_line_and_nothing_comes_in(
    kind: str, app: Flask, new_forum: NewForum, tmp_path: Path
) -> None:
    line, reason = BAD[kind]
    if isinstance(line, dict) and "row" not in line:
        line = {"plugin": "kiln", "table": "kiln__firings", "row": line}
    content = json.dumps(line).encode() + b"\n"
    archive = with_bytes(exported(app, tmp_path / "a"), "plugins.jsonl", content)
    other = new_forum("kiln")
    with pytest.raises((Invalid, Conflict), match=reason):
        bring_in(other, archive)
    assert kept(other) == [[], []]
    with other.app_context():
        assert [tuple(row) for row in rows(text("SELECT count(*) FROM members"))] == [(0,)]


@ONE_KIND
def test_rows_of_a_table_stand_together_and_as_many_as_the_manifest_says(
    app: Flask, new_forum: NewForum, tmp_path: Path
) -> None:
    archive = exported(app, tmp_path / "a")
    with (tmp_path / "a").open("rb") as handle:
        lines = [line + b"\n" for line in ArchiveReader(handle).lines(PLUGINS)]
    apart = with_bytes(archive, "plugins.jsonl", b"".join([*lines[:3], lines[1]]))
    with pytest.raises(Invalid, match="line 4: rows of kiln__firings do not stand together"):
        bring_in(new_forum("kiln"), apart)
    few = with_bytes(archive, "plugins.jsonl", lines[0], lines=2)
    with pytest.raises(Invalid, match=r"plugins\.jsonl has 1 lines"):
        bring_in(new_forum("kiln"), few)


def test_archive_without_such_rows_has_no_such_file(new_forum: NewForum, tmp_path: Path) -> None:
    plain = new_forum()
    Factories(plain).community()
    archive = exported(plain, tmp_path / "a")
    assert b"plugins.jsonl" not in archive
    bring_in(new_forum("kiln"), archive)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ('[ArchivedTable("members")]', "a table whose name does not begin with kiln__"),
        ('["kiln__firings"]', "register_archived"),
        ('[ArchivedTable("kiln__firings")] * 2', "two tables of one name"),
        ('[ArchivedTable("kiln__waiting")]', "kiln__waiting, which its manifest keeps out"),
    ],
)
def test_tables_that_no_archive_may_have_are_refused(
    given: str, reason: str, kiln: Path, new_forum: NewForum
) -> None:
    (kiln / "hooks.py").write_text(
        "from forum.plugin_api import *\n@hookimpl\ndef register_archived():\n    return " + given
    )
    [plugin] = new_forum("kiln").extensions["forum_plugins"].plugins
    assert reason in plugin.reason
