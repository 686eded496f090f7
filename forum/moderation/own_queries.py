"""Cases about what a moderator wrote or flagged themselves: another decides, where there is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask_babel import gettext
from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from forum import db as database
from forum.accounts.models import Grant, GroupMember, Member, MemberRole
from forum.accounts.queries import actors_by_ids
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread
from forum.moderation.models import Case, Flag
from forum.moderation.rules import DECIDE, FLAG, HELP_NEEDED, is_for, why_not_own
from forum.permissions import SUSPENSION, Actor, allowed
from forum.record.models import LogEntry
from forum.record.rules import Entry, define_reservation

# Of more who could decide, nobody needs to know.
MOST_ASKED = 100


class Judged(Protocol):
    """A case, and whose words it is about."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """As in the table."""

    @property
    def author_id(self) -> int:
        """Who wrote the post."""

    @property
    def category_id(self) -> int:
        """Where its thread stands."""


_reader: ColumnElement[int] = bindparam("reader")
# For statements that have joined the post. That help is given is no matter of right and wrong.
IS_OWN = or_(
    (Post.author_id == _reader) & (Case.kind != HELP_NEEDED),
    exists().where(Flag.case_id == Case.id, Flag.member_id == _reader, Flag.withdrawn_at.is_(None)),
)
_FLAGGED: Statement = select(Flag.case_id, Flag.member_id).where(
    Flag.case_id.in_(bindparam("cases", expanding=True)),
    Flag.member_id.in_(bindparam("members", expanding=True)),
    Flag.withdrawn_at.is_(None),
)
_grants = (Grant.permission == bindparam("permission")) & (Grant.effect == "allow")
_COLLEAGUES: Statement = (
    select(Member.id)
    .where(
        Member.closed_at.is_(None),
        Member.id != _reader,
        or_(
            Member.id.in_(
                select(MemberRole.member_id)
                .join(Grant, Grant.role == MemberRole.role)
                .where(_grants)
            ),
            Member.id.in_(
                select(GroupMember.member_id)
                .join(Grant, Grant.group_id == GroupMember.group_id)
                .where(_grants)
            ),
        ),
    )
    .order_by(Member.id)
    .limit(MOST_ASKED)
)


def left_to_others(actor: Actor, cases: Sequence[Judged]) -> dict[int, str]:
    """Of these cases those about the actor's own words that somebody else can decide, by number, each with
    the sentence that says so. Where nobody else can, the actor does: with as many statements for many
    cases as for one, and none where nothing could be theirs."""
    flagged = _flagged([case.id for case in cases if case.kind == FLAG], {actor.id})
    own = [case for case in cases if case.id in flagged or _is_about(actor, case)]
    colleagues = colleagues_with(actor, DECIDE) if own else []
    theirs = _flagged([case.id for case in own if case.id in flagged], {c.id for c in colleagues})
    return {
        case.id: why_not_own(case.kind)
        for case in own
        if any(_can_decide(one, case, theirs[case.id]) for one in colleagues)
    }


def _is_about(actor: Actor, case: Judged) -> bool:
    return case.author_id == actor.id and case.kind != HELP_NEEDED


def _can_decide(colleague: Actor, case: Judged, flaggers: Collection[int | None]) -> bool:
    """Whether they find the case, and did not flag the post themselves."""
    found = is_for(colleague, case.kind, case.author_id) and allowed(colleague, "thread.see", case)
    return found and colleague.id not in flaggers


def colleagues_with(actor: Actor, permission: str) -> list[Actor]:
    """The others who have a permission somewhere and can come in at this moment, 100 at most."""
    values = {"reader": actor.id, "permission": permission}
    found = [row.id for row in database.rows(_COLLEAGUES, values)]
    return [
        one
        for one in actors_by_ids(found).values()
        if one.bar is None or one.bar.kind != SUSPENSION
    ]


def _flagged(cases: Collection[int], members: Collection[int | None]) -> dict[int, set[int]]:
    """Who of these members flagged what of these cases is about, and did not take it back."""
    found: dict[int, set[int]] = defaultdict(set)
    if cases and members:
        values = {"cases": sorted(cases), "members": list(members)}
        for row in database.rows(_FLAGGED, values):
            found[row.case_id].add(row.member_id)
    return found


class Decided(Protocol):
    """An entry of the record about a case."""

    @property
    def at(self) -> datetime:
        """When it was decided."""

    @property
    def actor_id(self) -> int | None:
        """Who did."""

    @property
    def case_id(self) -> int | None:
        """About which case."""


_OWN_FLAG: Statement = select(Flag.id).where(
    Flag.case_id == bindparam("case"),
    Flag.member_id == bindparam("decider"),
    Flag.flagged_at <= bindparam("at", type_=UtcDateTime()),
    Flag.withdrawn_at.is_(None),
)


def answers_own_flag(entry: Decided) -> bool:
    """Whether somebody decided about a post that they had flagged themselves. That is for moderators, and
    not for the post's author, who does not learn who flagged it."""
    if entry.case_id is None or entry.actor_id is None:
        return False
    values = {"case": entry.case_id, "decider": entry.actor_id, "at": entry.at}
    return database.value(_OWN_FLAG, values) is not None


@dataclass(frozen=True, slots=True)
class _Flagged:
    id: int
    kind: str
    author_id: int
    category_id: int


_JUDGED: Statement = (
    select(Case.id, Case.kind, Post.author_id, Thread.category_id)
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(Case.id == bindparam("case"), Case.kind == FLAG)
)
_FIRST: Statement = (
    select(LogEntry.id)
    .join(Case, Case.appeal_of == LogEntry.id)
    .where(Case.id == bindparam("case"), LogEntry.actor_id == bindparam("reader"))
)


def _why_of_flagger(actor: Actor, entry: Entry) -> str:
    """Whoever flagged a post does not undo that a colleague found nothing wrong with it."""
    row = database.row(_JUDGED, {"case": entry.case_id})
    if row is None or entry.actor_id == actor.id or not _flagged([row.id], {actor.id}):
        return ""
    return left_to_others(actor, [_Flagged(*row)]).get(row.id, "")


def _why_of_first(actor: Actor, entry: Entry) -> str:
    """Whoever decided first does not undo what became of the appeal: it would be theirs to decide no more
    than before."""
    if database.value(_FIRST, {"case": entry.case_id, "reader": actor.id}) is None:
        return ""
    return str(gettext("You decided this yourself. Somebody else looks at the appeal."))


define_reservation("case.nothing", _why_of_flagger)
define_reservation("case.uphold", _why_of_first)
