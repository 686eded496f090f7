"""What the moderators' record says of a member, as the member takes it away."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import and_, or_, select

from forum import db as database
from forum.hookspecs import PersonalData
from forum.record.models import LogEntry, LogReason, LogStep


def recorded_data(member_id: int) -> list[PersonalData]:
    """What moderators did to what is the member's, without who did it, and what the member did as a
    moderator, without the words about others."""
    theirs = LogEntry.member_id == member_id
    columns = (
        *(LogEntry.id, LogEntry.at, LogEntry.kind, LogEntry.undo_of),
        *(LogEntry.thread_id.label("thread"), LogEntry.post_id.label("post")),
        (LogEntry.actor_id == member_id).label("by_me"),
        LogReason.words.label("reason"),
    )
    statement = (
        select(*columns)
        .outerjoin(LogReason, and_(LogReason.entry_id == LogEntry.id, theirs))
        .where(or_(theirs, LogEntry.actor_id == member_id))
        .order_by(LogEntry.id)
    )
    rows = tuple(dict(row._mapping) for row in database.rows(statement))
    about = gettext(
        "What moderators did to your posts and threads, and what you did as a moderator yourself."
    )
    return [PersonalData("moderation-log", about, rows), _changed(member_id)]


def _changed(member_id: int) -> PersonalData:
    columns = (LogStep.relation, LogStep.row, LogStep.before, LogStep.after)
    statement = (
        select(LogStep.entry_id.label("entry"), *columns)
        .where(LogStep.member_id == member_id)
        .order_by(LogStep.id)
    )
    rows = tuple(dict(row._mapping) for row in database.rows(statement))
    about = gettext("What was there before and after, kept so that it can be undone.")
    return PersonalData("moderation-log-changes", about, rows)
