"""Named reads about cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forum import db as database
from forum.accounts.models import Member
from forum.discussion.models import Post, Thread
from forum.moderation.models import Case

CASES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as the list of open cases shows it."""

    id: int
    kind: str
    reason: str
    opened_at: datetime
    post_id: int
    number: int | None
    html: str
    thread_id: int
    title: str
    author: str


def open_cases() -> list[OpenCase]:
    """The oldest open cases."""
    statement = (
        select(
            Case.id,
            Case.kind,
            Case.reason,
            Case.opened_at,
            Post.id,
            Post.number,
            Post.html,
            Thread.id,
            Thread.title,
            Member.name,
        )
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Member, Member.id == Post.author_id)
        .where(Case.closed_at.is_(None))
        .order_by(Case.id)
        .limit(CASES_A_PAGE)
    )
    return [OpenCase(*row) for row in database.rows(statement)]
