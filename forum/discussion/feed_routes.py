"""Feeds of the newest posts: of the front page, a category, a thread, a member, a tag."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5

from flask import Blueprint, Response, make_response, redirect, request
from flask_babel import gettext
from markupsafe import escape

from forum.accounts.profile_queries import profile, require_sight_of_members
from forum.categories.queries import category_by_slug
from forum.community.setting_queries import value_of
from forum.config import current_settings
from forum.discussion.feed_queries import (
    FedPost,
    community_uuid,
    newest_posts,
    newest_posts_filed_under,
    newest_posts_in_category,
    newest_posts_in_thread,
    newest_posts_of_member,
)
from forum.discussion.moved_queries import first_place_now, is_open_place
from forum.discussion.queries import Words, thread_facts, words_of
from forum.discussion.rules import is_unreviewed
from forum.discussion.settings import FEEDS
from forum.errors import NotFound
from forum.spoken import recalled
from forum.web.addresses import category_url, member_url, post_url, tag_url, thread_url
from forum.web.atom import CONTENT_TYPE, Entry, Feed, with_absolute_addresses, written
from forum.web.visit import current_actor, current_visit

pages = Blueprint("feeds", __name__)


@pages.before_request
def _require_feeds() -> None:
    current_visit()
    if not value_of(FEEDS):
        raise NotFound(gettext("This forum offers no feeds."))


# A feed has to say when it was last changed; one without a post never was.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@pages.get("/feed.atom")
def front() -> Response:
    """The newest posts of all threads."""
    name = current_visit().community.name or "Folkmoot"
    return _feed("front", "/", name, newest_posts(current_actor()))


@pages.get("/c/<slug>/feed.atom")
def category(slug: str) -> Response:
    """The newest posts of a category."""
    found = category_by_slug(current_actor(), slug)
    return _feed(
        f"category {found.id}", category_url(slug), found.title, newest_posts_in_category(found.id)
    )


@pages.get("/t/<number:thread_id>/feed.atom")
def thread(thread_id: int) -> Response:
    """The newest posts of a thread."""
    actor = current_actor()
    found = thread_facts(actor, thread_id)
    now = first_place_now(found.id) if found.is_left else None
    if now is not None and is_open_place(actor, now):
        # Whoever follows a thread goes on with the one that it was merged into.
        return make_response(redirect(f"{thread_url(now.thread_id)}/feed.atom", 303))
    return _feed(
        f"thread {found.id}", thread_url(thread_id), found.title, newest_posts_in_thread(found)
    )


@pages.get("/members/<number:member_id>/feed.atom")
def member(member_id: int) -> Response:
    """The newest posts of a member; there is no feed of whoever stands in for others."""
    actor = current_actor()
    require_sight_of_members(actor)
    shown = profile(member_id)
    posts = newest_posts_of_member(actor, member_id)
    # As on their page: guests know the members whose posts they can read, and nobody else.
    if not posts and not actor.is_member:
        raise NotFound("")
    title = gettext("Posts by %(name)s", name=shown.name)
    return _feed(f"member {member_id}", member_url(member_id), title, posts)


@pages.get("/tags/<tag>/feed.atom")
def tag(tag: str) -> Response:
    """The newest posts in threads filed under a tag."""
    posts = newest_posts_filed_under(current_actor(), tag)
    if not posts:
        raise NotFound(gettext("No thread that you may see is filed under this tag."))
    return _feed(f"tag {tag}", tag_url(tag), gettext("Filed under %(tag)s", tag=tag), posts)


def _feed(place: str, page: str, title: str, posts: Sequence[FedPost]) -> Response:
    """The feed of a page, or that the reader has it already; only the former fetches the words.

    ``place`` names for ever what the feed is of; addresses and titles may change.
    """
    uuid, language = community_uuid(), current_visit().community.language
    base = current_settings().base_url
    updated_at = max((post.updated_at for post in posts), default=_NEVER)
    response = make_response("")
    shown = repr((base, page, title, language, uuid, posts))
    response.set_etag(hashlib.sha256(shown.encode()).hexdigest()[:32], weak=True)
    response.last_modified = updated_at
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    words = words_of([post.id for post in posts])
    feed = Feed(
        id=_id(uuid, f"feed of {place}"),
        url=f"{base}{page.rstrip('/')}/feed.atom",
        page_url=f"{base}{page}",
        title=title,
        language=language.replace("_", "-"),
        updated_at=updated_at,
        entries=[_entry(uuid, base, post, words.get(post.id, Words())) for post in posts],
    )
    response.set_data(written(feed))
    return response


def _entry(uuid: UUID, base: str, post: FedPost, words: Words) -> Entry:
    page = post_url(post.thread_id, post.number)
    title = post.title
    if post.number > 1:
        title = gettext("Reply in “%(title)s”", title=post.title)
    return Entry(
        id=_id(uuid, f"post {post.id}"),
        url=base + page,
        title=title,
        author=post.author,
        author_url="" if post.stands_in else base + member_url(post.author_id),
        published_at=post.created_at,
        updated_at=post.updated_at,
        category=(post.category_slug, post.category),
        html=_label_of(post) + with_absolute_addresses(words.html, base, page),
        language=words.language,
    )


def _label_of(post: FedPost) -> str:
    """What a moderator put above the post for its readers."""
    if not post.label:
        return ""
    if is_unreviewed(post.label):
        return f"<p>{escape(recalled(post.label))}</p>\n"
    says = gettext("A moderator says:")
    return f'<p>{escape(says)} <strong dir="auto">{escape(post.label)}</strong></p>\n'


def _id(uuid: UUID, name: str) -> str:
    # From the community's own number and not from its address, which may change (RFC 4287, 4.2.6).
    return f"urn:uuid:{uuid5(uuid, name)}"
