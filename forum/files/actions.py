"""Verbs on uploaded pictures.

The bytes are on the disk before a row names them, and a row is gone before its bytes go. So a crash
can leave a file that nothing names, never a picture without its file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from forum.accounts.limits import PICTURES_BY_MEMBER, count_attempt
from forum.clock import utcnow
from forum.db import db, transaction
from forum.files.models import Picture, Upload
from forum.files.pictures import Encoded, encoded
from forum.files.queries import known_pictures
from forum.files.storage import path_of, store_bytes
from forum.permissions import Actor, require_member

_LOCK = 0x7069637475726573
"""Any number that no other lock of the forum has."""


@dataclass(frozen=True, slots=True)
class Received:
    """A picture that lies on the disk and that nothing names yet."""

    hash: str
    picture: Encoded


def receive(actor: Actor, data: bytes) -> Received:
    """Make a picture of what a member sent, and keep its bytes. Call it outside of a transaction:
    it takes up to two seconds.

    Raises:
        NotAllowed: the actor is not signed in.
        TooMany: they have sent very many within the hour.
        Invalid: ``"picture"``; it cannot be taken, and why.
    """
    member_id = require_member(actor)
    with transaction():
        count_attempt(PICTURES_BY_MEMBER, str(member_id))
    picture = encoded(data)
    return Received(store_bytes(picture.data, picture.format), picture)


def add_picture(actor: Actor, received: Received) -> Picture:
    """Make it a picture of the forum that the actor uploaded; the same one twice is one.

    Raises:
        NotAllowed: the actor is not signed in.
    """
    member_id = require_member(actor)
    made = received.picture
    _lock_files()
    # Who cleans up may have taken the file away since: then it was older than this upload.
    store_bytes(made.data, made.format)
    insert = sqlite_insert if db.engine.dialect.name == "sqlite" else postgresql_insert
    db.session.execute(
        insert(Picture)
        .values(
            hash=received.hash,
            format=made.format,
            width=made.width,
            height=made.height,
            size=len(made.data),
            created_at=utcnow(),
        )
        .on_conflict_do_nothing()
    )
    db.session.execute(
        insert(Upload)
        .values(picture=received.hash, member_id=member_id, created_at=utcnow())
        .on_conflict_do_update(
            index_elements=[Upload.picture, Upload.member_id], set_={"created_at": utcnow()}
        )
    )
    return db.session.get_one(Picture, received.hash)


def remove_files(files: Iterable[tuple[str, str]]) -> int:
    """Remove the files of these pictures, by hash and format, unless they are pictures of the forum
    (again): how many were there."""
    wanted = dict(files)
    _lock_files()
    gone = [path_of(h, wanted[h]) for h in wanted.keys() - known_pictures(list(wanted))]
    there = [path for path in gone if path.exists()]
    for path in there:
        path.unlink(missing_ok=True)
    return len(there)


def _lock_files() -> None:
    # Between looking whether a file is there and writing the row, nobody may take it away. SQLite
    # has one writer anyway.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
