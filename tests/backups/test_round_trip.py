"""What a backup brings back: every row, every picture, and the numbers that were given already."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from stat import filemode
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
)

from forum.accounts.models import (
    Attempt,
    LegalHold,
    Member,
    MemberSession,
    OneTimeToken,
    Registration,
)
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.community.models import Setting
from forum.db import Base, Key, UtcDateTime, db, transaction
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.permissions import OPERATOR
from forum.testing.application import work
from tests.admin.full_forum import FullForum
from tests.backups.kept import (
    Forums,
    as_restored,
    backed_up,
    bring_back,
    everything_in,
    pictures_of,
    settings_of,
    tables_in,
)

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def rows_of_every_kind(full: FullForum) -> None:
    """A row in each table that filling a forum leaves empty: what only time or a failure brings."""
    work(full.app)
    now, member = utcnow(), full.ada.id
    with full.writing():
        note_change(OPERATOR, "category.change", before={"title": "a"}, after={"title": "b"})
        db.session.add_all(
            [
                Setting(name="null", value=None),
                Setting(name="list", value=["Zoë", 1.5, None, {"a": True}]),
                LegalHold(member_id=member, reason="A court asked."),
                Attempt(key="sign-in", window=7),
                MemberSession(member_id=member, token_hash="a" * 64, expires_at=now),
                OneTimeToken(
                    token_hash="b" * 64, purpose="reset", member_id=member, expires_at=now
                ),
                Registration(
                    token_hash="c" * 64, name="N", email="n@a.example", password_hash="x",
                    expires_at=now,
                ),
            ]
        )  # fmt: skip
        enqueue("letter", kind="reply", words="Zoë")


@pytest.fixture
def whole(full: FullForum) -> FullForum:
    """A forum with rows that no page makes, besides everything else."""
    rows_of_every_kind(full)
    return full


@pytest.fixture
def moved(whole: FullForum, forums: Forums, empty_database: str, tmp_path: Path) -> Flask:
    """The same forum on another database, of each kind from each kind."""
    path = tmp_path / "kept.folkmoot-backup"
    backed_up(whole.app, path)
    other = forums.on(empty_database)
    bring_back(other, path)
    return other


def test_every_row_comes_back_on_either_database(whole: FullForum, moved: Flask) -> None:
    before = everything_in(whole.app)
    assert everything_in(moved) == as_restored(before)
    assert pictures_of(moved) == pictures_of(whole.app) != {}
    assert tables_in(moved) == sorted([*Base.metadata.tables, "alembic_version"])


def test_forum_of_these_tests_has_rows_in_nearly_every_table(whole: FullForum) -> None:
    empty = {name for name, rows in everything_in(whole.app).items() if not rows}
    assert empty <= {"plugin_troubles", "sent_mail", "invitations"}


def test_next_rows_get_numbers_that_nobody_had(
    whole: FullForum, forums: Forums, empty_database: str, tmp_path: Path
) -> None:
    with whole.writing():
        # Done already, so no row tells of its number any more.
        last = Job(name="x", arguments={})
        db.session.add(last)
        db.session.flush()
        number = last.id
        db.session.delete(last)
    backed_up(whole.app, tmp_path / "kept")
    other = forums.on(empty_database)
    bring_back(other, tmp_path / "kept")
    with other.test_request_context(), transaction():
        job = Job(name="y", arguments={})
        member = Member(name="New")
        db.session.add_all([job, member])
        db.session.flush()
        known = db.session.scalars(select(Member.id)).all()
        assert (job.id, member.id) == (number + 1, max(known))


@ON_SQLITE
def test_same_forum_gives_the_same_rows_whatever_order_they_were_written_in(
    whole: FullForum, forums: Forums, empty_database: str, tmp_path: Path
) -> None:
    first = tables_of(backed_up(whole.app, tmp_path / "a").path)
    other = forums.on(empty_database)
    bring_back(other, tmp_path / "a")
    with other.test_request_context(), transaction():
        # The same rows, written again from the last to the first.
        for table in ("thread_tags", "group_members", "settings"):
            model = Base.metadata.tables[table]
            rows = [dict(row) for row in db.session.execute(select(model)).mappings()]
            db.session.execute(model.delete())
            for row in reversed(rows):
                db.session.execute(insert(model), row)
    assert tables_of(backed_up(other, tmp_path / "b").path) == first


def tables_of(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as backup:
        return {n: backup.read(n) for n in backup.namelist() if n.startswith("tables/")}


@ON_SQLITE
def test_only_its_owner_can_read_a_backup_and_any_program_can_open_it(
    whole: FullForum, tmp_path: Path
) -> None:
    made = backed_up(whole.app)
    assert filemode(made.path.stat().st_mode) == "-rw-------"
    assert filemode(made.path.parent.stat().st_mode) == "drwx------"
    with ZipFile(made.path) as backup:
        assert backup.testzip() is None
        manifest = json.loads(backup.read("manifest.json"))
    assert (manifest["name"], manifest["schema"], manifest["pictures"]) == (
        "Potters of " + "Å" * 9,
        "0015",
        1,
    )


@ON_SQLITE
def test_what_proves_who_somebody_is_for_a_while_is_not_in_it(
    whole: FullForum, tmp_path: Path
) -> None:
    content = b"".join(tables_of(backed_up(whole.app, tmp_path / "kept").path).values())
    secret = (tmp_path / "instance" / "secret").read_bytes()
    assert (b"a" * 64 in content, b"b" * 64 in content, secret in content) == (False,) * 3
    assert b"c" * 64 in content, "a registration would have to be done again"


def test_tables_that_no_migration_of_ours_makes_come_back(
    whole: FullForum, forums: Forums, empty_database: str, tmp_path: Path
) -> None:
    """Those of a plugin that is not there any more."""
    make_table_of_a_plugin(whole)
    before = rows_of_the_plugin(whole.app)
    backed_up(whole.app, tmp_path / "kept")
    other = forums.on(empty_database)
    bring_back(other, tmp_path / "kept")
    assert rows_of_the_plugin(other) == before
    with other.app_context(), db.engine.connect() as connection:
        inspector = inspect(connection)
        assert inspector.get_pk_constraint("norms")["constrained_columns"] == ["id"]
        (unique,) = inspector.get_unique_constraints("norms")
        (reference,) = inspector.get_foreign_keys("norms")
        assert unique["column_names"] == ["title"]
        assert (reference["referred_table"], reference["options"]) == (
            "members",
            {"ondelete": "CASCADE"},
        )


def make_table_of_a_plugin(forum: FullForum) -> None:
    metadata = MetaData()
    with forum.app.app_context():
        Table("members", metadata, Column("id", Key, primary_key=True))
        norms = Table(
            "norms",
            metadata,
            Column("id", Key, primary_key=True),
            Column("title", String(80), nullable=False, unique=True),
            Column("words", Text),
            Column("by", Key, ForeignKey("members.id", ondelete="CASCADE")),
            Column("options", JSON),
            Column("at", UtcDateTime),
            Column("on", Date),
            Column("share", Float),
            Column("cost", Numeric(10, 2)),
            Column("seal", LargeBinary),
            Column("holds", Boolean),
        )
        with db.engine.begin() as connection:
            metadata.create_all(connection, tables=[norms])
            now = utcnow()
            connection.execute(
                insert(norms),
                [
                    {
                        "title": "Ask, then fire",
                        "words": "\u2028 “Å”\n",
                        "by": forum.ada.id,
                        "options": {"a": [1, None]},
                        "at": now,
                        "on": now.date(),
                        "share": 0.1,
                        "cost": Decimal("12.30"),
                        "seal": b"\0\xff",
                        "holds": True,
                    },
                ],
            )
            connection.execute(insert(norms), [{"title": "Nothing else"}])


def rows_of_the_plugin(app: Flask) -> list[Any]:
    with app.app_context(), db.engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection, only=["norms"], resolve_fks=False)
        rows = connection.execute(select(metadata.tables["norms"])).mappings()
        return [{name: comparable(value) for name, value in row.items()} for row in rows]


def comparable(value: Any) -> Any:
    """Values as both databases' own types give them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return Decimal(str(value)) if isinstance(value, Decimal | float) else value


@ON_SQLITE
def test_damaged_pictures_that_lie_there_are_mended(
    full: FullForum, forums: Forums, tmp_path: Path
) -> None:
    """The folder of pictures is often kept when a database is lost."""
    path = tmp_path / "kept.folkmoot-backup"
    backed_up(full.app, path)
    other = forums.on()
    lies_there = settings_of(other).instance / "files" / full.hash[:2] / f"{full.hash}.png"
    lies_there.parent.mkdir(parents=True)
    lies_there.write_bytes(b"flipped")
    bring_back(other, path)
    assert pictures_of(other) == pictures_of(full.app) != {}
