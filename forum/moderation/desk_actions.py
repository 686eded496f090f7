"""A case on somebody's desk: with what it is about, and nobody else at it; and how it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.models import Member
from forum.accounts.queries import actor_by_id
from forum.categories.models import Category
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db
from forum.discussion.case_actions import ASKS_FOR_HELP, ask_for_case
from forum.discussion.deed_actions import note_newest
from forum.discussion.finding_queries import shuts_out
from forum.discussion.models import LABEL_LENGTH, NOT_YET_REVIEWED, WAITING, Post, Thread
from forum.discussion.numbering_actions import announce, number_post
from forum.discussion.rules import is_locked
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.events import CaseDecided, FlagsAnswered
from forum.jobs.queue import emit
from forum.moderation.clock_queries import waits_since
from forum.moderation.former_actions import has_left
from forum.moderation.models import Case, Flag
from forum.moderation.own_queries import left_to_others
from forum.moderation.publication_queries import is_removed
from forum.moderation.rules import (
    HELD,
    HELP_NEEDED,
    WORDS_LENGTH,
    PlaceOfPost,
    by_clock,
    can_decide,
    is_due,
    is_for,
    obstacle_to_publishing,
    why_closed,
    why_taken,
    writer,
)
from forum.moderation.settings import DAYS_TO_DECIDE
from forum.permissions import Actor, allowed
from forum.record.models import LogEntry
from forum.text.lines import is_readable_line
from forum.text.markdown import normalize


@dataclass(frozen=True, slots=True)
class Desk:
    """A case and what it is about, each row locked for the rest of the transaction."""

    case: Case
    post: Post
    thread: Thread


def desk(actor: Actor, case_id: int) -> Desk:
    """The case and what it is about.

    Raises:
        NotFound: there is no such case, it is not for the actor, or they may not see its thread.
        Conflict: the time to decide is over.
    """
    found = held_rows(case_id)
    case, post, thread = found.case, found.post, found.thread
    if not allowed(actor, "thread.see", thread) or not is_for(actor, case.kind, post.author_id):
        raise NotFound(gettext("There is no such case."))
    require_in_time(found)
    return found


def held_rows(case_id: int) -> Desk:
    """The case and what it is about, whoever asks.

    Raises:
        NotFound: there is no such case.
        Conflict: its post was moved at this moment.
    """
    case = db.session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(gettext("There is no such case."))
    # The thread before the post, as whoever curates it does: else each could wait for the other.
    thread_id = db.session.scalars(select(Post.thread_id).where(Post.id == case.post_id)).one()
    thread = db.session.get_one(Thread, thread_id, with_for_update=True, populate_existing=True)
    post = locked_post(case.post_id)
    if post.thread_id != thread.id:
        raise Conflict(gettext("The post was moved to another thread meanwhile. Look again."))
    return Desk(case, post, thread)


def hold_cases(*case_ids: int | None) -> None:
    """Hold these cases for the rest of the transaction, in the order of their numbers and before anything
    else, where more than one is needed: else two could wait for each other."""
    wanted = sorted({number for number in case_ids if number is not None})
    held = select(Case.id).where(Case.id.in_(wanted)).order_by(Case.id)
    db.session.execute(held.with_for_update())


def locked_post(post_id: int) -> Post:
    """A post, its row held until the end of the transaction."""
    return db.session.get_one(Post, post_id, with_for_update=True, populate_existing=True)


def was_decided_by(actor: Actor, case: Case, *decisions: str) -> bool:
    """Whether the actor did this before: the same button pressed twice. Somebody else's decision is
    news to them."""
    return case.closed_by == actor.id and case.decision in decisions


def require_decidable(actor: Actor, case: Case, *kinds: str) -> None:
    """Refuse unless the actor may decide this case now, and it is one of these kinds.

    Raises:
        Conflict: it is decided, or somebody else has it.
        Invalid: it is of another kind.
        NotAllowed: it is an appeal against what they decided themselves, or about their own words.
    """
    require_open(case)
    require_free(actor, case)
    if case.kind not in kinds:
        raise Invalid("words", gettext("This cannot be decided about this case. Reload the page."))


def require_open(case: Case) -> None:
    """Refuse what is decided already.

    Raises:
        Conflict: it is; the message says by whom.
    """
    if case.closed_at is None:
        return
    raise Conflict(why_closed(case.kind, case.decision, _name_of(case.closed_by)))


def require_free(actor: Actor, case: Case) -> None:
    """Refuse what somebody else has, what the actor has decided before it was appealed against, and what is
    about their own words where somebody else can decide.

    Raises:
        Conflict: somebody else has it.
        NotAllowed: it is about the actor's own decision, or their own words.
    """
    if case.appeal_of is not None:
        entry = db.session.get(LogEntry, case.appeal_of)
        if entry is not None and entry.actor_id == actor.id:
            message = gettext("You decided this yourself. Somebody else looks at the appeal.")
            raise NotAllowed(message)
    if why := _left_to_others(actor, case):
        raise NotAllowed(why)
    if can_decide(actor, case, utcnow()):
        return
    raise Conflict(why_taken(_name_of(case.claimed_by)))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case, and whose words it is about."""

    id: int
    kind: str
    author_id: int
    category_id: int


