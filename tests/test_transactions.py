"""What a transaction lets in, undoes, and reads again."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from forum.accounts.models import Group
from forum.db import (
    db,
    rows,
    savepoint,
    thrown_away,
    transaction,
    value,
)

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WRITERS, EACH = 8, 50


def groups(app: Flask) -> list[str]:
    """What was committed, by name."""
    with app.app_context():
        return sorted(row.name for row in rows(select(Group.name)))


def add(*names: str, then: BaseException | None = None) -> None:
    """Write something small; then, perhaps, fail."""
    for name in names:
        db.session.add(Group(name=name))
        db.session.flush()
    if then is not None:
        raise then


def test_change_of_something_read_outside_is_refused(app: Flask) -> None:
    with app.app_context():
        with transaction():
            add("before")
        group = db.session.scalars(select(Group)).one()
        group.name = "changed outside"
        with pytest.raises(RuntimeError, match="one transaction"), transaction():
            pass
    assert groups(app) == ["before"]


def test_statement_outside_a_transaction_is_not_kept(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("INSERT INTO groups (name) VALUES ('outside')"))
    assert groups(app) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_error_undoes_everything_of_its_transaction(app: Flask, error: type[BaseException]) -> None:
    with app.app_context():
        with pytest.raises(error), transaction():
            add("half", then=error())
        with transaction():
            add("whole")
    assert groups(app) == ["whole"]


def test_broken_statement_in_a_savepoint_spares_the_rest(app: Flask) -> None:
    with app.app_context(), transaction():
        add("before")
        with pytest.raises(Exception, match="nowhere"), savepoint():
            db.session.execute(text("SELECT nothing FROM nowhere"))
        add("after")
    assert groups(app) == ["after", "before"]


def test_what_is_thrown_away_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        with thrown_away():
            add("alone")
        with transaction():
            add("kept")
            with thrown_away():
                assert value(select(Group.name)) == "kept"
                add("in between")
    assert groups(app) == ["kept"]


def test_object_read_before_is_read_again_inside(app: Flask) -> None:
    with app.app_context():
        with transaction():
            add("old")
        group = db.session.scalars(select(Group)).one()
        with app.app_context(), transaction():
            db.session.execute(update(Group).values(name="new"))
        assert group.name == "old"
        with transaction():
            assert group.name == "new"


@SQLITE
def test_foreign_keys_are_enforced(app: Flask) -> None:
    with app.app_context(), pytest.raises(Exception, match="FOREIGN KEY"), transaction():
        db.session.execute(text("INSERT INTO group_members VALUES (1, 1)"))
