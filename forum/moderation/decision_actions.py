"""What moderators decide about posts that stand in their thread: that members flagged, that the clock
published, or that are a newcomer's first. Each closes the case, is told to the author and to whoever
flagged the post, with the reason, and can be undone."""

from __future__ import annotations

from flask_babel import gettext

from forum.clock import utcnow
from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.deed_actions import note_newest
from forum.discussion.models import EMPTIED
from forum.discussion.waiting_rules import require_not_waiting
from forum.errors import Conflict, Invalid
from forum.moderation import deed_actions as deeds
from forum.moderation.deed_actions import noted
from forum.moderation.desk_actions import (
    Desk,
    checked_label,
    clear_clock_label,
    close_case,
    decide,
    desk,
    require_decidable,
    was_decided_by,
    words_about,
)
from forum.moderation.rules import (
    FLAG,
    STANDING,
    UNREVIEWED,
    WELCOME,
    case_kind,
    is_brought,
)
from forum.permissions import Actor, require


def find_nothing_wrong(actor: Actor, case_id: int, *, words: str) -> None:
    """Leave a post as it is. Doing it again changes nothing; so it is with all of these.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or it is not for them.
        Invalid: there is no reason, it is too long, or this cannot be decided about the case.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "nothing"):
        return
    require_decidable(actor, found.case, *_kinds_decided_so(found, "nothing"))
    words = words_about(found, words)
    with noted(actor, deeds.NOTHING, found, words):
        decide(actor, found.case, "nothing", words)


def _kinds_decided_so(found: Desk, decision: str) -> tuple[str, ...]:
    """Flags, first posts, what the clock published, and what plugins brought, also when the plugin is
    gone."""
    kind = found.case.kind
    stands = kind in STANDING or is_brought(kind)
    may_be = stands and decision in case_kind(kind).decisions
    return (FLAG, kind) if may_be else (FLAG,)


def settle_brought(actor: Actor, case_id: int, *, words: str) -> None:
    """Decide that what a plugin asked for is done; the plugin hears of it. Of a post that waits it says
    that the plugin may publish it.

    Raises:
        NotAllowed, NotFound, Invalid, Conflict: as ``find_nothing_wrong``.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "done"):
        return
    kinds = _kinds_decided_so(found, "done")
    require_decidable(actor, found.case, *(kind for kind in kinds if kind != FLAG))
    words = words_about(found, words)
    with noted(actor, deeds.SETTLE, found, words):
        decide(actor, found.case, "done", words)


def find_it_right(actor: Actor, case_id: int, *, words: str) -> None:
    """Say that a post which the clock published, or a newcomer's first one, is as it should be. The
    line that nobody had read it is taken away. Its author is told, except of a first post without a
    word: there is nothing to tell.

    Raises:
        NotAllowed, NotFound, Conflict: as ``find_nothing_wrong``.
        Invalid: there is no reason, except for a first post; it is too long, or this cannot be decided
            about the case.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "reviewed"):
        return
    require_decidable(actor, found.case, WELCOME, UNREVIEWED)
    words = words_about(found, words, needed=found.case.kind != WELCOME)
    with noted(actor, deeds.REVIEW, found, words):
        if found.case.kind == WELCOME and not words:
            close_case(actor, found.case, "reviewed")
        else:
            decide(actor, found.case, "reviewed", words)
        clear_clock_label(found.post)


def label_flagged(actor: Actor, case_id: int, *, label: str, words: str) -> None:
    """Put a line above a flagged post that its readers find there.

    Raises:
        NotAllowed: the actor is no moderator, or does not curate the category.
        NotFound, Conflict: as above; also a conflict when the post was removed meanwhile.
        Invalid: the label or the reason is missing or cannot be taken.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "labelled"):
        return
    require(actor, "thread.curate", found.thread)
    require_decidable(actor, found.case, *_kinds_decided_so(found, "label"))
    _require_readable(found)
    label, words = checked_label(label), words_about(found, words)
    with noted(actor, deeds.LABEL, found, words):
        decide(actor, found.case, "labelled", words)
        found.post.label = label


def ask_for_changes(actor: Actor, case_id: int, *, words: str) -> None:
    """Ask the author of a flagged post to change it; until then it stays as it is.

    Raises:
        NotAllowed, NotFound, Invalid: as ``find_nothing_wrong``.
        Conflict: likewise; also when the post was removed meanwhile.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "changes"):
        return
    require_decidable(actor, found.case, *_kinds_decided_so(found, "changes"))
    _require_readable(found)
    words = words_about(found, words)
    with noted(actor, deeds.ASK, found, words):
        decide(actor, found.case, "changes", words)
        clear_clock_label(found.post)


def remove_flagged(actor: Actor, case_id: int, *, words: str) -> None:
    """Take a flagged post away from readers; its number stays, with the reason. One that was removed
    meanwhile stays so, with the reason that stands there.

    Raises:
        NotAllowed: the actor is no moderator, or does not curate the category.
        NotFound, Invalid: as ``find_nothing_wrong``.
        Conflict: likewise; also when the post waits for a moderator itself.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "removed"):
        return
    require(actor, "thread.curate", found.thread)
    require_decidable(actor, found.case, *_kinds_decided_so(found, "remove"))
    require_not_waiting(found.post)
    words, post, thread = words_about(found, words), found.post, found.thread
    with noted(actor, deeds.REMOVE, found, words):
        decide(actor, found.case, "removed", words)
        clear_clock_label(post)
        if post.removed_at is None:
            post.removed_at, post.removed_by = utcnow(), actor.id
            post.removal, post.removal_reason = "moderator", words
            # Nobody is sent to an answer that cannot be read.
            if thread.answer_number == post.number:
                thread.answer_number = None
            note_newest(thread)


def move_flagged(actor: Actor, case_id: int, *, category_id: int | None, words: str) -> None:
    """Put the thread of a flagged post into another category, where it is not pinned.

    Raises:
        NotAllowed: the actor is no moderator, or does not curate the category.
        NotFound, Conflict: as above; also a conflict when the post was removed meanwhile.
        Invalid: there is no reason, or no category that they may move threads to.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "moved"):
        return
    require(actor, "thread.curate", found.thread)
    require_decidable(actor, found.case, *_kinds_decided_so(found, "move"))
    _require_readable(found)
    open_to = {category.id for category in categories_to_move_to(actor)}
    if category_id not in open_to - {found.thread.category_id}:
        raise Invalid("category", gettext("Choose another category to move the thread to."))
    words = words_about(found, words)
    with noted(actor, deeds.MOVE, found, words):
        decide(actor, found.case, "moved", words)
        clear_clock_label(found.post)
        # As when it is moved by hand: a pin belongs to a category.
        found.thread.category_id, found.thread.pinned_at = category_id, None


def _require_readable(found: Desk) -> None:
    post, thread = found.post, found.thread
    if post.removed_at is not None or thread.removed_at is not None or post.pipeline == EMPTIED:
        message = gettext(
            "This post was removed meanwhile, so nobody reads it. Decide that it is removed, or that "
            "nothing is wrong."
        )
        raise Conflict(message)
