"""What is taken away from readers: threads that moderators removed, and those that wait again."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from forum import db as database
from forum.discussion.models import WAITING, WITHDRAWN, Post, Thread
from forum.record.models import LogEntry

# Not so where all that was published waits for a moderator again: others must not read its title either.
LET_THROUGH = exists().where(
    Post.thread_id == Thread.id,
    Post.number.is_not(None),
    Post.removal.is_(None) | Post.removal.not_in((WAITING, WITHDRAWN)),
)
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
