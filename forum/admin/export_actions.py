"""Ordering an export, which the worker makes, and taking it away."""

from __future__ import annotations

import secrets

from flask_babel import gettext
from sqlalchemy import delete

from forum.admin.excerpt_extent import Wish, extent_of
from forum.admin.export_queries import JOB, RUNNING, exports
from forum.admin.export_shelf import take_away
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Conflict, Invalid, NotFound
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require

KINDS = ("pages", "excerpt")
MOST = 20
"""Orders at a time: each may be as large as the forum."""


def order_export(actor: Actor, kind: str, wish: Wish) -> str:
    """Have the worker make an export: the word by which it is known.

    Raises:
        Invalid: there is nothing of this wish, or too much was ordered already.
    """
    require(actor, "community.manage")
    if kind not in KINDS:
        raise Invalid("kind", gettext("Choose one of the two."))
    if kind == "pages" and wish.with_addresses:
        raise Invalid(
            "with_addresses",
            gettext("Pages name people by their names only. Leave the addresses out."),
        )
    if len(exports()) >= MOST:
        raise Invalid("", gettext("There are %(num)s exports already. Remove some.", num=MOST))
    extent_of(db.session.connection(), wish)
    word = secrets.token_hex(8)
    enqueue(JOB, word=word, kind=kind, wish=wish.to_json(), by=actor.id)
    facts = {**wish.to_json(), "categories": " ".join(wish.categories) or "all", "kind": kind}
    note_change(actor, "export.order", after=facts)
    return word


def remove_export(actor: Actor, word: str) -> None:
    """Take an export away, or an order that nobody has begun.

    Raises:
        NotFound: there is none any more.
        Conflict: it is being made at this moment.
    """
    require(actor, "community.manage")
    found = next((export for export in exports() if export.word == word), None)
    if found is None:
        raise NotFound(gettext("This export is gone; they are kept for a day."))
    if found.state == RUNNING:
        raise Conflict(gettext("The worker is making it. Remove it when it is there."))
    _forget(word)
    take_away(word)
    note_change(actor, "export.remove")


def _forget(word: str) -> None:
    orders = db.session.query(Job).filter(Job.name == JOB)
    ids = [job.id for job in orders if job.arguments["word"] == word]
    db.session.execute(delete(Job).where(Job.id.in_(ids)))
