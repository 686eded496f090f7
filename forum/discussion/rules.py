"""Predicates over (actor, object), and the refusals that go with them. They query nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from flask_babel import gettext, ngettext

from forum.clock import utcnow
from forum.discussion.models import EMPTIED, NOT_YET_REVIEWED
from forum.discussion.removal_rules import about_own_words, was_decided_about
from forum.discussion.waiting_rules import is_kept_back, require_let_through, require_not_waiting
from forum.errors import Conflict, NotAllowed, NotFound, Removed
from forum.permissions import HELP, Actor, InCategory, allowed, require
from forum.review import Finding, Review, Severity

POSTS_A_PAGE = 20


class Owned(Protocol):
    """Anything that knows who wrote it."""

    @property
    def author_id(self) -> int:
        """The author's id."""


class Locked(Protocol):
    """Anything that knows whether a thread is locked."""

    @property
    def locked_at(self) -> datetime | None:
        """Since when nobody replies, if so."""

    @property
    def locked_until(self) -> datetime | None:
        """When the lock ends by itself; ``None`` when a moderator has to end it."""


class Conversation(InCategory, Owned, Locked, Protocol):
    """A thread, or facts about one."""

    @property
    def created_at(self) -> datetime:
        """When it was started."""

    @property
    def lock_reason(self) -> str:
        """Why; may be empty."""

    @property
    def removed_at(self) -> datetime | None:
        """Since when it is removed, if so."""

    @property
    def removal_reason(self) -> str:
        """Why."""


class Written(Owned, Protocol):
    """A post, or facts about one."""

    @property
    def number(self) -> int | None:
        """Its number in the thread; a held post has none."""

    @property
    def created_at(self) -> datetime:
        """When it was published."""

    @property
    def removed_at(self) -> datetime | None:
        """Since when it is removed, if so."""

    @property
    def pipeline(self) -> int:
        """What its words were rendered by; ``EMPTIED`` when they are gone for good."""

    @property
    def removal(self) -> str | None:
        """Who removed it, or that it waits again; as in the table."""


class Rights(NamedTuple):
    """What somebody may do with one post; ``own`` says that it is theirs."""

    own: bool = False
    edit: bool = False
    remove: bool = False
    restore: bool = False
    mark: bool = False
    history: bool = False
    findings: bool = False
    describe: bool = False
    appeal: bool = False


NO_RIGHTS = Rights()


class Kept(NamedTuple):
    """Who decided to keep a finding as it is, and when; ``by`` is ``None`` once they have left."""

    by: int | None
    at: datetime


def rights_on_each(
    actor: Actor, thread: Conversation, posts: Sequence[Written]
) -> tuple[Rights, ...]:
    """What the actor may do with these posts at this moment, in their order."""
    # Most readers may do nothing with most posts, and a page asks for twenty.
    has_some = _has_rights_on_all(actor, thread) or actor.id == thread.author_id
    return tuple(
        _rights_on(actor, thread, post) if has_some or post.author_id == actor.id else NO_RIGHTS
        for post in posts
    )


def _rights_on(actor: Actor, thread: Conversation, post: Written) -> Rights:
    return Rights(
        own=actor.is_member and post.author_id == actor.id,
        edit=can_edit(actor, thread, post),
        remove=can_remove(actor, thread, post),
        restore=can_restore(actor, thread, post),
        mark=can_mark(actor, thread, post),
        history=can_read_history(actor, thread, post),
        findings=can_read_findings(actor, thread, post),
        describe=can_describe(actor, thread, post),
        appeal=post.author_id == actor.id and post.removal == "moderator",
    )


def _has_rights_on_all(actor: Actor, thread: InCategory) -> bool:
    names = ("thread.curate", "post.edit_any")
    return any(allowed(actor, name, thread) for name in names) or helps(actor)


def helps(actor: Actor) -> bool:
    """Whether the actor helps authors with accessibility, wherever they may see the thread."""
    return allowed(actor, HELP)


def is_locked(thread: Locked) -> bool:
    """Whether nobody may write in the thread now. The clock decides."""
    if thread.locked_at is None:
        return False
    return thread.locked_until is None or utcnow() < thread.locked_until


def can_reply(actor: Actor, thread: Conversation) -> bool:
    """Whether the actor may write in this thread now."""
    is_open = not is_locked(thread) and thread.removed_at is None
    return is_open and allowed(actor, "thread.reply", thread)


