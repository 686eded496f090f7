"""Leaks into what is shown: pages, quotations, feeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid5

import pytest
from sqlalchemy import select

from forum.db import db
from forum.discussion import composer, feed_routes, member_routes, quoting
from forum.discussion.models import Post
from tests.anonymity.leaks.kinds import ON_ONE, WHO, Leak, Memory


def _quotation_that_names(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that a quotation says who wrote it."""
    attribution_of = quoting.attribution_of

    def named(post: Any) -> str:
        return attribution_of(
            replace(post, author=memory.name_of(memory.asker_of(post.id)) or post.author)
        )

    for module in (composer, quoting):
        patch.setattr(module, "attribution_of", named)


def _feed_that_numbers(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that entries of one author can be told from those of another."""
    entry = feed_routes._entry

    def numbered(uuid: Any, base: str, post: Any, words: Any) -> Any:
        written, member = entry(uuid, base, post, words), memory.asker_of(post.id)
        if not member:
            return written
        return replace(written, id=f"urn:uuid:{uuid5(uuid, f'post {post.id} of {member}')}")

    patch.setattr(feed_routes, "_entry", numbered)


def _posts_of_a_member(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that the page of a member counts and lists all that they wrote."""
    posts_of_member = member_routes.posts_of_member

    def listed(actor: Any, member_id: int, after: Any) -> Any:
        found = list(posts_of_member(actor, member_id, after))
        theirs = [post for post, member in memory.posts.items() if member == member_id]
        stand_in = db.session.scalar(select(Post.author_id).where(Post.id.in_(theirs)).limit(1))
        more = posts_of_member(actor, stand_in, None) if stand_in else []
        return found + [post for post in more if post.id in theirs]

    patch.setattr(member_routes, "posts_of_member", listed)


LEAKS = (
    Leak("quotation that names", WHO, "page /t/", _quotation_that_names, ON_ONE),
    Leak("number of the author in a feed", WHO, "page /feed.atom", _feed_that_numbers, ON_ONE),
    Leak("post count of a member", WHO, "page /members/", _posts_of_a_member),
)
