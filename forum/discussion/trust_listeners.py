"""When levels of trust are settled: after what members and moderators do, and every hour."""

from __future__ import annotations

from forum.discussion.trust_actions import (
    SETTLE,
    promise_settling,
    settle_after_deed,
    settle_levels_alone,
)
from forum.hookspecs import DeedRecorded, PublishedPost
from forum.jobs.worker import Work, handler, tidier
from forum.plugin_host import hookimpl


@hookimpl
def with_post_published(post: PublishedPost) -> None:
    """One more post may be enough for a level."""
    promise_settling(post.author_id)


@hookimpl
def with_deed_recorded(deed: DeedRecorded) -> None:
    """Who is muted, or whose posts are removed, loses their levels at once."""
    if deed.member_id is not None:
        settle_after_deed(deed.member_id)


@handler(SETTLE)
def settle(work: Work) -> None:
    """Settle the levels of one member."""
    settle_levels_alone([int(work.arguments["member"])])


@tidier
def settle_all() -> None:
    """Settle the levels of all: days go by, and what was removed long ago does not count any more."""
    settle_levels_alone()
