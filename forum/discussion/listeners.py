"""What the core itself says of drafts: the accessibility review, and what a heavy finding means.
And what becomes of somebody's words when they leave."""

from __future__ import annotations

from forum.accessibility.check import review
from forum.discussion.closing_actions import forget_words
from forum.hookspecs import AccountClosing, Hold, PostToCheck
from forum.plugin_host import hookimpl
from forum.review import Draft, Finding, Severity


@hookimpl
def review_draft(draft: Draft) -> list[Finding]:
    """What the accessibility checker says of the draft."""
    return review(draft)


@hookimpl
def check_post(post: PostToCheck) -> Hold | None:
    """A finding of severity ``hold`` keeps the post for a moderator, with its message as reason."""
    reasons = [f.message for f in post.findings if f.severity is Severity.HOLD]
    return Hold(" ".join(reasons)[:1000]) if reasons else None


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """Drafts go, and what else of the member's words they want gone."""
    forget_words(closing)
