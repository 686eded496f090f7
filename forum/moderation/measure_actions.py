"""What moderators decide about members: note, warn, mute, suspend, and lift what stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import Select, select

from forum.accounts.checks import checked_lines
from forum.accounts.measure_queries import BARS, NOTE, WARNING, standing
from forum.accounts.models import Measure
from forum.accounts.role_actions import last_administrator, locked_administrators
from forum.clock import utcnow
from forum.db import db
from forum.errors import Conflict, Invalid, NotFound
from forum.jobs.queue import enqueue
from forum.moderation.claim_actions import give_back_all
from forum.moderation.judging_actions import judged
from forum.moderation.measure_deed_actions import KINDS, LIFT, MEASURE_ROWS
from forum.moderation.rules import WORDS_LENGTH, require_future
from forum.permissions import MUTE, SUSPENSION, Actor, require
from forum.record.actions import recorded

_TWICE = timedelta(minutes=5)


def note_member(actor: Actor, member_id: int, *, reason: str) -> int:
    """Note something about a member for other moderators: the entry in the record. The member gets no
    notice, and finds it only among all their data.

    Raises:
        NotFound: there is no such member.
        NotAllowed: the actor does not decide about them.
        Invalid: ``"reason"``; there is none, or it is too long.
        Conflict: the account is closed, or of an imported author.
    """
    require(actor, "member.moderate")
    return _place(actor, member_id, NOTE, reason)


def warn_member(actor: Actor, member_id: int, *, reason: str) -> int:
    """Tell a member what they should do otherwise: the entry in the record.

    Raises:
        NotFound, NotAllowed, Invalid, Conflict: as for a note.
    """
    require(actor, "member.moderate")
    return _place(actor, member_id, WARNING, reason)


def mute_member(actor: Actor, member_id: int, *, reason: str, until: datetime | None) -> int:
    """Keep a member from writing until then, at once: the entry in the record. They read on.

    Raises:
        NotFound, NotAllowed: as for a note.
        Invalid: as for a note; or ``"until"``: there is none, it is over, or too far away.
        Conflict: as for a note, or they are muted already.
    """
    require(actor, "member.moderate")
    if until is None:
        raise Invalid("until", gettext("Say until when. A mute always has an end."))
    return _place(actor, member_id, MUTE, reason, until)


def suspend_member(
    actor: Actor, member_id: int, *, reason: str, until: datetime | None = None
) -> int:
    """Keep a member out until then, or without end: the entry in the record. Their open sessions end
    with their next request, and the cases that they had taken are free.

    Raises:
        NotFound, NotAllowed: as for a note.
        Invalid: as for a note; or ``"until"``: it is over, or too far away.
        Conflict: as for a note, they are suspended already, or nobody else administers the community.
    """
    require(actor, "member.moderate")
    return _place(actor, member_id, SUSPENSION, reason, until)


def lift_measure(actor: Actor, member_id: int, measure_id: int, *, reason: str = "") -> int:
    """End a mute or a suspension before its time, and tell the member: the entry in the record.

    Raises:
        NotFound: there is no such member, or no such measure of theirs.
        NotAllowed: the actor does not decide about them.
        Invalid: ``"reason"``; it is too long.
        Conflict: it does not stand any more, or the account is closed.
    """
    require(actor, "member.moderate")
    judged(actor, member_id)
    reason = checked_lines("reason", reason, most=WORDS_LENGTH)
    measure = db.session.get(Measure, measure_id, populate_existing=True)
    if measure is None or measure.member_id != member_id:
        raise NotFound(gettext("There is no such measure, or it was undone."))
    if db.session.scalar(_standing(member_id).where(Measure.id == measure_id)) is None:
        raise Conflict(gettext("This has ended already. Nothing was changed."))
    with recorded(actor, LIFT, member=member_id, reason=reason) as recording:
        recording.watch(MEASURE_ROWS.name, measure_id)
        measure.lifted_at, measure.lifted_by = utcnow(), actor.id
        db.session.flush()
    enqueue("mail", kind="measure_over", measure=measure_id, ended=measure.kind, member=member_id)
    return _entry(recording.entry_id)


def _standing(member_id: int) -> Select[Measure]:
    return select(Measure).where(Measure.member_id == member_id, standing(Measure, utcnow()))


def _place(
    actor: Actor, member_id: int, kind: str, reason: str, until: datetime | None = None
) -> int:
    judged(actor, member_id)
    reason = checked_lines("reason", reason, most=WORDS_LENGTH)
    if not reason:
        raise Invalid("reason", _ask_for_reason(kind))
    require_future(until, utcnow())
    if kind in BARS:
        _require_first(member_id, kind)
    else:
        _require_new(actor, member_id, kind, reason)
    if kind == SUSPENSION:
        _leave_duties(member_id)
    measure = Measure(
        id=MEASURE_ROWS.new_number(),
        member_id=member_id,
        kind=kind,
        reason=reason,
        until=until,
        placed_by=actor.id,
    )
    with recorded(actor, KINDS[kind], member=member_id, reason=reason) as recording:
        db.session.add(measure)
        db.session.flush()
        recording.made(MEASURE_ROWS.name, measure.id)
    if kind != NOTE:
        enqueue("mail", kind="measure", measure=measure.id, member=member_id)
    return _entry(recording.entry_id)


def _entry(entry_id: int | None) -> int:
    assert entry_id is not None, "something changed, so it was noted"
    return entry_id


def _ask_for_reason(kind: str) -> str:
    if kind == NOTE:
        return str(gettext("Write what other moderators should know."))
    return str(gettext("Say why. The member reads it."))


def _require_first(member_id: int, kind: str) -> None:
    """Of two moderators at once, the second finds what the first decided."""
    if db.session.scalar(_standing(member_id).where(Measure.kind == kind)) is None:
        return
    if kind == MUTE:
        raise Conflict(
            gettext(
                "They are muted already. Nothing was changed; lift that first to change its end."
            )
        )
    raise Conflict(
        gettext(
            "They are suspended already. Nothing was changed; lift that first to change its end."
        )
    )


def _require_new(actor: Actor, member_id: int, kind: str, reason: str) -> None:
    """A button pressed twice must not warn twice."""
    same = Measure.kind == kind, Measure.reason == reason, Measure.placed_by == actor.id
    lately = Measure.placed_at > utcnow() - _TWICE
    if db.session.scalar(select(Measure.id).where(Measure.member_id == member_id, *same, lately)):
        raise Conflict(gettext("You have just done this with the same words. It was done once."))


def _leave_duties(member_id: int) -> None:
    if locked_administrators() == {member_id}:
        raise Conflict(last_administrator())
    give_back_all(member_id)
