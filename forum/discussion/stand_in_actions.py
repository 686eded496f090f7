"""Posts in the name of a member who stands in for people whom nobody should know.

They wait until they are published, and none of them is anybody's first, or too soon after another. What
is written here, plugins have asked the permission for.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, select

from forum.accounts.models import NAME_LENGTH, Community, Member
from forum.accounts.stand_in_queries import is_stand_in
from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import db
from forum.discussion.actions import (
    Prepared,
    checked_by_hooks,
    keep_revision,
    locked_thread,
    new_post,
    prepare,
)
from forum.discussion.models import Post, PostFinding, Revision, Thread
from forum.discussion.tag_actions import checked_title
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.text.lines import is_readable_line
from forum.text.pipeline import PIPELINE_VERSION


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A post that nobody can read yet.

    Attributes:
        held: why a plugin would have it wait or refuse it, for whoever decides about it; mostly empty.
    """

    post_id: int
    thread_id: int
    held: str = ""


def add_stand_in(name: str) -> int:
    """Add a member who stands in for others, and can neither sign in nor be mentioned: their number.

    Raises:
        Invalid: the name is empty, too long, or no readable line.
    """
    if not name.strip() or len(name) > NAME_LENGTH or not is_readable_line(name):
        raise Invalid("name", gettext("Choose a name of one line, of up to 60 characters."))
    member = Member(name=name.strip())
    db.session.add(member)
    db.session.flush()
    return member.id


def prepare_waiting(source: str, *, language: str = "") -> Prepared:
    """Review and render a text of somebody whom nobody knows, so that no picture of it is theirs.

    Raises:
        Invalid: as ``prepare``.
    """
    community = db.session.scalar(select(Community.language)) or "en"
    return prepare(source, language=language, community=community)


def start_waiting(author_id: int, category_id: int, *, title: str, text: Prepared) -> WaitingPost:
    """Start a thread in the name of a stand-in, which nobody finds before its first post is published.

    Raises:
        NotAllowed: the author is no stand-in.
        NotFound: there is no such category.
        Invalid: the title is empty or too long.
    """
    _require_stand_in(author_id)
    if db.session.get(Category, category_id) is None:
        raise NotFound(gettext("This category does not exist any more."))
    title = checked_title(title)
    held = _held(None, category_id, title, text, author_id)
    thread = Thread(category_id=category_id, title=title, author_id=author_id)
    db.session.add(thread)
    db.session.flush()
    return _added(author_id, thread, text, None, held)


def reply_waiting(
    author_id: int, thread_id: int, *, text: Prepared, in_reply_to: int | None = None
) -> WaitingPost:
    """Reply in the name of a stand-in; nobody can read it before it is published.

    Raises:
        NotAllowed: the author is no stand-in.
        NotFound: there is no such thread that others can read.
    """
    _require_stand_in(author_id)
    thread = locked_thread(thread_id)
    held = _held(thread.id, thread.category_id, None, text, author_id)
    return _added(author_id, thread, text, in_reply_to, held)


def revise_waiting(post_id: int, *, text: Prepared) -> WaitingPost:
    """Put other words in the place of those of a stand-in's post that waits, or was kept from readers; it
    waits again then. The words before are gone: nobody should read what was taken out to tell less.

    Whoever calls this opens a case anew: one that is open is about the words before.

    Raises:
        NotAllowed: its author is no stand-in.
        NotFound: there is no such post.
        Conflict: it is published.
    """
    post = db.session.get(Post, post_id, with_for_update=True, populate_existing=True)
    if post is None:
        raise NotFound(gettext("This post does not exist any more."))
    _require_stand_in(post.author_id)
    if post.number is not None:
        raise Conflict(gettext("This post is published already."))
    thread, now = db.session.get_one(Thread, post.thread_id), utcnow()
    before = db.session.get_one(Revision, (post.id, post.version)).source
    held = _held(thread.id, thread.category_id, None, text, post.author_id, replaces=before)
    post.html, post.excerpt, post.pipeline = text.html, text.excerpt, PIPELINE_VERSION
    post.removed_at = post.removed_by = post.removal = None
    post.removal_reason = ""
    db.session.flush()
    for model in (PostFinding, Revision):
        db.session.execute(delete(model).where(model.post_id == post.id))
    keep_revision(post, text, post.author_id, at=now, kept={})
    return WaitingPost(post.id, post.thread_id, held)


def _require_stand_in(author_id: int) -> None:
    if not is_stand_in(author_id):
        raise NotAllowed(gettext("This member stands in for nobody."))


def _held(
    thread_id: int | None,
    category_id: int,
    title: str | None,
    text: Prepared,
    author_id: int,
    *,
    replaces: str | None = None,
) -> str:
    """Why a plugin would have it wait, or refuse it: a moderator decides anyway."""
    try:
        hold = checked_by_hooks(thread_id, category_id, title, text, author_id, replaces=replaces)
    except NotAllowed as refused:
        return refused.message
    return "" if hold is None else hold.reason


def _added(
    author_id: int, thread: Thread, text: Prepared, in_reply_to: int | None, held: str
) -> WaitingPost:
    post = new_post(author_id, thread, text, in_reply_to=in_reply_to)
    db.session.add(post)
    db.session.flush()
    keep_revision(post, text, author_id, at=post.created_at, kept={})
    return WaitingPost(post.id, thread.id, held)
