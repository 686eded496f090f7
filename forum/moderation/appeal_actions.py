"""Authors ask another moderator to look at what was decided about their post, and that one decides."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.db import db
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation import deed_actions as deeds
from forum.moderation.appeal_queries import is_left_to_undo
from forum.moderation.deed_actions import CASE_ROWS, noted
from forum.moderation.desk_actions import (
    Desk,
    checked_words,
    clear_clock_label,
    close_case,
    decide,
    desk,
    hold_cases,
    locked_post,
    publish,
    require_decidable,
    require_publishable,
    tell_flaggers,
    was_decided_by,
    words_about,
)
from forum.moderation.flag_queries import own_decision
from forum.moderation.models import Case
from forum.moderation.rules import APPEAL, APPEALABLE, HELD
from forum.permissions import Actor, require, require_member
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.record.queries import undoing_of


def appeal(actor: Actor, entry_id: int, *, words: str) -> Case:
    """Ask that another moderator looks at what was decided about the actor's own post, or about the
    thread that it started, once.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: nothing of this number was decided about a post of theirs.
        Invalid: they do not say why, or it cannot be taken.
        Conflict: they did so before, another appeal about the post waits, or the decision was taken
            back already.
    """
    require_member(actor)
    entry = db.session.get(LogEntry, entry_id)
    if entry is None or entry.member_id != actor.id or not is_appealable(entry):
        raise NotFound(gettext("There is no such decision about a post of yours."))
    post = locked_post(own_decision(actor, entry_id).post_id)
    if undoing_of(entry_id) is not None:
        raise Conflict(gettext("This was undone already; there is nothing left to appeal against."))
    waiting = (Case.post_id == post.id) & Case.closed_at.is_(None) & (Case.kind == APPEAL)
    if db.session.scalar(select(Case.id).where(waiting | (Case.appeal_of == entry_id))) is not None:
        raise Conflict(gettext("You have appealed already. Each decision is looked at once more."))
    words = checked_words(words)
    if not words:
        raise Invalid("words", gettext("Say why it should be decided otherwise."))
    case = Case(post_id=post.id, kind=APPEAL, reason=words, appeal_of=entry_id)
    db.session.add(case)
    db.session.flush()
    return case


def is_appealable(entry: LogEntry) -> bool:
    """Whether its author may ask another moderator to look at this again."""
    return entry.kind in APPEALABLE and entry.undo_of is None


def uphold(actor: Actor, case_id: int, *, words: str) -> bool:
    """Say that it was decided rightly. What was undone, mended by hand or decided anew meanwhile stays as
    it is. Doing it again changes nothing.

    Returns whether it stands as it was decided.

    Raises:
        NotAllowed: the actor is no moderator, or decided it themselves.
        NotFound: there is no such case, or it is not for them.
        Invalid: there is no reason, it is too long, or the case is no appeal.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    entry = db.session.get(LogEntry, found.case.appeal_of or 0)
    stands = entry is not None and is_left_to_undo(entry.id, entry.kind)
    if was_decided_by(actor, found.case, "upheld"):
        return stands
    require_decidable(actor, found.case, APPEAL)
    words = words_about(found, words)
    with noted(actor, deeds.UPHOLD, found, words):
        decide(actor, found.case, "upheld", words, told="upheld" if stands else "affirmed")
    return stands


def overturn(actor: Actor, case_id: int, *, words: str) -> bool:
    """Undo what was decided; what was held is published, and of what was published with a label only that
    goes. Where nothing of it is left to undo, because somebody mended it by hand or decided anew, it is
    only noted that it was decided wrongly. Doing it again changes nothing.

    Returns whether it is undone now.

    Raises:
        NotAllowed: the actor is no moderator, decided it themselves, or may not undo it.
        NotFound, Invalid: as ``uphold``.
        Conflict: likewise; also when something of it was changed since, or the thread does not take
            the post.
    """
    require(actor, "case.decide")
    hold_cases(case_id, appealed_case(case_id))
    found = desk(actor, case_id)
    if was_decided_by(actor, found.case, "overturned"):
        return undoing_of(found.case.appeal_of or 0) is not None
    require_decidable(actor, found.case, APPEAL)
    words = words_about(found, words)
    entry = db.session.get_one(LogEntry, found.case.appeal_of)
    is_left = is_left_to_undo(entry.id, entry.kind)
    only_label = is_left and entry.kind == deeds.PUBLISH_LABELLED
    if is_left:
        undo(actor, entry.id, is_told=False, is_redone=only_label)
    is_undone = undoing_of(entry.id) is not None
    with noted(actor, deeds.OVERTURN, found, words) as recording:
        if entry.case_id is not None:
            recording.watch(CASE_ROWS.name, entry.case_id)
        decide(
            actor, found.case, "overturned", words, told="overturned" if is_undone else "conceded"
        )
        _close_again(actor, found, entry, only_label=only_label)
    return is_undone


def appealed_case(case_id: int) -> int | None:
    """The case whose decision an appeal is against; ``None`` for another case, and for what was decided
    about no case."""
    of_entry = select(LogEntry.case_id).join(Case, Case.appeal_of == LogEntry.id)
    return db.session.scalar(of_entry.where(Case.id == case_id))


def _close_again(actor: Actor, found: Desk, entry: LogEntry, *, only_label: bool) -> None:
    """The case that was decided is open after the undoing: nobody has to decide it a third time."""
    case = None if entry.case_id is None else db.session.get(Case, entry.case_id)
    if case is None or case.closed_at is not None:
        return
    if case.kind in HELD:
        # Readers have it already, also where the thread would take nothing new.
        if not only_label:
            require_publishable(found)
        publish(found)
        close_case(actor, case, "published")
    else:
        close_case(actor, case, "overturned")
        # Two have read it by now.
        clear_clock_label(found.post)
        tell_flaggers(case)
