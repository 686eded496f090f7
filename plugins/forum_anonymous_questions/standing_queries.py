"""How questions that are not over stand with moderators. Only reads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from forum.discussion.models import Post
from forum.moderation.models import Case
from forum.plugin_api import rows
from forum_anonymous_questions.models import ASKED, FOLLOW_UPS, QUESTIONS, REFUSED
from forum_anonymous_questions.queries import CASE_KIND

_newer = aliased(Case)
_NEWEST_CASE = (
    Case.id
    == select(func.max(_newer.id))
    .where(_newer.kind == CASE_KIND, _newer.post_id == Post.id)
    .correlate(Post)
    .scalar_subquery()
)
_CASE = (
    Case.id.label("case_id"),
    Case.opened_at,
    Case.closed_at,
    Case.decision,
    Post.created_at,
    Post.removed_at,
)
_QUESTIONS: Select[Any] = (
    select(
        QUESTIONS.c.id,
        QUESTIONS.c.code,
        QUESTIONS.c.state,
        QUESTIONS.c.is_told,
        QUESTIONS.c.post_id,
        *_CASE,
    )
    .join(Post, Post.id == QUESTIONS.c.post_id)
    .outerjoin(Case, _NEWEST_CASE)
    .where(QUESTIONS.c.state.in_((ASKED, REFUSED)), Post.number.is_(None))
)
_FOLLOW_UPS: Select[Any] = (
    select(FOLLOW_UPS.c.id, FOLLOW_UPS.c.post_id, *_CASE)
    .join(Post, Post.id == FOLLOW_UPS.c.post_id)
    .outerjoin(Case, _NEWEST_CASE)
    .where(Post.number.is_(None), Post.removed_at.is_(None))
)


def standing_questions() -> list[Any]:
    """The questions that are not published, lapsed or withdrawn, each with the newest case about it."""
    return list(rows(_QUESTIONS))


def waiting_follow_ups() -> list[Any]:
    """What was written further and is not published, each with the newest case about it; of thanks there
    is none."""
    return list(rows(_FOLLOW_UPS))


def is_undecided(one: Any) -> bool:
    """Whether moderators have yet to decide about it."""
    return one.case_id is not None and one.closed_at is None


def is_approved(one: Any) -> bool:
    """Whether it may appear with the next batch."""
    is_let_through = one.closed_at is not None and one.decision == "done"
    return one.removed_at is None and (one.case_id is None or is_let_through)
