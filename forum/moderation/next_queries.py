"""In which order moderators read what waits, and what each reads next.

An appeal about a measure stands behind the newest case that was opened before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from forum import db as database
from forum.clock import utcnow
from forum.db import Statement
from forum.discussion.models import Post, Thread
from forum.discussion.queries import variant, variants
from forum.moderation.measure_appeal_queries import OpenAppeal, open_measure_appeals
from forum.moderation.models import Case
from forum.moderation.own_queries import IS_OWN, left_to_others
from forum.moderation.queries import FIRST_IS_UNDONE, REASONS, WAITING, OpenCase, waiting_for
from forum.moderation.rules import CASES_A_PAGE, MEASURE, can_decide
from forum.permissions import Actor
from forum.record.models import LogEntry


@dataclass(frozen=True, slots=True)
class NextCase:
    """A case that comes next, with what tells whether a page of it that was fetched before is still
    true."""

    id: int
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    post_removed_at: datetime | None
    label: str | None
    thread_id: int
    removed_at: datetime | None
    category_id: int
    title: str
    pipeline: int
    first_is_undone: bool
    reasons: int
    author_id: int
    is_own: bool


Next = NextCase | OpenAppeal
Place = tuple[int, int]
"""Where something stands: the number of the case, or of the one that it stands behind; and that of the
appeal, or 0."""
# Of more that are their own, nobody looks at all to find one that nobody else can decide.
MOST_OWN = 25
_BEHIND: Statement = (
    select(
        *(Case.id, Case.kind, Case.opened_at, Case.closed_at),
        *(Post.version, Post.removed_at, Post.label),
        *(Thread.id, Thread.removed_at, Thread.category_id, Thread.title, Post.pipeline),
        *(FIRST_IS_UNDONE, REASONS, Post.author_id, IS_OWN),
    )
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .outerjoin(LogEntry, LogEntry.id == Case.appeal_of)
    .where(
        *WAITING,
        or_(
            Case.claimed_until.is_(None),
            Case.claimed_until <= bindparam("now"),
            Case.claimed_by == bindparam("reader"),
        ),
        # What somebody decided themselves, another looks at.
        or_(LogEntry.actor_id.is_(None), LogEntry.actor_id != bindparam("reader")),
    )
    .order_by(Case.id)
)
_GOES_ON = Case.id > bindparam("after")
_NEXT = variants(_BEHIND.limit(1), _GOES_ON)
_NEXT_OF_OTHERS = variants(_BEHIND.where(~IS_OWN).limit(1), _GOES_ON)
_OWN = variants(_BEHIND.where(IS_OWN).limit(MOST_OWN), _GOES_ON)


def case_after(actor: Actor, case_id: int, *, kind: str = "") -> NextCase | None:
    """The next open case that the actor can decide at this moment; ``None`` behind the last. What is about
    their own words is passed over where somebody else can decide it.

    Args:
        kind: of this kind alone; of all by default.
    """
    values = waiting_for(actor, kind) | {"now": utcnow(), "after": case_id}
    which = variant(actor.scope("thread.see")), True

    def found(statements: dict[tuple[str, bool], Statement]) -> list[NextCase]:
        return [NextCase(*row) for row in database.rows(statements[which], values)]

    following = found(_NEXT)
    if not following or not following[0].is_own:
        return next(iter(following), None)
    own, others = found(_OWN), found(_NEXT_OF_OTHERS)
    left = left_to_others(actor, own)
    free = [case for case in own if case.id not in left] + others
    return min(free, key=lambda case: case.id, default=None)


def next_behind(actor: Actor, place: Place, *, kind: str = "") -> Next | None:
    """What comes behind a case or an appeal about a measure that the actor can decide at this moment;
    ``None`` behind the last.

    Args:
        kind: of this kind alone; of all by default.
    """
    case = case_after(actor, place[0], kind=kind)
    appeals = open_measure_appeals(actor) if kind in ("", MEASURE) else []
    now = utcnow()
    free = [a for a in appeals if a.decider_id != actor.id and can_decide(actor, a, now)]
    behind = (one for one in free if one.place > place)
    appeal = min(behind, key=lambda one: one.place, default=None)
    if appeal is None or (case is not None and case.id <= appeal.behind):
        return case
    return appeal


def with_appeals(
    actor: Actor, found: list[OpenCase], after: int | None, *, kind: str
) -> list[OpenCase | OpenAppeal]:
    """A page of the list: its cases, and the appeals about measures that stand among them.

    Args:
        found: the cases of the page, and the first of the next one if there is one.
        after: behind which case the page begins, if it is not the first.
    """
    shown = found[:CASES_A_PAGE]
    appeals = open_measure_appeals(actor) if kind in ("", MEASURE) else []
    least = 0 if after is None else after
    most = shown[-1].id if len(found) > CASES_A_PAGE else None
    here = [one for one in appeals if least <= one.behind and (most is None or one.behind < most)]
    return sorted([*shown, *here], key=lambda one: getattr(one, "place", (one.id, 0)))
