"""What is taken away from readers: threads that moderators removed, and those that wait again."""

from __future__ import annotations

from sqlalchemy import bindparam, case, exists, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.discussion.models import WAITING, WITHDRAWN, Post, Thread
from forum.record.models import LogEntry

# Not so where all that was published waits for a moderator again: others must not read its title either.
_any_post = aliased(Post)
LET_THROUGH = exists().where(
    _any_post.thread_id == Thread.id,
    _any_post.number.is_not(None),
    _any_post.removal.is_(None) | _any_post.removal.not_in((WAITING, WITHDRAWN)),
)
# Of what somebody did there before, they find the line again, and not what it was called.
TITLE_LET_THROUGH = case((LET_THROUGH, Thread.title), else_="")
_FIRST: database.Statement = (
    select(Post.id)
    .join(LogEntry, LogEntry.thread_id == Post.thread_id)
    .where(
        Post.thread_id == bindparam("thread"),
        Post.number == 1,
        Post.author_id == bindparam("author"),
        LogEntry.member_id == bindparam("author"),
        LogEntry.kind == "thread.remove",
        LogEntry.undo_of.is_(None),
    )
    .limit(1)
)


def removed_first_post(thread_id: int, author_id: int) -> int | None:
    """The post with which an author started a thread that a moderator removed."""
    found: int | None = database.value(_FIRST, {"thread": thread_id, "author": author_id})
    return found
