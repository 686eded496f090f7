"""Lists of threads and posts as HTML, kept in memory like the articles: the same rows are shown to
nearly everybody until somebody writes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

from forum.discussion.articles import Articles
from forum.discussion.latest_queries import LatestPost
from forum.discussion.queries import ThreadRow
from forum.web.addresses import category_url, thread_url
from forum.web.times import moment
from forum.web.visit import current_visit


@dataclass(frozen=True, slots=True)
class ListedThread:
    """A thread as ``components.html`` shows it in a list."""

    url: str
    title: str
    author: str
    when_html: Markup
    category: str | None
    category_url: str
    replies: int
    answered: bool
    featured: bool
    label: str | None = None


def list_of_threads(threads: Sequence[ThreadRow], *, in_category: bool = False) -> Markup:
    """The threads as a list, or nothing; in its category's own list, the category goes without
    saying."""
    return _list(
        "threads",
        threads,
        in_category,
        lambda: [_as_row(thread, in_category) for thread in threads],
    )


def list_of_posts(posts: Sequence[LatestPost]) -> Markup:
    """The posts as a list, or nothing."""
    return _list("posts", posts, None, lambda: posts)


def _list(
    kind: str, found: Sequence[Hashable], how: Hashable, rows: Callable[[], Sequence[Any]]
) -> Markup:
    if not found:
        return Markup()
    kept: Articles = current_app.extensions["forum_articles"]
    # Everything that is shown: the rows, and what of the reader shows in them.
    visit = current_visit()
    key = kind, tuple(found), how, visit.actor.zone, str(get_locale()), visit.community.language
    html = kept.get(key)
    if html is None:
        template = current_app.jinja_env.get_template("discussion/list.html")
        html = Markup(template.render(kind=kind, rows=rows()))  # noqa: S704 - escaped there
        kept.put(key, html)
    return html


def _as_row(thread: ThreadRow, in_category: bool) -> ListedThread:
    return ListedThread(
        url=thread_url(thread.id),
        title=thread.title,
        author=thread.last_author,
        when_html=moment(thread.last_posted_at),
        category=None if in_category else thread.category,
        category_url=category_url(thread.category_slug),
        replies=thread.posts - 1,
        answered=thread.answered,
        featured=thread.featured,
    )
