"""What the core itself says of drafts: the accessibility review, what a heavy finding means, and what
the community's settings keep for a moderator."""

from __future__ import annotations

from forum.accessibility.check import review
from forum.discussion.spam_queries import holds_for_harm, reasons_to_wait
from forum.hookspecs import Hold, PostToCheck
from forum.plugin_host import hookimpl
from forum.review import Draft, Finding, Severity

LONGEST_REASON = 1000


@hookimpl
def review_draft(draft: Draft) -> list[Finding]:
    """What the accessibility checker says of the draft."""
    return review(draft)


@hookimpl
def check_post(post: PostToCheck) -> Hold | None:
    """A finding of severity ``hold`` keeps the post for a moderator, with its message as reason, and
    so do listed words, and too many links of a newcomer."""
    reasons = [f.message for f in post.findings if f.severity is Severity.HOLD]
    reasons += reasons_to_wait(post)
    if not reasons:
        return None
    return Hold(" ".join(reasons)[:LONGEST_REASON], harm=holds_for_harm(post))
