"""Reading one moment of the database, however long it takes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DatabaseError

from forum.accounts.models import Group
from forum.db import db, snapshot, transaction

COUNT = select(func.count()).select_from(Group)


def add_group(name: str) -> None:
    with transaction():
        db.session.add(Group(name=name))


def test_reads_see_what_was_there_at_the_first_of_them(app: Flask) -> None:
    with app.test_request_context():
        add_group("Masters")
        with snapshot() as connection:
            first = connection.scalar(COUNT)
            add_group("Glazers")
            second = connection.scalar(COUNT)
        with snapshot() as connection:
            later = connection.scalar(COUNT)
    assert (first, second, later) == (1, 1, 2)


def test_nothing_can_be_written_through_it(app: Flask) -> None:
    with app.test_request_context():
        with snapshot() as connection, pytest.raises(DatabaseError, match=r"(?i)read-?only"):
            connection.execute(insert(Group).values(name="Masters"))
        # Whoever gets the connection next may write again.
        add_group("Glazers")
        assert db.session.scalars(select(Group.name)).all() == ["Glazers"]