def _left_to_others(actor: Actor, case: Case) -> str:
    """Why another decides what the actor wrote or flagged; empty when they may."""
    post = db.session.get_one(Post, case.post_id)
    thread = db.session.get_one(Thread, post.thread_id)
    judged = _Judged(case.id, case.kind, post.author_id, thread.category_id)
    return left_to_others(actor, [judged]).get(case.id, "")


def _name_of(member_id: int | None) -> str:
    return db.session.scalar(select(Member.name).where(Member.id == member_id)) or ""


def checked_words(words: str, *, needed: bool = False) -> str:
    """What is said about a case, as it is kept.

    Raises:
        Invalid: it is too long, has characters that cannot be shown, or is ``needed`` and empty.
    """
    words = normalize(words).replace("\t", " ").strip()
    if len(words) > WORDS_LENGTH:
        message = gettext(
            "Shorten this to %(most)d characters; it has %(n)d.", most=WORDS_LENGTH, n=len(words)
        )
        raise Invalid("words", message)
    if not all(is_readable_line(line) for line in words.split("\n")):
        raise Invalid("words", gettext("Leave invisible characters out."))
    if needed and not words.strip():
        raise Invalid("words", gettext("Say why; the author reads it."))
    return words


def words_about(found: Desk, words: str, *, needed: bool = True) -> str:
    """What is said about a decision, as it is kept: of somebody who has left, nothing.

    Raises:
        Invalid: as ``checked_words``.
    """
    is_kept = not has_left(found.post.author_id)
    words = checked_words(words, needed=needed and is_kept)
    return words if is_kept else ""


def checked_label(label: str) -> str:
    """What stands above a post for its readers, as it is kept.

    Raises:
        Invalid: it is empty, too long, or has characters that cannot be shown.
    """
    label = " ".join(normalize(label).split())
    if not label:
        raise Invalid("label", gettext("Write the label that readers find above the post."))
    if len(label) > LABEL_LENGTH:
        message = gettext(
            "Shorten this to %(most)d characters; it has %(n)d.", most=LABEL_LENGTH, n=len(label)
        )
        raise Invalid("label", message)
    if not is_readable_line(label):
        raise Invalid("label", gettext("Leave invisible characters out."))
    return label


def decide(actor: Actor, case: Case, decision: str, words: str, *, told: str = "") -> None:
    """Close a case, and tell the author of the post and whoever flagged it.

    Args:
        told: what is told as the decision; ``decision`` by default.
    """
    close_case(actor, case, decision)
    case.decision_reason = words
    emit(CaseDecided(case.post_id, case.kind, told or decision, words, case.id))
    tell_flaggers(case)


