"""Roles are given and taken; one administrator always stays; a changed role ends sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Member, MemberRole, MemberSession
from forum.accounts.role_actions import (
    end_sessions_of,
    give_role_to,
    have_password_reset,
    take_role_from,
)
from forum.community.models import Change, ChangeValue
from forum.db import db, rows, transaction
from forum.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound
from forum.permissions import OPERATOR, Actor
from forum.testing.factories import Factories, Person

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def done(app: Flask, act: Callable[[], object]) -> object:
    """What the action gives, or the class of its refusal."""
    with app.test_request_context():
        try:
            with transaction():
                return act()
        except ForumError as error:
            return type(error)


def held(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        found = rows(select(MemberRole.member_id, MemberRole.role).order_by(MemberRole.member_id))
        return [tuple(row) for row in found]


def sessions(app: Flask, person: Person) -> int:
    with app.app_context():
        return len(rows(select(MemberSession.id).where(MemberSession.member_id == person.id)))


@ONE_KIND
def test_changed_role_ends_the_members_sessions_and_is_noted(
    app: Flask, factories: Factories
) -> None:
    olga, ada = factories.community(), factories.member("Ada")
    browser, own = factories.signed_in(ada), factories.signed_in(olga)
    actor = factories.actor(olga)

    assert done(app, lambda: give_role_to(actor, ada.id, "moderator")) is True
    assert browser.get("/me").status_code == 303
    factories.signed_in(ada)
    # What is so already ends nothing.
    assert done(app, lambda: give_role_to(actor, ada.id, "moderator")) is False
    assert sessions(app, ada) == 1
    assert done(app, lambda: take_role_from(actor, ada.id, "moderator")) is True
    assert done(app, lambda: take_role_from(actor, ada.id, "moderator")) is False
    assert (sessions(app, ada), own.get("/admin").status_code) == (0, 200)
    values = select(
        Change.actor_id,
        Change.kind,
        Change.subject_id,
        ChangeValue.before,
        ChangeValue.after,
        ChangeValue.member_id,
    )
    with app.app_context():
        noted = rows(values.join(Change, Change.id == ChangeValue.change_id).order_by(Change.id))
    assert [tuple(one) for one in noted] == [
        (olga.id, "role.give", ada.id, "", "moderator", ada.id),
        (olga.id, "role.take", ada.id, "moderator", "", ada.id),
    ]


@ONE_KIND
def test_own_session_goes_on_and_others_of_oneself_end(app: Flask, factories: Factories) -> None:
    olga = factories.community()
    factories.signed_in(olga)
    factories.signed_in(olga)
    with app.app_context():
        keep = db.session.scalar(
            select(MemberSession.id).where(MemberSession.member_id == olga.id).limit(1)
        )
    actor = factories.actor(olga)
    assert done(app, lambda: give_role_to(actor, olga.id, "moderator", keep=keep)) is True
    assert sessions(app, olga) == 1
    assert done(app, lambda: end_sessions_of(actor, olga.id)) == 1


def test_last_administrator_stays_also_when_two_leave_at_once(
    app: Flask, factories: Factories
) -> None:
    olga, ada = factories.community(), factories.member("Ada", role="admin")
    start = threading.Barrier(2)

    def leave(person: Person) -> object:
        actor = factories.actor(person)
        start.wait()
        return done(app, lambda: take_role_from(actor, person.id, "admin"))

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(leave, (olga, ada)))
    assert sorted(answers, key=str) == [Conflict, True]
    assert len(held(app)) == 1


def test_one_leaves_while_the_other_closes_the_account(app: Flask, factories: Factories) -> None:
    olga, ada = factories.community(), factories.member("Ada", role="admin")
    actor, leaver = factories.actor(olga), factories.actor(ada)
    start = threading.Barrier(2)

    def take() -> object:
        start.wait()
        return done(app, lambda: take_role_from(actor, olga.id, "admin"))

    def close() -> object:
        start.wait()
        with app.test_request_context():
            try:
                return close_account(leaver, password=ada.password, empty_posts=False)
            except ForumError as error:
                return type(error)

    with ThreadPoolExecutor(2) as pool:
        answers = [answer.result() for answer in (pool.submit(take), pool.submit(close))]
    assert answers.count(Conflict) == 1
    assert len(held(app)) == 1


@ONE_KIND
def test_what_cannot_be_done_with_an_account_is_refused(app: Flask, factories: Factories) -> None:
    olga, ada, gone = factories.community(), factories.member("Ada"), factories.member("Gone")
    with app.test_request_context():
        close_account(factories.actor(gone), password=gone.password, empty_posts=False)
        with transaction():
            db.session.execute(
                update(Member).where(Member.id == ada.id).values(email=None, password_hash=None)
            )
    refused = [
        (lambda: give_role_to(OPERATOR, gone.id, "admin"), Conflict),
        (lambda: give_role_to(OPERATOR, ada.id, "admin"), Conflict),
        (lambda: have_password_reset(OPERATOR, gone.id), Conflict),
        (lambda: have_password_reset(OPERATOR, ada.id), Conflict),
        (lambda: give_role_to(OPERATOR, olga.id, "king"), Invalid),
        (lambda: take_role_from(OPERATOR, olga.id, "king"), Invalid),
        (lambda: give_role_to(OPERATOR, 999_999, "admin"), NotFound),
        (lambda: take_role_from(OPERATOR, 999_999, "admin"), NotFound),
        (lambda: end_sessions_of(OPERATOR, 999_999), NotFound),
        (lambda: give_role_to(Actor(id=ada.id), ada.id, "admin"), NotAllowed),
        (lambda: take_role_from(Actor(id=ada.id), olga.id, "admin"), NotAllowed),
        (lambda: take_role_from(OPERATOR, olga.id, "admin"), Conflict),
    ]
    assert [done(app, act) for act, _ in refused] == [error for _, error in refused]
    assert held(app) == [(olga.id, "admin")]
