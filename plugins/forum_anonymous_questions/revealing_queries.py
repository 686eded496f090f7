"""Who has said of which question that it is theirs, for those who read the thread."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from forum.accounts.models import Member
from forum.discussion.models import Post
from forum.plugin_api import rows
from forum_anonymous_questions.models import REVEALED

_OF_THREAD = (
    select(Post.number, Member.id.label("member_id"), Member.name)
    .select_from(REVEALED)
    .join(Post, Post.id == REVEALED.c.post_id)
    .join(Member, Member.id == REVEALED.c.member_id)
    .where(
        Post.thread_id == bindparam("thread"), Post.number.is_not(None), Post.removed_at.is_(None)
    )
    .order_by(Post.number)
)


def askers_of(thread_id: int) -> list[Any]:
    """The askers in a thread who revealed themselves, by ``number`` of their question: ``member_id`` and
    ``name``. Of a question that was removed there is none."""
    return list(rows(_OF_THREAD, {"thread": thread_id}))
