"""What moderators do with cases: take one, give it back, decide. And authors: take a post back."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext
from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db
from forum.discussion.actions import Prepared, revise_post
from forum.discussion.curating_queries import categories_to_move_to, tags_of
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.finding_queries import kept_findings
from forum.discussion.models import WITHDRAWN, Draft, Post, Revision
from forum.errors import Conflict, Invalid, NotFound
from forum.hookspecs import CaseNeeded
from forum.moderation import deed_actions as deeds
from forum.moderation.deed_actions import noted
from forum.moderation.desk_actions import (
    Desk,
    checked_label,
    clear_clock_label,
    close_case,
    decide,
    desk,
    held_rows,
    publish,
    require_decidable,
    require_free,
    require_in_time,
    require_open,
    require_publishable,
    was_decided_by,
    words_about,
)
from forum.moderation.models import Case
from forum.moderation.rules import (
    CLAIM,
    HELD,
    HELP_NEEDED,
    is_claimed_by,
    is_of_waiting,
    require_mendable,
    require_some_cases,
)
from forum.permissions import Actor, require, require_member


def open_case(needed: CaseNeeded) -> None:
    """Have a person look at a post; one case of a kind for each post. Help that was given is asked
    for anew in the same case."""
    already = select(Case).where(Case.post_id == needed.post_id, Case.kind == needed.kind)
    case = db.session.scalar(already.order_by(Case.id.desc()).limit(1).with_for_update())
    if case is None:
        needs_person = needed.needs_person or None
        db.session.add(
            Case(
                post_id=needed.post_id,
                kind=needed.kind,
                reason=needed.reason,
                needs_person=needs_person,
            )
        )
    elif case.kind == "help" and case.closed_at is not None:
        case.opened_at, case.reason = utcnow(), needed.reason
        case.closed_at = case.closed_by = case.decision = None
        case.decision_reason = ""


def claim_case(actor: Actor, case_id: int) -> None:
    """Take a case for half an hour, or for half an hour more.

    Raises:
        NotAllowed: no cases are for the actor.
        NotFound: there is no such case, or they may not see its thread.
        Conflict: somebody else has it, or it is decided.
    """
    require_some_cases(actor)
    case = desk(actor, case_id).case
    require_open(case)
    require_free(actor, case)
    case.claimed_by, case.claimed_until = actor.id, utcnow() + CLAIM


def release_case(actor: Actor, case_id: int) -> None:
    """Give a case back before its time is over; one that the actor does not have stays as it is.

    Raises:
        NotAllowed: no cases are for the actor.
        NotFound: there is no such case, or they may not see its thread.
    """
    require_some_cases(actor)
    case = desk(actor, case_id).case
    if is_claimed_by(actor, case, utcnow()):
        case.claimed_by = case.claimed_until = None


def publish_held(actor: Actor, case_id: int, *, words: str, label: str | None = None) -> Post:
    """Publish what a case held, with the next number and the present time, and tell its author.

    Doing it again changes nothing.

    Args:
        label: what readers find above it, if anything.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: there is no reason, it or the label cannot be taken, or the case holds nothing.
        Conflict: somebody else has the case or has decided it, or the thread does not take the post.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "published", "labelled"):
        return found.post
    require_decidable(actor, found.case, *HELD)
    require_publishable(found)
    words, post = words_about(found, words), found.post
    label = None if label is None else checked_label(label)
    kind = deeds.PUBLISH if label is None else deeds.PUBLISH_LABELLED
    with noted(actor, kind, found, words):
        decide(actor, found.case, "published" if label is None else "labelled", words)
        clear_clock_label(post)
        # A label that another decision gave stays, unless there is a newer one.
        post.label = label or post.label
        publish(found)
    return post


def publish_elsewhere(actor: Actor, case_id: int, *, category_id: int | None, words: str) -> Post:
    """Publish a thread that a case held in another category than its author chose. Doing it again
    changes nothing.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: as ``publish_held``; also when it does not start a thread, or there is no such
            category to which they may move threads.
        Conflict: as ``publish_held``; its author may not start threads there, for example.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "moved"):
        return found.post
    require_decidable(actor, found.case, *HELD)
    if found.thread.last_number > 0:
        message = gettext(
            "Others read this thread already, so its posts are not published elsewhere."
        )
        raise Invalid("category", message)
    open_to = {category.id for category in categories_to_move_to(actor)}
    if category_id is None or category_id not in open_to - {found.thread.category_id}:
        raise Invalid("category", gettext("Choose another category to publish it in."))
    words = words_about(found, words)
    with noted(actor, deeds.PLACE, found, words):
        found.thread.category_id = category_id
        require_publishable(found)
        decide(actor, found.case, "moved", words)
        publish(found)
    return found.post


def remove_held(actor: Actor, case_id: int, *, reason: str, asks_for_changes: bool = False) -> Post:
    """Do not publish what a case held, and tell its author why. It never gets a number; they can
    still read it. Doing it again changes nothing.

    Args:
        asks_for_changes: tell its author that it is welcome once it is changed.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: there is no reason, it is too long, or the case holds nothing.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "case.decide")
    found, decision = desk(actor, case_id), "changes" if asks_for_changes else "removed"
    if was_decided_by(actor, found.case, decision):
        return found.post
    require_decidable(actor, found.case, *_kinds_of_held(found.case))
    reason, post = words_about(found, reason), found.post
    kind = deeds.ASK if asks_for_changes else deeds.REMOVE
    with noted(actor, kind, found, reason):
        decide(actor, found.case, decision, reason)
        post.removed_at, post.removed_by = found.case.closed_at, actor.id
        post.removal, post.removal_reason = "moderator", reason
    return post


