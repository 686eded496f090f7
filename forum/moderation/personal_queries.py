"""What moderators decided about a member's posts, as the member takes it away."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import ColumnElement, or_, select

from forum import db as database
from forum.discussion.models import Post
from forum.hookspecs import PersonalData
from forum.moderation.models import Case, Flag
from forum.moderation.rules import APPEAL, kinds_hidden_from_authors


def case_data(member_id: int) -> list[PersonalData]:
    """The cases of a member's posts, without who decided or flagged them, and what they flagged."""
    statement = (
        select(
            Case.post_id.label("post"),
            Case.kind,
            Case.reason,
            Case.opened_at,
            Case.closed_at,
            Case.decision,
            Case.decision_reason,
        )
        .join(Post, Post.id == Case.post_id)
        .where(Post.author_id == member_id, or_(_may_be_known(), Case.closed_at.is_not(None)))
        .order_by(Case.id)
    )
    flagged = (
        select(
            Case.post_id.label("post"),
            Flag.words,
            Flag.flagged_at,
            Flag.withdrawn_at,
            Case.closed_at,
            Case.decision,
            Case.decision_reason,
        )
        .join(Case, Case.id == Flag.case_id)
        .where(Flag.member_id == member_id)
        .order_by(Flag.id)
    )
    rows = tuple(dict(row._mapping) for row in database.rows(statement))
    about = gettext("Posts of yours that waited for a moderator, and what was decided.")
    flags = tuple(dict(row._mapping) for row in database.rows(flagged))
    return [
        PersonalData("cases", about, rows),
        PersonalData("flags", gettext("Posts that you flagged, and what was decided."), flags),
    ]


def _may_be_known() -> ColumnElement[bool]:
    """What is open and hidden from authors stays so here; they appealed themselves."""
    return Case.kind.not_in([kind for kind in kinds_hidden_from_authors() if kind != APPEAL])
