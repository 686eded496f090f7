"""What of measures about members stands in the moderators' record, and how each is undone."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.measure_queries import BARS, NOTE, WARNING, standing, standing_bar
from forum.accounts.models import Measure
from forum.accounts.role_actions import last_administrator, locked_administrators
from forum.clock import utcnow
from forum.errors import Conflict
from forum.jobs.queue import enqueue
from forum.moderation.judging_actions import judged
from forum.permissions import MUTE, SUSPENSION, Actor
from forum.record.queries import steps_of
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, Entry, Labels, define_kind, define_relation

JUDGE = "member.moderate"
# When the member read it is no part of a deed.
MEASURE_ROWS = define_relation(
    TableRelation(
        Measure,
        (
            *("member_id", "kind", "reason", "placed_at", "placed_by"),
            *("until", "lifted_at", "lifted_by"),
        ),
        labels=Labels(
            _("Measure"),
            {
                "member_id": _("Whom it is about"),
                "kind": _("What"),
                "reason": _("Reason"),
                "placed_at": _("From"),
                "placed_by": _("By"),
                "until": _("Until"),
                "lifted_at": _("Lifted"),
                "lifted_by": _("Lifted by"),
            },
            {
                NOTE: _("note"),
                WARNING: _("warning"),
                MUTE: _("mute"),
                SUSPENSION: _("suspension"),
            },
            people=frozenset({"member_id", "placed_by", "lifted_by"}),
        ),
        owner=lambda measure_id: select(Measure.member_id).where(Measure.id == measure_id),
    )
)


def _require_judge(actor: Actor, entry: Entry) -> None:
    assert entry.member_id is not None
    judged(actor, entry.member_id)


def _tell_of_end(entry: Entry) -> None:
    [step] = steps_of(entry.id)
    ended = entry.kind.removeprefix("member.")
    enqueue("mail", kind="measure_over", measure=int(step.row), ended=ended, member=entry.member_id)


def _another_stands(entry: Entry) -> str:
    """Why a lifted measure cannot stand again: one of its kind stands anew. Of two, lifting one would
    not free the member."""
    [step] = steps_of(entry.id)
    lifted = aliased(Measure)
    another = (
        select(Measure.id)
        .join(lifted, (lifted.member_id == Measure.member_id) & (lifted.kind == Measure.kind))
        .where(lifted.id == int(step.row), Measure.id != lifted.id, standing(Measure, utcnow()))
    )
    if database.value(another) is None:
        return ""
    message: str = gettext(
        "Something of this was changed since: the same was decided about them anew, and that stands. "
        "Lift that first if this is to stand again."
    )
    return message


def _stand_again(entry: Entry) -> None:
    """A measure that was lifted stands again; its member is told anew."""
    assert entry.member_id is not None
    bar = standing_bar(entry.member_id)
    if bar is not None and bar.kind == SUSPENSION and not locked_administrators():
        raise Conflict(last_administrator())
    [step] = steps_of(entry.id)
    enqueue("mail", kind="measure", measure=int(step.row), member=entry.member_id)


KINDS = {
    kind: define_kind(
        DeedKind(
            f"member.{kind}",
            words,
            JUDGE,
            _require_judge,
            after_undo=_tell_of_end if kind in BARS else None,
            has_letter=kind != NOTE,
            is_private=kind == NOTE,
        )
    ).name
    for kind, words in {
        NOTE: _("note about a member"),
        WARNING: _("member warned"),
        MUTE: _("member muted"),
        SUSPENSION: _("member suspended"),
    }.items()
}
LIFT = define_kind(
    DeedKind(
        "member.lift",
        _("mute or suspension lifted"),
        JUDGE,
        _require_judge,
        after_undo=_stand_again,
        obstacle=_another_stands,
        has_letter=True,
    )
).name
