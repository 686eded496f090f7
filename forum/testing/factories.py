"""Makes what tests need through the real actions, so that nothing exists that could not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest
from argon2 import PasswordHasher
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts import passwords
from forum.accounts.actions import Browser, open_session
from forum.accounts.community_actions import CommunityStatement, new_setup_token, set_up
from forum.accounts.group_actions import add_group, add_to_group
from forum.accounts.models import Group, Registration
from forum.accounts.passwords import hash_password
from forum.accounts.queries import actor_by_id, member_by_email
from forum.accounts.registration_actions import Applicant, make_account
from forum.accounts.role_actions import give_role
from forum.accounts.tokens import known_with, new_token, token_hash
from forum.categories.actions import add_category
from forum.categories.models import Category
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.actions import Posting, prepare, reply, start_thread
from forum.discussion.models import Post
from forum.permissions import OPERATOR, Actor
from forum.web.cookies import cookie_name
from forum.web.visit import KNOWN_COOKIE, start_session

PASSWORD = "correct horse battery staple"  # noqa: S105 - nobody's


class _HashesOnce(PasswordHasher):
    """Hashes as the forum's own, but the password of all these members only once in a run: one hash
    takes a tenth of a test's time, and every test has a first administrator."""

    _made = ""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """The hash; of that one password the first one made."""
        if (password, salt) != (PASSWORD, None):
            return super().hash(password, salt=salt)
        self._made = self._made or super().hash(password)
        return self._made


def _hash_once() -> None:
    real = passwords._hasher
    costs = (real.time_cost, real.memory_cost, real.parallelism)
    passwords._hasher = _HashesOnce(*costs)


_hash_once()


@dataclass(frozen=True, slots=True)
class Person:
    """A member, with what they need to sign in."""

    id: int
    name: str
    email: str
    password: str = PASSWORD


class Factories:
    """Makes members, categories, threads and replies in one forum.

    Nothing of it leaves a job behind except what publishing a post asks for.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._numbers = count(1)

    def community(self, name: str = "Potters") -> Person:
        """Set the forum up: its first administrator."""
        person = Person(0, "Olga", "olga@example.org")
        statement = CommunityStatement(name, "People who throw pots.", "Sellers of pots.")
        with self.app.test_request_context():
            with transaction():
                token = new_setup_token()
            assert token is not None, "the community is set up already"
            set_up(token, _applicant(person), statement, browser=Browser("127.0.0.1"))
            member = member_by_email(person.email)
            assert member is not None
            return replace(person, id=member.id)

    def member(self, name: str = "", *, role: str = "", group: str = "") -> Person:
        """Somebody who has just confirmed their address; a ``group`` is made when there is none."""
        number = next(self._numbers)
        person = Person(0, name or f"Member {number}", f"member{number}@example.org")
        with self.app.test_request_context(), transaction():
            # Registering would have a letter sent, which a running worker may take before us.
            db.session.add(_registration(person, token := new_token()))
            db.session.flush()
            member = make_account(token)
            self._give(person, role, group)
            return replace(person, id=member.id)

    def _give(self, person: Person, role: str, group: str) -> None:
        if role:
            give_role(OPERATOR, person.email, role)
        if group:
            if db.session.scalar(select(Group.id).where(Group.name == group)) is None:
                add_group(OPERATOR, group)
            add_to_group(OPERATOR, group, person.email)

    def actor(self, person: Person) -> Actor:
        """The person with the permissions of this moment."""
        with self.app.test_request_context():
            actor = actor_by_id(person.id)
            assert actor is not None
            return actor

    def signed_in(self, person: Person) -> FlaskClient:
        """A browser without JavaScript in which this person has signed in, and not for the first time:
        no letter tells of it. The form and the password are left out, for they take their time."""
        client = self.app.test_client()
        with self.app.test_request_context():
            client.set_cookie(cookie_name(KNOWN_COOKIE), known_with("", person.id))
            browser = Browser("127.0.0.1", client.environ_base["HTTP_USER_AGENT"])
            with transaction():
                token = open_session(person.id, browser)
            start_session(token)
            opened = dict(session)
        with client.session_transaction() as kept:
            kept.update(opened)
        return client

    def category(self, title: str = "Glazes", *, audiences: Audiences | None = None) -> Category:
        """A category, open to everybody unless ``audiences`` says otherwise."""
        with self.app.test_request_context(), transaction():
            return add_category(OPERATOR, title=title, audiences=audiences)

    def thread(
        self,
        author: Person | None = None,
        category: Category | None = None,
        *,
        title: str = "Crackle on stoneware",
        source: str = "How do you get a fine crackle?",
    ) -> Post:
        """A thread: its first post. Author and category are made when they are not given."""
        author, category = author or self.member(), category or self.category()
        with self.app.test_request_context():
            text, actor = prepare(source), self.actor(author)
            with transaction():
                return start_thread(actor, category, title=title, text=text, posting=Posting())

    def reply(
        self,
        thread: Post,
        author: Person | None = None,
        *,
        source: str = "Cool it slowly.",
        in_reply_to: int | None = None,
    ) -> Post:
        """A reply in the thread of ``thread``, which may be any of its posts."""
        author = author or self.member()
        with self.app.test_request_context():
            text, actor = prepare(source), self.actor(author)
            with transaction():
                return reply(
                    actor, thread.thread_id, text=text, posting=Posting(), in_reply_to=in_reply_to
                )


def _applicant(person: Person) -> Applicant:
    return Applicant(name=person.name, email=person.email, password=person.password)


def _registration(person: Person, token: str) -> Registration:
    return Registration(
        token_hash=token_hash(token),
        name=person.name,
        email=person.email,
        password_hash=hash_password(person.password),
        expires_at=utcnow() + timedelta(hours=1),
    )


@pytest.fixture
def factories(app: Flask) -> Factories:
    """Makes members, categories, threads and replies in ``app``."""
    return Factories(app)
