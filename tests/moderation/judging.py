"""A community with moderators, and a member about whom they decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Measure
from forum.clock import utcnow
from forum.db import db, transaction
from forum.moderation.measure_actions import suspend_member
from forum.testing.factories import Factories, Person

REASON = "You called Bo a fool."


class Town:
    """Mo and Max moderate, Olga administers; Ada has written thread 1."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.app, self.make = app, factories
        self.olga = factories.community()
        self.mo, self.max = (factories.member(n, role="moderator") for n in ("Mo", "Max"))
        self.ada = factories.member("Ada")
        self.first = factories.thread(self.ada)

    def by(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            return action(actor, *values, **options)

    def suspend(self, person: Person | None = None, **options: Any) -> int:
        """Suspend Ada, or somebody, for a day: the measure."""
        options = {"until": utcnow() + timedelta(days=1), **options}
        self.by(self.olga, suspend_member, (person or self.ada).id, reason=REASON, **options)
        return self.newest()

    def newest(self) -> int:
        """The newest measure; 0 before the first."""
        with self.app.app_context():
            return db.session.scalar(select(Measure.id).order_by(Measure.id.desc())) or 0

    def let_time_pass(self) -> None:
        """As if every end were over; nothing else happens."""
        with self.app.test_request_context(), transaction():
            db.session.execute(update(Measure).values(until=utcnow() - timedelta(seconds=1)))

    def letters(self) -> list[tuple[str, str]]:
        """Subject and text of all letters to Ada."""
        folder = self.app.extensions["forum_settings"].mail_folder
        files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
        return [
            (str(letter["Subject"]), letter.get_content())  # type: ignore[attr-defined]
            for letter in found
            if letter["To"] == self.ada.email
        ]