def tell_flaggers(case: Case) -> None:
    """Tell whoever flagged the post, and did not take that back, what was decided."""
    flagged = select(Flag.member_id).where(Flag.case_id == case.id, Flag.withdrawn_at.is_(None))
    members = list(db.session.scalars(flagged.order_by(Flag.id)))
    if members and case.decision is not None:
        emit(
            FlagsAnswered(
                post_id=case.post_id,
                decision=case.decision,
                words=case.decision_reason,
                members=members,
            )
        )


def close_case(actor: Actor, case: Case, decision: str) -> None:
    """Close a case; nobody has it any more."""
    case.closed_at, case.closed_by, case.decision = utcnow(), actor.id, decision
    case.claimed_by = case.claimed_until = None


def clear_clock_label(post: Post) -> None:
    """Take the line away that says that no moderator has read a post, once one has."""
    if post.label == NOT_YET_REVIEWED:
        post.label = None


class Publishable(Protocol):
    """A post that waits, and where it would stand."""

    @property
    def post(self) -> Post:
        """The post, its row locked."""

    @property
    def thread(self) -> Thread:
        """Its thread, its row locked."""


def require_publishable(found: Publishable) -> None:
    """Refuse what was removed, and when the thread does not take the post that is held.

    Raises:
        Conflict: so it is; the message says why, and what to do.
    """
    # What an undoing has just put back stands in the row, and perhaps not yet in the post.
    if is_removed(found.post.id):
        message = gettext("This post was removed meanwhile, so it is not published. Look again.")
        raise Conflict(message)
    author = db.session.get_one(Member, found.post.author_id)
    place = _place(found, None if author.closed_at else writer(actor_by_id(author.id)))
    if obstacle := obstacle_to_publishing(place):
        raise Conflict(obstacle)


def _place(found: Publishable, author: Actor | None) -> PlaceOfPost:
    return PlaceOfPost(
        category_id=found.thread.category_id,
        category=db.session.get_one(Category, found.thread.category_id).title,
        is_started=found.thread.last_number > 0,
        is_removed=found.thread.removed_at is not None,
        is_locked=is_locked(found.thread),
        author=author,
    )


def is_for_clock(found: Desk) -> bool:
    """Whether the clock publishes the post at this moment: it waits, nobody has decided in time, and
    nothing stands in the way. What a muted author had written waits for a person."""
    case, post = found.case, found.post
    if case.closed_at is not None or case.kind not in HELD or case.needs_person is not None:
        return False
    if not is_due(case, waits_since(case), value_of(DAYS_TO_DECIDE), utcnow()):
        return False
    if post.removal not in (None, WAITING):
        return False
    author = db.session.get_one(Member, post.author_id)
    actor = None if author.closed_at else actor_by_id(author.id)
    return not obstacle_to_publishing(_place(found, actor))


def require_in_time(found: Desk) -> None:
    """Refuse to decide, or take back, what the clock has decided, even if nobody has noted that yet.

    Raises:
        Conflict: so it is.
    """
    if is_for_clock(found):
        raise Conflict(by_clock(), heading=gettext("The time to decide is over"))


def publish(found: Publishable) -> None:
    """Let readers have a held post. One whose publication was undone has a number already, and others
    were told of it. For actions, which have asked for the permission."""
    post = found.post
    post.removed_at = post.removed_by = post.removal = None
    post.removal_reason = ""
    if post.number is not None:
        note_newest(found.thread)
        return
    post.created_at = utcnow()
    number_post(found.thread, post, at=post.created_at)
    db.session.flush()
    announce(found.thread, post)
    if shuts_out(post.id, post.version):
        # Its author asked for help, or it could not have been posted; now it can be given.
        ask_for_case(post.id, HELP_NEEDED, ASKS_FOR_HELP)
