"""What threads are called, and the words that they are filed under."""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext
from sqlalchemy import delete, insert, select

from forum.db import db
from forum.discussion.models import TAG_LENGTH, TITLE_LENGTH, Post, Revision, Thread, ThreadTag
from forum.errors import Invalid
from forum.hookspecs import PostToCheck
from forum.permissions import Actor
from forum.plugin_host import current_host
from forum.text.lines import is_readable_line

MOST_TAGS = 5


def checked_title(title: str) -> str:
    """The title with its white space folded.

    Raises:
        Invalid: it is empty, too long, or has control characters.
    """
    folded = " ".join(title.split())
    if not folded:
        raise Invalid("title", gettext("Give the thread a title."))
    if len(folded) > TITLE_LENGTH:
        message = gettext(
            "Shorten the title to %(most)d characters; it has %(n)d.",
            most=TITLE_LENGTH,
            n=len(folded),
        )
        raise Invalid("title", message)
    if not is_readable_line(folded):
        raise Invalid("title", gettext("Leave invisible characters out of the title."))
    return folded


def require_title_passes(actor: Actor, thread: Thread, title: str) -> None:
    """Ask the checks about another title of a thread, with the words of its first post as they are.

    Raises:
        Invalid: a check would keep it for a moderator; but readers know the thread already.
        NotAllowed: a check refuses it.
    """
    present = (Revision.post_id == Post.id) & (Revision.version == Post.version)
    first = select(Revision.source).join(Post, present)
    source = db.session.scalar(first.where(Post.thread_id == thread.id, Post.number == 1)) or ""
    assert actor.id is not None
    hold = current_host().check_post(
        PostToCheck(
            thread_id=thread.id,
            category_id=thread.category_id,
            title=title,
            source=source,
            member_id=actor.id,
            is_edit=True,
            findings=(),
            before=f"{thread.title}\n{source}",
        )
    )
    if hold is not None:
        message = gettext("This title cannot be published now: %(reason)s", reason=hold.reason)
        raise Invalid("title", message)


def checked_tags(words: str) -> list[str]:
    """The tags that somebody typed, parted by commas: small letters, hyphens for white space,
    each once, in order.

    Raises:
        Invalid: one is too long or cannot be a tag, or there are too many.
    """
    tags = sorted({tag for word in _small(words).split(",") if (tag := "-".join(word.split()))})
    for tag in tags:
        _check(tag)
    if len(tags) > MOST_TAGS:
        message = gettext(
            "Choose up to %(most)d tags; there are %(n)d.", most=MOST_TAGS, n=len(tags)
        )
        raise Invalid("tags", message)
    return tags


def tag_from(word: str) -> str:
    """The tag that comes nearest to what another site files under; empty where none does."""
    tag = "-".join(re.split(r"[\s/\\,]+", _small(word))).strip("-")[:TAG_LENGTH].rstrip("-")
    try:
        _check(tag)
    except Invalid:
        return ""
    return tag


def _small(words: str) -> str:
    # A soft hyphen would make two tags that look the same.
    return unicodedata.normalize("NFC", words.replace("\xad", "").lower())


def _check(tag: str) -> None:
    if len(tag) > TAG_LENGTH:
        message = gettext(
            "Shorten the tag that begins with “%(start)s” to %(most)d characters; it has %(n)d.",
            start=tag[:20],
            most=TAG_LENGTH,
            n=len(tag),
        )
        raise Invalid("tags", message)
    if not is_readable_line(tag):
        raise Invalid("tags", gettext("Leave invisible characters out of the tags."))
    # A tag is a part of an address, where slashes part and dots alone mean something else.
    if "/" in tag or "\\" in tag:
        raise Invalid("tags", gettext("Leave slashes out of the tags; use a hyphen."))
    if not any(character.isalnum() for character in tag):
        raise Invalid(
            "tags", gettext("“%(tag)s” cannot be a tag: it has no letter or number.", tag=tag)
        )


def keep_tags(thread_id: int, tags: list[str]) -> None:
    """File a thread under these tags and no others. For actions, inside their transaction."""
    db.session.execute(delete(ThreadTag).where(ThreadTag.thread_id == thread_id))
    if tags:
        db.session.execute(
            insert(ThreadTag), [{"thread_id": thread_id, "tag": tag} for tag in tags]
        )
