"""Members ask another moderator to look at a warning, a mute or a suspension, and that one decides."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from forum.accounts.measure_queries import TOLD
from forum.accounts.models import Measure, MeasureAppeal, Member
from forum.clock import utcnow
from forum.db import db
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.jobs.queue import enqueue
from forum.moderation.appeal_queries import is_left_to_undo
from forum.moderation.desk_actions import checked_words
from forum.moderation.judging_actions import judged
from forum.moderation.measure_appeal_queries import measure_appeal_facts
from forum.moderation.measure_appeal_rules import mark_of_appeal
from forum.moderation.measure_deed_actions import JUDGE, MEASURE_ROWS
from forum.moderation.rules import (
    CLAIM,
    MEASURE,
    can_decide,
    is_claimed_by,
    why_closed,
    why_taken,
)
from forum.permissions import Actor, require, require_member
from forum.record.actions import recorded, undo
from forum.record.models import LogEntry
from forum.record.queries import entry_that_made, steps_of, undoing_of
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, Entry, Labels, define_kind, define_relation

# When the member read it is no part of a deed.
APPEAL_ROWS = define_relation(
    TableRelation(
        MeasureAppeal,
        ("closed_at", "closed_by", "decision", "decision_reason"),
        labels=Labels(
            _("Appeal"),
            {
                "closed_at": _("Decided"),
                "closed_by": _("Decided by"),
                "decision": _("Decision"),
                "decision_reason": _("Words to the member"),
            },
            {"upheld": _("upheld"), "overturned": _("overturned")},
            people=frozenset({"closed_by"}),
        ),
        owner=lambda appeal_id: select(MeasureAppeal.member_id).where(
            MeasureAppeal.id == appeal_id
        ),
    )
)


def _require_judge(actor: Actor, entry: Entry) -> None:
    assert entry.member_id is not None
    judged(actor, entry.member_id)


def _require_another_judge(actor: Actor, entry: Entry) -> None:
    _require_judge(actor, entry)
    [step] = steps_of(entry.id)
    # Taken back, it would be theirs to decide no more than before.
    _require_not_first(actor, db.session.get_one(MeasureAppeal, int(step.row)))


def _tell_that_it_waits_again(entry: Entry) -> None:
    [step] = steps_of(entry.id)
    enqueue("mail", kind="measure_appeal", appeal=int(step.row), member=entry.member_id)


UPHOLD = define_kind(
    DeedKind(
        "member.uphold",
        _("measure upheld after an appeal"),
        JUDGE,
        _require_another_judge,
        after_undo=_tell_that_it_waits_again,
        has_letter=True,
    )
).name
OVERTURN = define_kind(
    DeedKind(
        "member.overturn",
        _("measure overturned after an appeal"),
        JUDGE,
        _require_judge,
        final=_(
            "This has undone something itself. If need be, do that again where it stands: on the "
            "moderators' page about the member."
        ),
        has_letter=True,
    )
).name


def appeal_against_measure(actor: Actor, measure_id: int, *, words: str) -> MeasureAppeal:
    """Ask that another moderator looks at a warning, a mute or a suspension of the actor's own, once.

    Raises:
        NotAllowed: nobody is asking.
        NotFound: there is no such measure about them.
        Invalid: they do not say why, or it cannot be taken.
        Conflict: they did so before.
    """
    member_id = require_member(actor)
    # Of two at once the second finds what the first asked.
    member = db.session.get(
        Member, member_id, with_for_update={"key_share": True}, populate_existing=True
    )
    theirs = Measure.id == measure_id, Measure.member_id == member_id, Measure.kind.in_(TOLD)
    measure = db.session.scalar(select(Measure).where(*theirs))
    if member is None or member.email is None or measure is None:
        raise NotFound(gettext("There is no such decision about you, or it was undone."))
    if db.session.scalar(select(MeasureAppeal.id).where(MeasureAppeal.measure_id == measure_id)):
        raise Conflict(gettext("You have appealed already. Each decision is looked at once more."))
    words = checked_words(words)
    if not words:
        raise Invalid("words", gettext("Say why it should be decided otherwise."))
    appeal = MeasureAppeal(
        measure_id=measure_id, kind=measure.kind, member_id=member_id, reason=words
    )
    db.session.add(appeal)
    db.session.flush()
    return appeal


def claim_appeal(actor: Actor, appeal_id: int) -> None:
    """Take an appeal for half an hour, or for half an hour more.

    Raises:
        NotAllowed: the actor does not decide about the member, or decided it themselves.
        NotFound: there is no such appeal.
        Conflict: somebody else has it or has decided it, or the account is closed.
    """
    require(actor, JUDGE)
    appeal = _held(actor, appeal_id)
    _require_decidable(actor, appeal)
    appeal.claimed_by, appeal.claimed_until = actor.id, utcnow() + CLAIM


def release_appeal(actor: Actor, appeal_id: int) -> bool:
    """Give an appeal back before its time is over; one that the actor does not have stays as it is.

    Returns whether it was theirs.

    Raises:
        NotAllowed: the actor does not decide about the member.
        NotFound: there is no such appeal.
        Conflict: the account is closed.
    """
    require(actor, JUDGE)
    appeal = _held(actor, appeal_id)
    if not is_claimed_by(actor, appeal, utcnow()):
        return False
    appeal.claimed_by = appeal.claimed_until = None
    return True


def require_as_read(actor: Actor, appeal_id: int, mark: str) -> None:
    """Refuse when the measure was lifted or undone since the actor read about it, whose row and the
    member's are held for the rest of the transaction.

    Args:
        mark: of the appeal as it was then; see ``mark_of_appeal``.

    Raises:
        NotAllowed: the actor does not decide about the member, or decided it themselves.
        NotFound: there is no such appeal, or it is not for the actor.
        Conflict: so it is, or somebody else has it or has decided it.
    """
    require(actor, JUDGE)
    appeal = _held(actor, appeal_id)
    if appeal.closed_by == actor.id:
        # The same button pressed twice: the action knows its own decision.
        return
    _require_decidable(actor, appeal)
    if mark_of_appeal(measure_appeal_facts(actor, appeal_id)) != mark:
        raise Conflict(gettext("The measure was lifted or undone meanwhile. Look at it again."))


def uphold_measure(actor: Actor, appeal_id: int, *, words: str) -> bool:
    """Say that it was decided rightly, and tell the member. What was lifted or undone meanwhile does not
    come back by that. Doing it again changes nothing.

    Returns whether it stays.

    Raises:
        NotAllowed: the actor does not decide about the member, or decided it themselves.
        NotFound: there is no such appeal.
        Invalid: there is no reason, or it is too long.
        Conflict: somebody else has it or has decided it, or the account is closed.
    """
    require(actor, JUDGE)
    appeal = _held(actor, appeal_id)
    if not _was_decided_by(actor, appeal, "upheld"):
        _require_decidable(actor, appeal)
        _decide(actor, appeal, "upheld", _needed(words))
    entry = _entry_of(appeal)
    return entry is not None and is_left_to_undo(entry.id, entry.kind)


def overturn_measure(actor: Actor, appeal_id: int, *, words: str) -> bool:
    """Undo the measure, and tell the member. Where nothing of it is left to undo, because it was lifted
    or undone meanwhile, it is only noted that it was decided wrongly. Doing it again changes nothing.

    Returns whether it is undone now.

    Raises:
        NotAllowed, NotFound, Invalid, Conflict: as ``uphold_measure``.
    """
    require(actor, JUDGE)
    appeal = _held(actor, appeal_id)
    entry = _entry_of(appeal)
    if not _was_decided_by(actor, appeal, "overturned"):
        _require_decidable(actor, appeal)
        words = _needed(words)
        if entry is not None and is_left_to_undo(entry.id, entry.kind):
            undo(actor, entry.id, is_told=False)
        _decide(actor, appeal, "overturned", words)
    return entry is not None and undoing_of(entry.id) is not None


def _held(actor: Actor, appeal_id: int) -> MeasureAppeal:
    whose = select(MeasureAppeal.member_id).where(MeasureAppeal.id == appeal_id)
    member_id = db.session.scalar(whose)
    if member_id is None:
        raise NotFound(gettext("There is no such case."))
    # The member first, as whoever closes the account does it.
    judged(actor, member_id)
    return db.session.get_one(
        MeasureAppeal, appeal_id, with_for_update=True, populate_existing=True
    )


def _was_decided_by(actor: Actor, appeal: MeasureAppeal, decision: str) -> bool:
    """Whether the actor did this before: the same button pressed twice."""
    return (appeal.closed_by, appeal.decision) == (actor.id, decision)


def _require_decidable(actor: Actor, appeal: MeasureAppeal) -> None:
    if appeal.closed_at is not None:
        raise Conflict(why_closed(MEASURE, appeal.decision, _name_of(appeal.closed_by)))
    _require_not_first(actor, appeal)
    if not can_decide(actor, appeal, utcnow()):
        raise Conflict(why_taken(_name_of(appeal.claimed_by)))


def _name_of(member_id: int | None) -> str:
    return db.session.scalar(select(Member.name).where(Member.id == member_id)) or ""


def _require_not_first(actor: Actor, appeal: MeasureAppeal) -> None:
    entry = _entry_of(appeal)
    if entry is not None and entry.actor_id == actor.id:
        message = gettext("You decided this yourself. Somebody else looks at the appeal.")
        raise NotAllowed(message)


def _entry_of(appeal: MeasureAppeal) -> LogEntry | None:
    """What made the measure, as the record has it."""
    entry_id = entry_that_made(MEASURE_ROWS.name, appeal.measure_id)
    return None if entry_id is None else db.session.get(LogEntry, entry_id)


def _needed(words: str) -> str:
    words = checked_words(words)
    if not words:
        raise Invalid("words", gettext("Say why. The member reads it."))
    return words


def _decide(actor: Actor, appeal: MeasureAppeal, decision: str, words: str) -> None:
    kind = {"upheld": UPHOLD, "overturned": OVERTURN}[decision]
    with recorded(actor, kind, member=appeal.member_id, reason=words) as recording:
        recording.watch(APPEAL_ROWS.name, appeal.id)
        appeal.closed_at, appeal.closed_by, appeal.decision = utcnow(), actor.id, decision
        appeal.decision_reason, appeal.seen_at = words, None
        appeal.claimed_by = appeal.claimed_until = None
        db.session.flush()
    enqueue("mail", kind="measure_appeal", appeal=appeal.id, member=appeal.member_id)
