"""Verbs on threads and posts. Actor first, permission first, options by keyword.

A text is prepared (reviewed and rendered) before the transaction begins, so that the database
never waits for either; without a prepared text nothing can be published.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, insert, select

from forum.accounts.queries import members_by_handle
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db
from forum.discussion.case_actions import ASKS_FOR_HELP, ask_for_case, ask_for_looking
from forum.discussion.curating_queries import last_own_post
from forum.discussion.draft_actions import forget_draft
from forum.discussion.finding_actions import change_kept, keep_findings, kept_by
from forum.discussion.finding_queries import kept_findings
from forum.discussion.glossary_queries import community_glossary
from forum.discussion.languages import labels_in
from forum.discussion.models import (
    EXCERPT_LENGTH,
    SUBMISSION_LENGTH,
    Post,
    Revision,
    Thread,
)
from forum.discussion.numbering_actions import announce, number_post
from forum.discussion.pace_rules import require_pace
from forum.discussion.picture_actions import keep_pictures
from forum.discussion.picture_queries import picture_sizes
from forum.discussion.rules import (
    Kept,
    is_acceptable,
    require_edit,
    require_reply,
)
from forum.discussion.settings import FIRST_POSTS_WAIT
from forum.discussion.spam_queries import is_first_post
from forum.discussion.tag_actions import checked_tags, checked_title, keep_tags
from forum.discussion.title_queries import titles_in
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.events import PostEdited
from forum.hookspecs import Hold, PostToCheck
from forum.jobs.queue import emit
from forum.permissions import Actor, InCategory, require
from forum.plugin_host import current_host
from forum.record.actions import note
from forum.review import Draft as DraftToReview
from forum.review import Review
from forum.spoken import spoken
from forum.text.caps import check
from forum.text.markdown import normalize
from forum.text.mentions import handles_in
from forum.text.pipeline import PIPELINE_VERSION, excerpt_of, html_of, mentioned_in, shows_something

MOST_MENTIONS = 20
"""So many members may be told by one post."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that is ready to be published: within the caps, reviewed, rendered.

    Attributes:
        reviewed: what the reviewers were given.
        review: what they said of it.
        language: what its author says it is in; empty is the community's.
    """

    source: str
    html: str
    excerpt: str
    reviewed: DraftToReview
    review: Review
    language: str = ""


def prepare(
    source: str,
    *,
    language: str = "",
    community: str = "en",
    with_mentions: bool = True,
    reader: Actor | None = None,
) -> Prepared:
    """Review and render a text.

    Args:
        language: BCP 47 tag of the language its author says it is in; empty is the community's.
        community: the community's language.
        reader: who writes it: pictures that they may see keep their place free on the page, and
            links to pages that they may see can be given the titles of these.
        with_mentions: whether an @ before a handle means a member of this forum.

    Raises:
        Invalid: nothing of it would show, it is over a cap, has characters that cannot be shown,
            or mentions too many.
    """
    source, written_in = normalize(source), language or community
    if not source.strip():
        raise Invalid("source", gettext("Write something first."))
    try:
        check(source)
        titles = {} if reader is None else titles_in(reader, source)
        draft = DraftToReview(source, written_in, titles, community_glossary())
        review = current_host().review(draft)
        mentions = members_by_handle(handles_in(source)) if with_mentions else {}
        _require_few(len(mentioned_in(source, mentions)))
        html = html_of(
            source,
            # Ids inside a post (footnotes) only need to differ from those of its neighbours on a page.
            post_id=secrets.randbelow(2**40),
            mentions=mentions,
            pictures=picture_sizes(reader, source),
            labels=labels_in(written_in, community),
        )
    except Invalid as error:
        # The rooms of the text know no language.
        raise Invalid(error.field, spoken(error.message)) from error
    if not shows_something(html):
        raise Invalid("source", gettext("Write something first."))
    return Prepared(source, html, excerpt_of(html, EXCERPT_LENGTH), draft, review, language)


def _require_few(mentioned: int) -> None:
    if mentioned > MOST_MENTIONS:
        message = gettext(
            "A post may mention %(most)d members; this one mentions %(n)d. Leave some out.",
            most=MOST_MENTIONS,
            n=mentioned,
        )
        raise Invalid("source", message)


@dataclass(frozen=True, slots=True)
class Posting:
    """How a post is submitted.

    Attributes:
        submission: a random word of the form; the same form sent twice makes one post.
        asks_for_help: publish in spite of what blocks, and open a case for a helper.
        draft: the place of the draft that it was; where it is empty, the place it is posted to.
        kept: fingerprints of the findings that the author decided to keep.
    """

    submission: str | None = None
    asks_for_help: bool = False
    draft: str = ""
    kept: frozenset[str] = frozenset()


def start_thread(
    actor: Actor,
    category: InCategory,
    *,
    title: str,
    text: Prepared,
    posting: Posting,
    tags: str = "",
) -> Post:
    """Start a thread with its first post, numbered 1 unless a check holds it.

    Args:
        tags: what it is filed under, parted by commas.

    Raises:
        NotAllowed: the actor may not start threads here, or a check refuses.
        Invalid: the title is empty or too long, a tag cannot be one, or a finding blocks.
        Conflict: the same form was sent before with another title or text.
    """
    require(actor, "thread.start", category)
    title, words = checked_title(title), checked_tags(tags)
    _require_acceptable(text, posting)
    author_id = _lock_author(actor)
    if earlier := _submitted_before(author_id, posting, text, title):
        return earlier
    hold = checked_by_hooks(None, category.category_id, title, text, author_id)
    thread = Thread(category_id=category.category_id, title=title, author_id=author_id)
    db.session.add(thread)
    db.session.flush()
    keep_tags(thread.id, words)
    forget_draft(author_id, posting.draft or "new")
    return _add_post(actor, thread, text, posting, hold=hold, in_reply_to=None)


def reply(
    actor: Actor,
    thread_id: int,
    *,
    text: Prepared,
    posting: Posting,
    in_reply_to: int | None = None,
) -> Post:
    """Add a post to a thread; it gets the next number unless a check holds it.

    Raises:
        NotFound: there is no such thread, it is removed, or the actor may not see it.
        NotAllowed: it is locked, the actor may not reply here, or a check refuses.
        Invalid: a finding blocks, or there is no post to reply to.
        Conflict: the same form was sent before with another text.
        TooMany: the thread is in slow mode, and it is too soon after the actor's last post.
    """
    thread = locked_thread(thread_id)
    require_reply(actor, thread)
    _require_acceptable(text, posting)
    author_id = _lock_author(actor)
    if earlier := _submitted_before(author_id, posting, text):
        return earlier
    require_pace(actor, thread, last_own_post(thread.id, author_id))
    if in_reply_to is not None and not 1 <= in_reply_to <= thread.last_number:
        raise Invalid("in_reply_to", gettext("The post you reply to does not exist."))
    hold = checked_by_hooks(thread.id, thread.category_id, None, text, author_id)
    forget_draft(author_id, posting.draft or f"reply:{thread.id}")
    return _add_post(actor, thread, text, posting, hold=hold, in_reply_to=in_reply_to)


def locked_thread(thread_id: int) -> Thread:
    """A thread with a published post, its row held until the end of the transaction.

    Raises:
        NotFound: there is none.
    """
    # The row's lock puts replies to one thread in line: numbers follow each other without gaps.
    thread = db.session.scalar(
        select(Thread)
        .where(Thread.id == thread_id, Thread.last_number > 0)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if thread is None:
        raise NotFound(gettext("This thread does not exist any more."))
    return thread


def _lock_author(actor: Actor) -> int:
    if actor.id is None:
        raise NotAllowed(gettext("Sign in to do this."))
    return actor.id


def _submitted_before(
    author_id: int, posting: Posting, text: Prepared, title: str | None = None
) -> Post | None:
    if posting.submission is None:
        return None
    if len(posting.submission) > SUBMISSION_LENGTH or not posting.submission.isprintable():
        raise Invalid(
            "submission", gettext("This form is broken. Open it again; copy your text first.")
        )
    if db.engine.dialect.name == "postgresql":
        _wait_for_same_submission(author_id, posting.submission)
    post = db.session.scalar(
        select(Post).where(Post.author_id == author_id, Post.submission == posting.submission)
    )
    # Whoever goes back in the browser and writes something else means another post.
    if post is not None and not _is_the_same(post, text, title):
        raise Conflict(
            gettext("You have posted from this form before. To post this text too, publish again.")
        )
    return post


def _is_the_same(post: Post, text: Prepared, title: str | None) -> bool:
    if db.session.get_one(Revision, (post.id, 1)).source != text.source:
        return False
    return title is None or db.session.get_one(Thread, post.thread_id).title == title


def _wait_for_same_submission(author_id: int, submission: str) -> None:
    db.session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(submission, author_id)))
    )


def _require_acceptable(text: Prepared, posting: Posting) -> None:
    if not is_acceptable(text.review, asks_for_help=posting.asks_for_help):
        raise Invalid("source", gettext("Decide about what stands above the text first."))


def checked_by_hooks(
    thread_id: int | None,
    category_id: int,
    title: str | None,
    text: Prepared,
    author_id: int,
    *,
    replaces: str | None = None,
) -> Hold | None:
    """Whether a plugin has a text wait. For actions.

    Raises:
        NotAllowed: one refuses it.
    """
    return current_host().check_post(
        PostToCheck(
            thread_id=thread_id,
            category_id=category_id,
            title=title,
            source=text.source,
            member_id=author_id,
            is_edit=replaces is not None,
            findings=text.review.findings,
            before=replaces or "",
        )
    )


def _add_post(
    actor: Actor,
    thread: Thread,
    text: Prepared,
    posting: Posting,
    *,
    hold: Hold | None,
    in_reply_to: int | None,
) -> Post:
    assert actor.id is not None
    post = new_post(actor.id, thread, text, in_reply_to=in_reply_to)
    post.submission = posting.submission
    is_first = is_first_post(actor.id)
    if hold is None and not (is_first and value_of(FIRST_POSTS_WAIT)):
        number_post(thread, post, at=post.created_at)
    db.session.add(post)
    db.session.flush()
    kept = kept_by(actor.id, posting.kept, post.created_at, {})
    keep_revision(post, text, actor.id, at=post.created_at, kept=kept)
    keep_pictures(actor, post)
    ask_for_looking(post, text.source, hold=hold, is_first=is_first)
    if post.number is None:
        return post
    if posting.asks_for_help:
        ask_for_case(post.id, "help", ASKS_FOR_HELP)
    announce(thread, post)
    return post


def new_post(author_id: int, thread: Thread, text: Prepared, *, in_reply_to: int | None) -> Post:
    """A post without a number, which is not in the database yet. For actions."""
    return Post(
        thread_id=thread.id,
        author_id=author_id,
        in_reply_to=in_reply_to,
        created_at=utcnow(),
        pipeline=PIPELINE_VERSION,
        html=text.html,
        excerpt=text.excerpt,
    )


def keep_revision(
    post: Post, text: Prepared, editor_id: int, *, at: datetime, kept: Mapping[str, Kept]
) -> None:
    """Keep the words of a post as they are now, and what was found in them. For actions."""
    db.session.execute(
        insert(Revision),
        {
            "post_id": post.id,
            "version": post.version,
            "source": text.source,
            "editor_id": editor_id,
            "created_at": at,
            "language": text.language,
        },
    )
    keep_findings(post.id, post.version, text.review, kept)


def edit_post(
    actor: Actor,
    post_id: int,
    *,
    text: Prepared,
    based_on: int,
    asks_for_help: bool = False,
    draft: str = "",
    kept: Collection[str] | None = None,
) -> Post:
    """Give a post a new version. The same text again changes nothing but what of it is kept.

    Args:
        based_on: the version the editor saw.
        draft: as in ``Posting``.
        kept: fingerprints of the findings that are kept; ``None`` keeps what was kept before.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: it is not theirs to change, or not any more, or a check refuses.
        Conflict: somebody changed or removed it meanwhile.
        Invalid: a finding blocks.
    """
    post, thread = locked_post(post_id)
    require_edit(actor, thread, post)
    _require_acceptable(text, Posting(asks_for_help=asks_for_help))
    revise_post(actor, thread, post, text=text, based_on=based_on, draft=draft, kept=kept)
    if asks_for_help:
        ask_for_case(post.id, "help", ASKS_FOR_HELP)
    return post


def locked_post(post_id: int) -> tuple[Post, Thread]:
    """A published post, its row held until the end of the transaction, and its thread.

    Raises:
        NotFound: there is none.
    """
    post = db.session.scalar(
        select(Post)
        .where(Post.id == post_id, Post.number.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if post is None:
        raise NotFound(gettext("This post does not exist any more."))
    return post, db.session.get_one(Thread, post.thread_id)


def revise_post(
    actor: Actor,
    thread: Thread,
    post: Post,
    *,
    text: Prepared,
    based_on: int,
    draft: str = "",
    kept: Collection[str] | None = None,
    kind: str = "post.edit",
) -> None:
    """Give a published post, whose row is locked, a new version, whatever blocks. The same text again
    changes nothing but what of it is kept. For actions, which have asked for the permission.

    Args:
        kind: what the moderators' record calls it if the post is somebody else's.

    Raises:
        NotAllowed: a check refuses.
        Conflict: somebody changed it meanwhile.
    """
    editor_id, now = _lock_author(actor), utcnow()
    forget_draft(editor_id, draft or f"edit:{post.id}")
    present = db.session.get_one(Revision, (post.id, post.version))
    if (present.source, present.language) == (text.source, text.language):
        if kept is not None:
            change_kept(post.id, post.version, editor_id, kept, now)
        return
    if post.version != based_on:
        raise Conflict(
            gettext(
                "This post was changed meanwhile. Your text is below; compare it and publish again."
            )
        )
    _refuse_held_edit(
        checked_by_hooks(
            thread.id, thread.category_id, None, text, editor_id, replaces=present.source
        )
    )
    before = kept_findings(post.id, post.version)
    keeps = kept_by(editor_id, before if kept is None else kept, now, before)
    post.version, post.edited_at = post.version + 1, now
    post.html, post.excerpt, post.pipeline = text.html, text.excerpt, PIPELINE_VERSION
    db.session.flush()
    keep_revision(post, text, editor_id, at=now, kept=keeps)
    keep_pictures(actor, post)
    emit(PostEdited(post_id=post.id, thread_id=thread.id))
    if editor_id != post.author_id:
        note(actor, kind, thread=thread.id, post=post.id, member=post.author_id)


def _refuse_held_edit(hold: Hold | None) -> None:
    # A held post has not been seen by anybody; an edit would have to hide what was.
    if hold is not None:
        raise NotAllowed(
            gettext("This change cannot be published now: %(reason)s", reason=hold.reason)
        )