def can_edit(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may change the text: anybody's with the right to, or their own where they
    may write, while the thread is open and the community's time for it is not over."""
    if post.removed_at is not None or thread.removed_at is not None:
        return False
    if allowed(actor, "post.edit_any", thread):
        return True
    own = _is_own(actor, thread, post) and not is_locked(thread)
    return own and is_in_edit_window(actor, post.created_at)


def can_describe(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may say what the post's pictures show: whoever may change it, and its author
    however old it is, while the thread is open."""
    if post.removed_at is not None or thread.removed_at is not None or post.pipeline == EMPTIED:
        return False
    if allowed(actor, "post.edit_any", thread):
        return True
    return _is_own(actor, thread, post) and not is_locked(thread)


def can_remove(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may remove the post: anybody's as a moderator, or their own while the
    thread is open, however old."""
    if post.removed_at is not None or thread.removed_at is not None:
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    return _is_own(actor, thread, post) and not is_locked(thread)


def can_restore(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may restore the post: as a moderator anything but what another moderator decided
    about their own words, or what they removed themselves. Not what waits, or did when it was taken back:
    that is published by deciding its case."""
    if post.removed_at is None or thread.removed_at is not None:
        return False
    if is_kept_back(post) or was_decided_about(actor, post):
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    own = _is_own(actor, thread, post) and post.removal == "author"
    return own and not is_locked(thread)


def can_mark(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may say that this post is the answer, or is not: whoever started the
    thread while it is open, or a moderator."""
    if not is_answerable(post) or thread.removed_at is not None:
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    return is_starter(actor, thread)


def is_answerable(post: Written) -> bool:
    """Whether the post could be an answer: there is something to read, and it is not what asks."""
    return post.removed_at is None and post.pipeline != EMPTIED and post.number not in (None, 1)


def is_starter(actor: Actor, thread: Conversation) -> bool:
    """Whether the actor started the thread, and may still do what that gives a right to."""
    return _is_own(actor, thread, thread) and not is_locked(thread)


def can_file(actor: Actor, thread: Conversation) -> bool:
    """Whether the actor may say what the thread is filed under: whoever started it while it is
    open, or a moderator."""
    if thread.removed_at is not None:
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    return is_starter(actor, thread)


def can_retitle(actor: Actor, thread: Conversation) -> bool:
    """Whether the actor may also give it another title: authors only for as long as they may
    change what they wrote."""
    curates = allowed(actor, "thread.curate", thread)
    return can_file(actor, thread) and (curates or is_in_edit_window(actor, thread.created_at))


def can_read_history(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may read all versions: those of a removed post are for its author and the
    moderators."""
    own = actor.is_member and post.author_id == actor.id
    return post.removed_at is None or own or allowed(actor, "thread.curate", thread)


def can_read_findings(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may read what reviewers say of the post and what of it is kept: its author,
    whoever curates the category, and who helps with accessibility."""
    own = actor.is_member and post.author_id == actor.id
    there = post.removed_at is None and thread.removed_at is None and post.pipeline != EMPTIED
    return there and (own or allowed(actor, "thread.curate", thread) or helps(actor))


def is_in_edit_window(actor: Actor, since: datetime) -> bool:
    """Whether authors may still change what was published ``since``. The clock decides."""
    if actor.edit_minutes is None:
        return True
    return utcnow() < since + timedelta(minutes=actor.edit_minutes)


def _is_own(actor: Actor, thread: Conversation, thing: Owned) -> bool:
    own = actor.is_member and thing.author_id == actor.id
    return own and allowed(actor, "post.edit_own", thread)


def _as_sentence(reason: str) -> str:
    # Other sentences follow it, such as what became of the reader's text.
    return reason if unicodedata.category(reason[-1])[0] == "P" else f"{reason}."


def require_there(thread: Conversation, *, own_post: int | None = None) -> None:
    """Refuse when the thread was removed.

    Args:
        own_post: the post of the reader's own that started it, if they can ask for another look.

    Raises:
        NotFound: it was; the message says why.
    """
    if thread.removed_at is not None:
        message = gettext(
            "A moderator removed this thread: %(reason)s",
            reason=_as_sentence(thread.removal_reason),
        )
        raise NotFound(message) if own_post is None else Removed(message, post_id=own_post)


def require_unlocked(thread: Conversation) -> None:
    """Refuse when the thread is locked.

    Raises:
        NotAllowed: it is; the message says why, if a reason was given.
    """
    if not is_locked(thread):
        return
    if thread.lock_reason:
        reason = _as_sentence(thread.lock_reason)
        raise NotAllowed(gettext("A moderator locked this thread: %(reason)s", reason=reason))
    raise NotAllowed(gettext("A moderator locked this thread. Nobody can write in it now."))


def require_reply(actor: Actor, thread: Conversation) -> None:
    """Refuse unless the actor may write in this thread now.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        NotAllowed: it is locked, or the actor may not reply here.
    """
    require(actor, "thread.reply", thread)
    require_there(thread)
    require_unlocked(thread)


def require_edit(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_edit``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: the post is removed.
        NotAllowed: it is not theirs, the thread is locked, or it is too late.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_edit(actor, thread, post):
        return
    require_not_waiting(post)
    if post.removed_at is not None:
        raise Conflict(gettext("This post was removed, so it cannot be changed."))
    _require_own(actor, thread, post, gettext("You may change only your own posts."))
    require_unlocked(thread)
    message = ngettext(
        "Posts can be changed for %(num)s minute here, and this one is older. Reply to it instead.",
        "Posts can be changed for %(num)s minutes here, and this one is older. Reply to it instead.",
        actor.edit_minutes or 0,
    )
    raise NotAllowed(message)


def require_describe(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_describe``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: the post is removed.
        NotAllowed: it is not theirs, or the thread is locked.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_describe(actor, thread, post):
        return
    require_not_waiting(post)
    if post.removed_at is not None or post.pipeline == EMPTIED:
        raise Conflict(gettext("This post was removed, so it cannot be changed."))
    _require_own(actor, thread, post, gettext("You may change only your own posts."))
    require_unlocked(thread)


def require_findings(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_read_findings``, and say why.

    Raises:
        NotFound: the thread is not for the actor to see, or there are no words to speak of.
        Conflict: the post waits for a moderator.
        NotAllowed: they did not write the post, and do not help with accessibility.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_read_findings(actor, thread, post):
        return
    require_not_waiting(post)
    if post.removed_at is not None or post.pipeline == EMPTIED:
        raise NotFound(gettext("This post was removed, and what was said of it as well."))
    raise NotAllowed(
        gettext("Only its author and those who help with accessibility may read this.")
    )


def require_remove(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_remove``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: the post is removed already.
        NotAllowed: it is not theirs, or the thread is locked.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_remove(actor, thread, post):
        return
    require_not_waiting(post)
    if post.removed_at is not None:
        raise Conflict(gettext("This post has been removed already. Nothing was changed."))
    _require_own(actor, thread, post, gettext("You may remove only your own posts."))
    require_unlocked(thread)


def require_restore(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_restore``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: the post is not removed, or waits for a moderator, or did when it was taken back.
        NotAllowed: they did not remove it themselves, or the thread is locked.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_restore(actor, thread, post):
        return
    if post.removed_at is None:
        raise Conflict(gettext("This post is not removed, or not any more. Nothing was changed."))
    require_let_through(post)
    if was_decided_about(actor, post) and allowed(actor, "thread.curate", thread):
        raise NotAllowed(about_own_words())
    refusal = gettext("Only a moderator can restore what a moderator removed.")
    if post.removal == "moderator":
        raise NotAllowed(refusal)
    _require_own(actor, thread, post, gettext("You may restore only your own posts."))
    require_unlocked(thread)


def require_mark(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_mark``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: there is nothing in the post to read, or it is the one that asks.
        NotAllowed: they did not start the thread, or it is locked.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_mark(actor, thread, post):
        return
    if not is_answerable(post):
        raise Conflict(gettext("This post cannot be the answer. Nothing was changed."))
    refusal = gettext("Only whoever started the thread, or a moderator, can mark the answer.")
    _require_own(actor, thread, thread, refusal)
    require_unlocked(thread)


def require_file(actor: Actor, thread: Conversation) -> None:
    """Refuse unless ``can_file``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        NotAllowed: they did not start the thread, or it is locked.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_file(actor, thread):
        return
    refusal = gettext("Only whoever started the thread, or a moderator, can change this.")
    _require_own(actor, thread, thread, refusal)
    require_unlocked(thread)


def _require_own(actor: Actor, thread: Conversation, thing: Owned, refusal: str) -> None:
    if not actor.is_member or thing.author_id != actor.id:
        raise NotAllowed(refusal)
    require(actor, "post.edit_own", thread)


def is_acceptable(review: Review, *, asks_for_help: bool) -> bool:
    """Whether a draft so reviewed may be published: nothing blocks, or the author asks for help."""
    return asks_for_help or not review.at_least(Severity.BLOCK)


def findings_to_show(review: Review, seen: Collection[str], kept: Collection[str]) -> list[Finding]:
    """The findings that stop a publication so that the author reads them: what blocks, always;
    what is to be considered, once; hints, never."""
    return [
        f
        for f in review.at_least(Severity.WARN)
        if f.severity is Severity.BLOCK or (f.fingerprint not in seen and not is_kept(f, kept))
    ]


def can_keep(finding: Finding) -> bool:
    """Whether an author may decide to leave it as it is: what is only to be considered."""
    return finding.severity in (Severity.WARN, Severity.HINT)


def is_kept(finding: Finding, kept: Collection[str]) -> bool:
    """Whether the author decided so. It is about rule and words, so changes elsewhere do not undo
    it."""
    return can_keep(finding) and finding.fingerprint in kept


def page_of(number: int) -> int:
    """The page of a thread on which post ``number`` stands, from 1."""
    return (number - 1) // POSTS_A_PAGE + 1


def is_unreviewed(label: str | None) -> bool:
    """Whether a post's label is not a moderator's, but says that none has read the post."""
    return label == NOT_YET_REVIEWED
