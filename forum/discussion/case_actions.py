"""Asking for a person who looks at a post that was just written."""

from __future__ import annotations

from forum.discussion.models import Post
from forum.discussion.spam_queries import is_newcomer_with_links
from forum.hookspecs import CaseNeeded, Hold
from forum.phrases import Phrase
from forum.plugin_host import current_host

# Stored as they are, in English, and said in the language of whoever reads the case.
ASKS_FOR_HELP = str(Phrase("The author asks for help with accessibility."))
FIRST_POST = str(
    Phrase("It is one of the first posts of somebody who is new here; a moderator looks at these.")
)


def ask_for_case(post_id: int, kind: str, reason: str, *, needs_person: str = "") -> None:
    """Put a post before a person, in the transaction that wrote it. Arguments as in ``CaseNeeded``."""
    current_host().with_case_needed(CaseNeeded(post_id, kind, reason, needs_person))


def ask_for_looking(post: Post, source: str, *, hold: Hold | None, is_first: bool) -> None:
    """Put a post before moderators that a check holds, or that is one of its author's first."""
    if hold is None and not is_first:
        return
    by_links = "links" if is_newcomer_with_links(post.author_id, source) else ""
    if hold is not None:
        needs = "harm" if hold.harm else by_links
        ask_for_case(post.id, "hold", hold.reason, needs_person=needs)
    else:
        kind, needs = ("first", by_links) if post.number is None else ("welcome", "")
        ask_for_case(post.id, kind, FIRST_POST, needs_person=needs)
