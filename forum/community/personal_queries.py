"""What the log of changes has about a member, as they take it away."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import or_, select

from forum import db as database
from forum.community.models import Change, ChangeValue
from forum.hookspecs import PersonalData


def change_data(member_id: int) -> list[PersonalData]:
    """What administrators changed about a member, without who did, and what the member changed."""
    about_them = ChangeValue.member_id == member_id
    on_them = (Change.subject == "member") & (Change.subject_id == member_id)
    changed = (
        select(Change.at, Change.kind, ChangeValue.field, ChangeValue.before, ChangeValue.after)
        .outerjoin(ChangeValue, (ChangeValue.change_id == Change.id) & about_them)
        .where(or_(about_them, on_them))
        .order_by(Change.id, ChangeValue.id)
    )
    did = select(Change.at, Change.kind).where(Change.actor_id == member_id).order_by(Change.id)
    return [
        PersonalData(name, about, tuple(dict(row._mapping) for row in database.rows(statement)))
        for name, about, statement in (
            ("changes", gettext("What administrators changed about you."), changed),
            ("done", gettext("What you changed as an administrator."), did),
        )
    ]
