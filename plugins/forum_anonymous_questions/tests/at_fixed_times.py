"""What moderators and the clock do: shared by the tests of fixed times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from forum.db import db, rows, transaction, value
from forum.discussion.models import Post, Thread
from forum.jobs.worker import work_off
from forum.moderation.actions import remove_held
from forum.moderation.decision_actions import settle_brought
from forum.moderation.models import Case
from forum.plugin_api import utcnow
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.time_actions import pass_fixed_time


def fixed_time(later: timedelta = timedelta(0)) -> None:
    """Pass one, so much later than now."""
    let_period_end()
    pass_fixed_time(utcnow() + later, pause=0)


def let_period_end() -> None:
    """Have the next fixed time take effect, whatever the clock says."""
    with transaction():
        db.session.execute(update(PERIOD).values(begun_at=None))


def worked_off(forum: PluginForum) -> None:
    """What is due is done; nothing of this test reads the database meanwhile."""
    with transaction():
        pass
    work_off(forum.app)


def cases() -> list[tuple[int, str, str | None]]:
    """All cases about questions: number, title of the thread, decision."""
    asked = (
        select(Case.id, Thread.title, Case.decision)
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Case.kind == "anonymous-questions.question")
        .order_by(Case.id)
    )
    return [tuple(one) for one in rows(asked)]


def case_of(title: str) -> int:
    """The newest case of the thread of this title."""
    return max(number for number, of, _decision in cases() if of == title)


def by_moderator(forum: PluginForum, action: Callable[..., Any], *of: Any, **options: Any) -> Any:
    """What the moderator does."""
    actor = forum.make.actor(forum.people["moderator"])
    with transaction():
        return action(actor, *of, **options)


def approve(forum: PluginForum, *titles: str) -> None:
    """Let these questions through."""
    for title in titles:
        by_moderator(forum, settle_brought, case_of(title), words="Good question.")


def refuse(forum: PluginForum, title: str, *, asks_for_changes: bool = False) -> None:
    """Do not let this question through, or ask for changes first."""
    options = {"reason": "Say more.", "asks_for_changes": asks_for_changes}
    by_moderator(forum, remove_held, case_of(title), **options)


def undo_last(forum: PluginForum) -> None:
    """Undo what stands last in the record."""
    last = value(select(LogEntry.id).order_by(LogEntry.id.desc()).limit(1))
    by_moderator(forum, undo, last, reason="A mistake.")


def posts_of_asker() -> list[tuple[str, int | None]]:
    """All in the name of the stand-in: title and number, in the order of publication or else of rows."""
    asker = value(select(PERIOD.c.asker_id))
    asked = (
        select(Thread.title, Post.number)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.author_id == asker)
        .order_by(Post.created_at, Post.id)
    )
    return [tuple(one) for one in rows(asked)]


def published() -> set[str]:
    """The titles of the threads of askers that readers find."""
    return {title for title, number in posts_of_asker() if number == 1}
