"""What is kept of letters to somebody who has left: nothing, once the last one is sent."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, or_, select

from forum.db import db
from forum.hookspecs import AccountClosing
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.notifications.letter_file_actions import FAREWELL, remove_letter
from forum.notifications.models import SentMail

FORGET_LETTERS = "mail.forget"
# Promised where the account is closed, which does not know this room.
FORGET_LETTER = "forget_letter"


def forget_sent_mail(closing: AccountClosing) -> None:
    """Delete what is known of letters to a former member, and have their files removed after the
    commit, with those that told others of what they wrote."""
    to_them = func.lower(SentMail.recipient).in_(closing.addresses)
    theirs = or_(SentMail.member_id == closing.member_id, to_them)
    letters = list(db.session.scalars(select(SentMail.job_id).where(theirs)))
    db.session.execute(delete(SentMail).where(theirs))
    enqueue(
        FORGET_LETTERS,
        former=closing.member_id,
        addresses=list(closing.addresses),
        letters=letters,
    )


def forget_asking(addresses: Collection[str]) -> None:
    """Delete that letters asked whether these addresses, in small letters, were to become a former
    member's."""
    to_them = func.lower(SentMail.recipient).in_(addresses)
    db.session.execute(delete(SentMail).where(SentMail.kind == "address", to_them))


def forget_farewell(letter: int) -> None:
    """Forget the last letter that somebody got: its file, its job if it could not be sent."""
    db.session.execute(delete(SentMail).where(SentMail.job_id == letter))
    db.session.execute(delete(Job).where(Job.id == letter, Job.name == "mail"))
    remove_letter(FAREWELL, letter)
