"""Quoting a post in a reply: whole without JavaScript, the selected passage with it."""

from __future__ import annotations

from flask_babel import gettext

from forum.discussion.models import WAITING
from forum.discussion.queries import PostFacts
from forum.errors import Conflict
from forum.text.from_html import escape
from forum.text.quotes import quotation
from forum.web.addresses import post_url


def attribution_of(post: PostFacts) -> str:
    """One line of Markdown: who wrote it, and a link to where."""
    assert post.number is not None
    words = gettext("%(author)s wrote in #%(number)s", author=post.author, number=post.number)
    return f"[{escape(words)}]({post_url(post.thread_id, post.number)}):"


def quote_of(post: PostFacts) -> str:
    """The post as a quotation.

    Raises:
        Conflict: its words are not there any more.
    """
    if post.removal == WAITING:
        raise Conflict(
            gettext(
                "#%(number)s waits for a moderator, so it cannot be quoted.", number=post.number
            )
        )
    if post.removed_at is not None:
        raise Conflict(
            gettext("#%(number)s was removed, so it cannot be quoted.", number=post.number)
        )
    if post.is_emptied:
        message = gettext(
            "The words of #%(number)s were taken out, so it cannot be quoted.", number=post.number
        )
        raise Conflict(message)
    return quotation(post.source, attribution_of(post))


def with_quote(text: str, quote: str) -> str:
    """A text with a quotation after it, unless it stands in it already."""
    if quote in text:
        return text
    return f"{text.rstrip()}\n\n{quote}\n".lstrip("\n")
