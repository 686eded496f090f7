"""Every member has a handle of their own from the start."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from forum.accounts.handle_actions import add_member
from forum.accounts.models import Member
from forum.db import db, rows, transaction
from forum.testing.factories import Factories


def handles(app: Flask) -> list[str | None]:
    """All handles, in the order of the members."""
    with app.app_context():
        return [row.handle for row in rows(select(Member.handle).order_by(Member.id))]


def test_members_get_a_handle_of_their_name(app: Flask, factories: Factories) -> None:
    factories.community()
    for name in ("Zoë Müller", "Zoe Muller", "ZOE  MÜLLER", "Admin", "林"):
        factories.member(name)
    assert handles(app) == [
        "olga",
        "zoe-muller",
        "zoe-muller-2",
        "zoe-muller-3",
        "admin-2",
        "someone",
    ]


def test_number_that_became_free_is_given_again(app: Flask, factories: Factories) -> None:
    people = [factories.member("Ada") for _ in range(3)]
    with app.app_context(), transaction():
        db.session.get_one(Member, people[1].id).handle = "countess"
    factories.member("Ada")
    assert handles(app) == ["ada", "countess", "ada-3", "ada-2"]


def test_eight_of_one_name_who_come_at_once_get_eight_handles(app: Flask) -> None:
    start = threading.Barrier(8)

    def come(number: int) -> str | None:
        with app.app_context():
            start.wait()
            with transaction():
                email = f"ada{number}@example.org"
                return add_member(Member(name="Ada", email=email, password_hash="x")).handle

    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(come, range(8)))
    assert given == {"ada", *(f"ada-{n}" for n in range(2, 9))}
