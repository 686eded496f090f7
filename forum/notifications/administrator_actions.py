"""Telling those who run the community what only they can mend."""

from __future__ import annotations

from sqlalchemy import select

from forum.accounts.models import Member, MemberRole
from forum.db import db
from forum.jobs.queue import enqueue
from forum.phrases import Phrase

_ADMINISTRATORS = (
    select(Member.id)
    .join(MemberRole, MemberRole.member_id == Member.id)
    .where(MemberRole.role == "admin", Member.email.is_not(None))
    .order_by(Member.id)
)


def tell_administrators(subject: Phrase, words: Phrase, *, path: str) -> int:
    """Have a letter sent to each administrator, in their language, after the commit: how many these are.

    The forum asks for it by itself, so nobody's permission is looked at. Whoever calls this sees to it that
    the same is told once.

    Args:
        subject, words: without anything that is filled in; they name nobody, as mail is read by others.
        path: an address of this forum at which something can be done, beginning with ``/``.
    """
    found = list(db.session.scalars(_ADMINISTRATORS))
    for member in found:
        enqueue(
            "mail",
            kind="administrators",
            member=member,
            subject=str(subject),
            words=str(words),
            path=path,
        )
    return len(found)
