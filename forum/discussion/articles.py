"""Posts as HTML articles, and pages of them, kept in memory: most are read far more often than written.

A page is kept whole besides its articles, since putting it together costs more than finding it.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from flask import current_app, render_template
from flask_babel import get_locale
from markupsafe import Markup

from forum.community.setting_queries import value_of
from forum.discussion.models import WAITING
from forum.discussion.moved_queries import MovedLine
from forum.discussion.queries import PostFacts, PostRow, ThreadFacts, Words, words_of
from forum.discussion.removal_rules import can_restore_thread
from forum.discussion.rules import Rights, can_file, can_reply, is_locked, rights_on_each
from forum.discussion.settings import FEEDS
from forum.permissions import Actor, allowed
from forum.plugin_host import current_host
from forum.web.addresses import thread_url
from forum.web.page import Page
from forum.web.visit import current_visit

MOST_ARTICLES = 20_000
MOST_BYTES = 64 * 1024 * 1024


class Articles:
    """The last used articles and pages, at most so many and so large together.

    The key holds everything that is shown, so nothing ever has to be thrown out for being wrong,
    only for room, and nobody is shown what was made for somebody who may see more.
    """

    def __init__(self, most: int = MOST_ARTICLES, size: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = size
        self._size = 0
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Markup | None:
        """The article, if it is kept."""
        with self._lock:
            article = self._kept.get(key)
            if article is not None:
                self._kept.move_to_end(key)
            return article

    def put(self, key: Hashable, article: Markup) -> None:
        """Keep the article; the longest unused make room."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = article
            self._size += sys.getsizeof(article)
            while len(self._kept) > self._most or self._size > self._most_bytes:
                _, oldest = self._kept.popitem(last=False)
                self._size -= sys.getsizeof(oldest)


@dataclass(frozen=True, slots=True)
class Look:
    """What of the reader shows in an article and around it; ``rights`` are for each post in order,
    ``community`` is the language of posts that name none."""

    zone: str
    language: str
    community: str
    is_member: bool
    can_reply: bool
    can_flag: bool
    can_curate: bool
    can_restore: bool
    can_file: bool
    is_locked: bool
    rights: tuple[Rights, ...]


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Everything a page of a thread shows, less what of the reader shows in it.

    ``waiting`` are the reader's own posts that wait for a moderator, ``lines`` stand in the places of
    moved posts.
    """

    thread: ThreadFacts
    number: int
    posts: tuple[PostRow, ...]
    waiting: tuple[PostFacts, ...]
    lines: tuple[MovedLine, ...] = ()


def page_of(actor: Actor, page: ThreadPage) -> str:
    """A page of a thread as this reader sees it, layout and all.

    Guests' pages are kept whole: all guests see the same. What plugins put beside a thread may
    change at any moment, so where there is some, nothing is kept.
    """
    look = _look(actor, page)
    layout = Page(current_visit())
    if actor.is_member or current_host().is_heard("slot_thread_aside"):
        return _render_page(page, look, layout)
    kept: Articles = current_app.extensions["forum_articles"]
    key = page, look, layout.shown, value_of(FEEDS)
    whole = kept.get(key)
    if whole is None:
        whole = Markup(_render_page(page, look, layout))  # noqa: S704 - a template of ours
        kept.put(key, whole)
    return str(whole)


def _render_page(page: ThreadPage, look: Look, layout: Page) -> str:
    return render_template(
        "discussion/thread.html",
        page=layout,
        thread=page.thread,
        page_number=page.number,
        body=_body_of(page, look),
    )


def _body_of(page: ThreadPage, look: Look) -> Markup:
    kept: Articles = current_app.extensions["forum_articles"]
    body = kept.get((page, look))
    if body is None:
        body = _render_body(page, look, _articles_of(page, look))
        kept.put((page, look), body)
    return body


def _look(actor: Actor, page: ThreadPage) -> Look:
    return Look(
        zone=actor.zone,
        language=str(get_locale()),
        community=current_visit().community.language,
        is_member=actor.is_member,
        can_reply=page.thread.last_number > 0 and can_reply(actor, page.thread),
        can_flag=actor.is_member
        and page.thread.removed_at is None
        and allowed(actor, "post.flag", page.thread),
        can_curate=allowed(actor, "thread.curate", page.thread),
        can_restore=can_restore_thread(actor, page.thread),
        can_file=can_file(actor, page.thread),
        is_locked=is_locked(page.thread),
        rights=rights_on_each(actor, page.thread, page.posts),
    )


def _articles_of(page: ThreadPage, look: Look) -> list[Markup]:
    """The page's posts, and lines about moved ones, in their order. One statement for all
    words not in memory."""
    kept: Articles = current_app.extensions["forum_articles"]
    rights = dict(zip(page.posts, look.rights, strict=True))
    keys = {post: _key(page.thread, post, look, rights[post]) for post in page.posts}
    found = {post: kept.get(key) for post, key in keys.items()}
    missing = [post for post in page.posts if found[post] is None]
    readable = [post.id for post in missing if _shows_words(post, rights[post])]
    words = words_of(readable) if readable else {}
    for post in missing:
        article = _render(page.thread, post, look, rights[post], words.get(post.id, Words()))
        kept.put(keys[post], article)
        found[post] = article
    lines = [(line.number, _line(line)) for line in page.lines]
    posts = [(post.number, known) for post, known in found.items() if known is not None]
    return [article for _, article in sorted([*posts, *lines])]


def _shows_words(post: PostRow, rights: Rights) -> bool:
    """Whoever wrote what waits again reads it where it stood."""
    return post.removed_at is None or (post.removal == WAITING and rights.own)


def _line(line: MovedLine) -> Markup:
    template = current_app.jinja_env.get_template("discussion/moved_line.html")
    return Markup(template.render(line=line))  # noqa: S704 - a template of ours, escaped there


def _key(thread: ThreadFacts, post: PostRow, look: Look, rights: Rights) -> Hashable:
    is_answer = post.number == thread.answer_number
    return (
        thread.id,
        post,
        look.zone,
        look.language,
        look.community,
        look.can_reply,
        look.can_flag,
        rights,
        is_answer,
    )


def _render(thread: ThreadFacts, post: PostRow, look: Look, rights: Rights, words: Words) -> Markup:
    removed = post.removed_at is not None
    template = current_app.jinja_env.get_template(
        "discussion/removed_post.html" if removed else "discussion/post.html"
    )
    article = template.render(
        post=post,
        thread=thread,
        words=Markup(words.html),  # noqa: S704 - sanitised when it was stored
        language=words.language,
        rights=rights,
        may_reply=look.can_reply,
        may_flag=look.can_flag,
        may_read_history=rights.history,
        is_answer=post.number == thread.answer_number,
        replies=sorted(int(n) for n in (post.replies or "").split()),
    )
    return Markup(article)  # noqa: S704 - a template of ours, escaped there


def _render_body(page: ThreadPage, look: Look, articles: Sequence[Markup]) -> Markup:
    template = current_app.jinja_env.get_template("discussion/thread_body.html")
    body = template.render(
        thread=page.thread,
        page_number=page.number,
        articles=articles,
        waiting=page.waiting,
        look=look,
        may_reply=look.can_reply,
        url_for_page=lambda number: thread_url(page.thread.id, number),
    )
    return Markup(body)  # noqa: S704 - a template of ours, escaped there
