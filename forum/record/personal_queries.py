"""What the moderators' record says of a member, as the member takes it away."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from flask_babel import gettext
from sqlalchemy import and_, or_, select

from forum import db as database
from forum.hookspecs import PersonalData
from forum.record.models import LogEntry, LogReason, LogStep
from forum.record.rules import relation_named


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
    rows = tuple(_without_others(dict(row._mapping), member_id) for row in database.rows(statement))
    about = gettext("What was there before and after, kept so that it can be undone.")
    return PersonalData("moderation-log-changes", about, rows)


def _without_others(row: dict[str, Any], member_id: int) -> dict[str, Any]:
    """The step without who of the others did something."""
    relation = relation_named(row["relation"])
    people = frozenset() if relation is None else relation.labels.people
    return row | {side: _text_without(row[side], people, member_id) for side in ("before", "after")}


def _text_without(text: str, people: Collection[str], member_id: int) -> str:
    found = json.loads(text)
    own = {k: v for k, v in found.items() if k not in people or v == member_id}
    return json.dumps(own, ensure_ascii=False)
