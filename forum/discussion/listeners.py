"""What the core itself says of drafts: the accessibility review, and what a heavy finding means."""

from __future__ import annotations

from forum.accessibility.check import review
from forum.hookspecs import Hold, PostToCheck
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
