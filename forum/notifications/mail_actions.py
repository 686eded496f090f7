"""What is noted of each letter: to whom, of what kind, and what became of it. Never what it says."""

from __future__ import annotations

from sqlalchemy import delete, update

from forum.accounts.queries import member_by_email
from forum.clock import utcnow
from forum.db import db
from forum.notifications.models import SentMail


def note_try(job_id: int, kind: str, recipient: str, member_id: int | None) -> None:
    """Note that this letter is about to be handed over, before anybody outside has seen it."""
    again = (
        update(SentMail)
        .where(SentMail.job_id == job_id)
        .values(attempts=SentMail.attempts + 1, state="waiting", recipient=recipient)
        .returning(SentMail.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(again).first() is not None:
        return
    holder = None if member_id else member_by_email(recipient)
    whose = holder.id if holder else member_id
    db.session.add(
        SentMail(job_id=job_id, kind=kind, recipient=recipient, member_id=whose, attempts=1)
    )


def note_outcome(job_id: int, state: str) -> None:
    """Note what became of the letter of this job: ``waiting``, ``sent`` or ``set aside``."""
    sent_at = utcnow() if state == "sent" else None
    db.session.execute(
        update(SentMail)
        .where(SentMail.job_id == job_id)
        .values(state=state, sent_at=sent_at)
        .execution_options(synchronize_session=False)
    )


def forget_letter(job_id: int) -> None:
    """Forget a letter that will not be written after all."""
    db.session.execute(delete(SentMail).where(SentMail.job_id == job_id))