def _kinds_of_held(case: Case) -> tuple[str, ...]:
    return (*HELD, case.kind) if is_of_waiting(case.kind) else HELD


def finish_help(actor: Actor, case_id: int, *, words: str) -> Post:
    """Note that an author who asked for help was helped, and tell them. Doing it again changes
    nothing.

    Raises:
        NotAllowed: the actor does not help with accessibility.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: there is no reason, it is too long, or the case holds a post.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "accessibility.help")
    found = desk(actor, case_id)
    if not was_decided_by(actor, found.case, "done"):
        require_decidable(actor, found.case, HELP_NEEDED)
        words = words_about(found, words)
        with noted(actor, deeds.FINISH, found, words):
            decide(actor, found.case, "done", words)
    return found.post


def mend_post(
    actor: Actor,
    case_id: int,
    *,
    text: Prepared,
    based_on: int,
    draft: str = "",
    kept: Collection[str] | None = None,
) -> Post:
    """Give a post for which help was asked a new version. The case stays open: whoever helped ends it
    with a word to the author.

    Args:
        based_on, draft, kept: as in ``edit_post``.

    Raises:
        NotAllowed: the actor does not help with accessibility, or a check refuses.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: the case holds a post.
        Conflict: somebody else has the case or has decided it; the post was changed or removed.
    """
    require(actor, "accessibility.help")
    found = desk(actor, case_id)
    require_decidable(actor, found.case, HELP_NEEDED)
    require_mendable(found.thread, found.post)
    revise_post(
        actor,
        found.thread,
        found.post,
        text=text,
        based_on=based_on,
        draft=draft,
        kept=kept,
        kind=deeds.MEND,
    )
    return found.post


def withdraw_held(actor: Actor, post_id: int) -> None:
    """Take back one's own post that waits for a moderator. Doing it again changes nothing.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is no such post of theirs.
        Conflict: a moderator has decided already.
    """
    require_member(actor)
    found = _own_held(actor, post_id)
    case, post = found.case, found.post
    if case.decision == "withdrawn":
        return
    if case.closed_at is not None:
        raise Conflict(gettext("A moderator has decided about this post meanwhile."))
    require_in_time(found)
    close_case(actor, case, "withdrawn")
    # What others have read already is not back by the author's own hand: nobody has let it through.
    removal = "author" if post.number is None else WITHDRAWN
    post.removed_at, post.removed_by, post.removal = case.closed_at, actor.id, removal


def draft_anew(actor: Actor, post_id: int) -> str:
    """Make a draft of one's own post that was held and will not appear: the place of the draft.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is no such post of theirs.
        Conflict: it still waits, was published, or there is another draft at that place.
    """
    require_member(actor)
    found = _own_held(actor, post_id)
    case, post, thread = found.case, found.post, found.thread
    if case.decision not in ("removed", "changes", "withdrawn"):
        raise Conflict(gettext("Take the post back first, then write it anew."))
    revision = db.session.get_one(Revision, (post.id, post.version))
    source, language = revision.source, revision.language
    kept = " ".join(kept_findings(post.id, post.version))
    # A thread of which others have read the first post already is written anew as a whole, too.
    starts = post.number == 1 or not thread.last_number
    place = "new" if starts else f"reply:{thread.id}"
    _require_room(actor, place, source)
    if place == "new":
        text = DraftText(
            source,
            title=thread.title,
            tags=", ".join(tags_of(thread.id)),
            category_id=thread.category_id,
            language=language,
            kept=kept,
        )
    else:
        text = DraftText(source, in_reply_to=post.in_reply_to, language=language, kept=kept)
    save_draft(actor, place, text)
    return place


def _require_room(actor: Actor, place: str, source: str) -> None:
    kept = db.session.scalar(
        select(Draft.source).where(Draft.member_id == actor.id, Draft.place == place)
    )
    if kept is not None and kept != source and kept.strip():
        raise Conflict(
            gettext("You have begun another text there. Publish or discard that draft first.")
        )


def _own_held(actor: Actor, post_id: int) -> Desk:
    case_id = db.session.scalar(
        select(Case.id)
        .join(Post, Post.id == Case.post_id)
        .where(Case.post_id == post_id, Case.kind.in_(HELD), Post.author_id == actor.id)
    )
    if case_id is None:
        raise NotFound(gettext("There is no such post of yours."))
    return held_rows(case_id)
