"""Predicates over (actor, object). They query nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from forum.permissions import Actor, InCategory, allowed
from forum.review import Finding, Review, Severity

POSTS_A_PAGE = 20


class Written(Protocol):
    """Anything that knows who wrote it."""

    @property
    def author_id(self) -> int:
        """The author's id."""


def can_edit(actor: Actor, thread: InCategory, post: Written) -> bool:
    """Whether the actor may change the text: their own where they may write, or anybody's."""
    own = actor.is_member and post.author_id == actor.id
    return (own and allowed(actor, "post.edit_own", thread)) or allowed(
        actor, "post.edit_any", thread
    )


def is_acceptable(review: Review, *, asks_for_help: bool) -> bool:
    """Whether a draft so reviewed may be published: nothing blocks, or the author asks for help."""
    return asks_for_help or not review.at_least(Severity.BLOCK)


def findings_to_show(review: Review, seen: Collection[str], kept: Collection[str]) -> list[Finding]:
    """The findings that stop a publication so that the author reads them: what blocks, always;
    what is to be considered, once; hints, never."""
    return [
        f
        for f in review.at_least(Severity.WARN)
        if f.severity is Severity.BLOCK or (f.fingerprint not in seen and f.fingerprint not in kept)
    ]


def page_of(number: int) -> int:
    """The page of a thread on which post ``number`` stands, from 1."""
    return (number - 1) // POSTS_A_PAGE + 1
