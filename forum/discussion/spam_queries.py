"""What makes a post wait for a moderator by the community's settings, and what would have waited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.queries import actor_by_id
from forum.accounts.settings import PROOF
from forum.accounts.trust_queries import has_a_level
from forum.community.setting_queries import value_of
from forum.config import current_settings
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.queries import SHOWN, scope_values, variant, variants
from forum.discussion.settings import (
    FIRST_POSTS,
    NEWCOMER_LINKS,
    NEWCOMER_POSTS,
    WORD_LIST,
    WORDS_HARM,
)
from forum.hookspecs import PostToCheck
from forum.permissions import Actor, allowed
from forum.text.caps import most_links
from forum.text.links import links_away
from forum.text.word_list import listed_in

NEWEST_POSTS = 300
"""As many as the preview of a list looks at."""
MOST_CHARACTERS = 1_000_000
"""Among them; the time a preview takes is about a second for each million."""
WORDS_NAMED = 5
"""As many of the listed words as a reason names."""


@dataclass(frozen=True, slots=True)
class WouldWait:
    """A published post that a list would have held."""

    thread_id: int
    number: int
    title: str
    author: str
    excerpt: str
    words: tuple[str, ...]

    @property
    def url(self) -> str:
        """Its address."""
        return f"/t/{self.thread_id}/{self.number}"


def reasons_to_wait(post: PostToCheck) -> list[str]:
    """Why the community's settings keep this post for a moderator, in sentences for its author.

    What an edit leaves as it was is no reason: it was published with it. Whoever decides about posts
    that wait need not wait for themselves.
    """
    reasons = [*_by_registration(post), *_by_words(post), *_by_links(post)]
    return [] if reasons and _decides(post.member_id) else reasons


def holds_for_harm(post: PostToCheck) -> bool:
    """Whether the community says that listed words may do harm, and this post has new ones."""
    return value_of(WORDS_HARM) and any(_by_words(post))


def is_first_post(member_id: int) -> bool:
    """Whether it is one of the first posts of a newcomer, at which a moderator looks. Whoever decides
    about posts is none, nor who has reached a level of trust."""
    most = value_of(FIRST_POSTS)
    if not most or _published(member_id, most) >= most:
        return False
    return not has_a_level(member_id) and not _decides(member_id)


def is_newcomer_with_links(member_id: int, source: str) -> bool:
    """Whether a newcomer's post leads elsewhere, so that a person decides about it if it waits."""
    enough = max(1, value_of(NEWCOMER_POSTS), value_of(FIRST_POSTS))
    if not most_links(source) or not links_away(source, current_settings().base_url):
        return False
    return _published(member_id, enough) < enough and not has_a_level(member_id)


def _decides(member_id: int) -> bool:
    actor = actor_by_id(member_id)
    return actor is not None and allowed(actor, "case.decide")


def _by_registration(post: PostToCheck) -> Iterator[str]:
    if post.is_edit or not value_of(PROOF):
        return
    unproven = database.value(select(Member.unproven_at).where(Member.id == post.member_id))
    if unproven is None or _published(post.member_id, 1):
        return
    if not has_a_level(post.member_id):
        yield gettext(
            "This is your first post, and your browser did not solve the small task when you "
            "registered, as without JavaScript. So a moderator reads it first; then nothing of yours "
            "waits for that any more."
        )


def _by_words(post: PostToCheck) -> Iterator[str]:
    if not (phrases := value_of(WORD_LIST)):
        return
    known = listed_in(post.before, phrases) if post.before else ()
    found = listed_in(f"{post.title or ''}\n{post.source}", phrases)
    if new := [phrase for phrase in found if phrase not in known]:
        yield ngettext(
            "In this community a moderator looks at posts with this word before others read them: "
            "%(words)s.",
            "In this community a moderator looks at posts with these words before others read them: "
            "%(words)s.",
            len(new),
            words=quoted(new[:WORDS_NAMED]),
        )


def _by_links(post: PostToCheck) -> Iterator[str]:
    most, posts = value_of(NEWCOMER_LINKS), value_of(NEWCOMER_POSTS)
    # A quick look first, so that most posts need not be parsed.
    if not posts or most_links(post.source) <= most:
        return
    base = current_settings().base_url
    links = links_away(post.source, base)
    if (
        links > max(most, links_away(post.before, base))
        and _published(post.member_id, posts) < posts
        and not has_a_level(post.member_id)
    ):
        yield ngettext(
            "The post has %(links)s links. Until somebody has published %(num)s post here, a moderator "
            "looks at posts with more than %(most)s.",
            "The post has %(links)s links. Until somebody has published %(num)s posts here, a moderator "
            "looks at posts with more than %(most)s.",
            posts,
            links=links,
            most=most,
        )


def _published(member_id: int, enough: int) -> int:
    some = select(Post.id).where(Post.author_id == member_id, Post.number.is_not(None))
    some = some.where(Post.removed_at.is_(None)).limit(enough)
    return int(database.value(select(func.count()).select_from(some.subquery())) or 0)


def quoted(words: Iterable[str]) -> str:
    """The words one after the other, each in the quotation marks of the reader's language."""
    return ", ".join(gettext("“%(word)s”", word=word) for word in words)


_NEWEST = variants(
    select(
        Post.thread_id,
        Post.number,
        Thread.title,
        Member.name,
        Post.excerpt,
        Revision.source,
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Member, Member.id == Post.author_id)
    .join(Revision, (Revision.post_id == Post.id) & (Revision.version == Post.version))
    .where(SHOWN)
    .order_by(Post.id.desc())
    .limit(NEWEST_POSTS),
    Post.id > 0,
)


def posts_with_words(actor: Actor, phrases: Iterable[str]) -> tuple[int, list[WouldWait]]:
    """At how many of the newest posts that the actor may see was looked, and those of them that this
    list would have held, newest first. One statement."""
    scope, phrases = actor.scope("thread.see"), list(phrases)
    looked_at, found = 0, []
    for row in _within_reach(database.rows(_NEWEST[variant(scope), False], scope_values(scope))):
        looked_at += 1
        if words := listed_in(f"{_title(row)}\n{row.source}", phrases):
            found.append(_would_wait(row, words))
    return looked_at, found


def _would_wait(row: Any, words: tuple[str, ...]) -> WouldWait:
    return WouldWait(row.thread_id, row.number, row.title, row.name, row.excerpt, words)


def _title(row: Any) -> str:
    return row.title if row.number == 1 else ""


def _within_reach(rows: Iterable[Any]) -> Iterator[Any]:
    characters = 0
    for row in rows:
        characters += len(row.source)
        if characters > MOST_CHARACTERS:
            return
        yield row
