"""What becomes of cases and appeals that somebody had taken who may not decide them any more."""

from __future__ import annotations

from sqlalchemy import exists, select, true, update

from forum.accounts.models import MeasureAppeal, MemberRole
from forum.accounts.queries import actors_by_ids
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Post, Thread
from forum.moderation.models import Case
from forum.moderation.rules import is_for
from forum.permissions import allowed


def free_claims(member_id: int | None) -> None:
    """Free the cases and appeals that this member, or whoever it is, has taken and may not decide any
    more, so that others can at once. For the transaction that took the right. Appeals are held
    before cases, as by whoever closes their account.
    """
    _free_appeals(member_id)
    theirs = true() if member_id is None else Case.claimed_by == member_id
    taken = (
        select(Case, Post.author_id, Thread)
        .join(Post, Post.id == Case.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Case.closed_at.is_(None), Case.claimed_until > utcnow(), theirs)
        .order_by(Case.id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(taken).all()
    holders = actors_by_ids(
        {case.claimed_by for case, _, _ in found if case.claimed_by is not None}
    )
    for case, author_id, thread in found:
        holder = holders.get(case.claimed_by or 0)
        finds = holder is not None and is_for(holder, case.kind, author_id)
        if holder is None or not finds or not allowed(holder, "thread.see", thread):
            case.claimed_by = case.claimed_until = None


def _free_appeals(member_id: int | None) -> None:
    theirs = true() if member_id is None else MeasureAppeal.claimed_by == member_id
    taken = (
        select(MeasureAppeal, exists().where(MemberRole.member_id == MeasureAppeal.member_id))
        .where(MeasureAppeal.closed_at.is_(None), MeasureAppeal.claimed_until > utcnow(), theirs)
        .order_by(MeasureAppeal.id)
        .with_for_update(of=MeasureAppeal)
        .execution_options(populate_existing=True)
    )
    found = db.session.execute(taken).all()
    holders = actors_by_ids({one.claimed_by for one, _ in found if one.claimed_by is not None})
    for one, has_role in found:
        needed = ("member.moderate", *(("community.manage",) if has_role else ()))
        holder = holders.get(one.claimed_by or 0)
        if holder is None or not all(allowed(holder, name) for name in needed):
            one.claimed_by = one.claimed_until = None


def give_back_all(member_id: int) -> None:
    """Give back the cases and appeals that this member has taken. For the transaction in which they go."""
    for table in (MeasureAppeal, Case):
        db.session.execute(
            update(table)
            .where(table.claimed_by == member_id)
            .values(claimed_by=None, claimed_until=None)
            .execution_options(synchronize_session=False)
        )
