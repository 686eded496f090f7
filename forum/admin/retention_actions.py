"""Removing what is older than the community wants to keep. The clock decides; nothing of a member on
whom a legal hold stands is removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, delete, func, or_, select, update
from sqlalchemy.orm import QueryableAttribute

from forum.accounts.hold_queries import held_members
from forum.accounts.models import Invitation, MeasureAppeal, Member, MemberSession
from forum.admin import settings
from forum.clock import utcnow
from forum.community.models import Change, ChangeValue
from forum.community.setting_queries import value_of
from forum.community.settings import Setting
from forum.db import db
from forum.discussion.models import Draft, Post
from forum.jobs.models import Job
from forum.moderation.models import Case, CaseNote, Flag
from forum.notifications.models import Notification, SentMail
from forum.permissions import Actor, require

BATCH = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one kind: which setting says for how long, from when that counts, which of them it is
    about, and which of those are somebody's on whom a hold stands. With ``emptied`` they stay,
    without their words."""

    setting: Setting[Any]
    key: QueryableAttribute[int]
    since: ColumnElement[Any]
    held: ColumnElement[bool]
    which: ColumnElement[bool] | None = None
    emptied: Mapping[str, str] = field(default_factory=dict)


def remove_old(actor: Actor) -> bool:
    """Remove some of what is over its time: whether there may be more.

    Raises:
        NotAllowed: the actor does not manage the community.
    """
    require(actor, "community.manage")
    # All of them: each kind has its turn.
    goes_on = [_remove_some(kept) for kept in KEPT]
    return any(goes_on)


def _remove_some(kept: Kept) -> bool:
    days: int | None = value_of(kept.setting)
    if days is None:
        return False
    conditions = [kept.since <= utcnow() - timedelta(days=days), ~kept.held]
    if kept.which is not None:
        conditions.append(kept.which)
    found = select(kept.key).where(*conditions).order_by(kept.key).limit(BATCH)
    keys = db.session.scalars(found.with_for_update(skip_locked=True, of=kept.key.class_)).all()
    if keys:
        table, these = kept.key.class_, kept.key.in_(keys)
        change = update(table).values(kept.emptied) if kept.emptied else delete(table)
        options = {"synchronize_session": False}
        db.session.execute(change.where(these).execution_options(**options))
    return len(keys) == BATCH


def _is_held(*members: Any) -> ColumnElement[bool]:
    # Nobody's id is 0; of NULL the database would not know.
    return or_(*(func.coalesce(member, 0).in_(held_members()) for member in members))


def _is_of_held(address: Any) -> ColumnElement[bool]:
    theirs = select(func.lower(Member.email)).where(
        Member.email.is_not(None), Member.id.in_(held_members())
    )
    return func.lower(func.coalesce(address, "")).in_(theirs)


def _argument(name: str) -> ColumnElement[str]:
    return cast(Job.arguments[name].as_string(), String)


def _is_job_of_held() -> ColumnElement[bool]:
    ids = select(cast(Member.id, String)).where(Member.id.in_(held_members()))
    of_held = func.coalesce(_argument("member"), "").in_(ids)
    return or_(of_held, _is_of_held(_argument("to")), _is_of_held(_argument("email")))


def _is_change_of_held() -> ColumnElement[bool]:
    values = select(ChangeValue.change_id).where(ChangeValue.member_id.in_(held_members()))
    about = and_(Change.subject == "member", _is_held(Change.subject_id))
    return or_(_is_held(Change.actor_id), about, Change.id.in_(values))


def _closed_at(case_id: Any) -> Any:
    return select(Case.closed_at).where(Case.id == case_id).scalar_subquery()


def _is_case_of_held(case_id: Any) -> ColumnElement[bool]:
    theirs = select(Case.id).join(Post, Post.id == Case.post_id).where(_is_held(Post.author_id))
    return and_(case_id.in_(theirs))


def _noted_at() -> ColumnElement[Any]:
    """When a note counts from: moderators can note something after the decision, too."""
    closed_at = _closed_at(CaseNote.case_id)
    return case((CaseNote.written_at > closed_at, CaseNote.written_at), else_=closed_at)


KEPT = (
    Kept(
        settings.SESSIONS,
        MemberSession.id,
        MemberSession.expires_at.expression,
        _is_held(MemberSession.member_id),
    ),
    Kept(
        settings.INVITATIONS,
        Invitation.id,
        Invitation.expires_at.expression,
        or_(_is_held(Invitation.invited_by, Invitation.used_by), _is_of_held(Invitation.email)),
    ),
    Kept(
        settings.LETTERS,
        SentMail.id,
        SentMail.created_at.expression,
        or_(_is_held(SentMail.member_id), _is_of_held(SentMail.recipient)),
        SentMail.state != "waiting",
    ),
    Kept(
        settings.FAILED_JOBS,
        Job.id,
        Job.run_at.expression,
        _is_job_of_held(),
        Job.state == "set aside",
    ),
    Kept(
        settings.NOTIFICATIONS,
        Notification.id,
        Notification.created_at.expression,
        _is_held(Notification.member_id),
        Notification.seen_at.is_not(None),
    ),
    Kept(settings.DRAFTS, Draft.id, Draft.saved_at.expression, _is_held(Draft.member_id)),
    Kept(settings.CHANGES, Change.id, Change.at.expression, _is_change_of_held()),
    Kept(
        settings.CASES,
        Case.id,
        Case.closed_at.expression,
        Case.post_id.in_(select(Post.id).where(_is_held(Post.author_id))),
        and_(Case.closed_at.is_not(None), or_(Case.reason != "", Case.decision_reason != "")),
        {"reason": "", "decision_reason": ""},
    ),
    Kept(
        settings.CASES,
        MeasureAppeal.id,
        MeasureAppeal.closed_at.expression,
        _is_held(MeasureAppeal.member_id),
        and_(
            MeasureAppeal.closed_at.is_not(None),
            or_(MeasureAppeal.reason != "", MeasureAppeal.decision_reason != ""),
        ),
        {"reason": "", "decision_reason": ""},
    ),
    Kept(
        settings.CASES,
        Flag.id,
        _closed_at(Flag.case_id),
        or_(_is_held(Flag.member_id), _is_case_of_held(Flag.case_id)),
        and_(_closed_at(Flag.case_id).is_not(None), Flag.words != ""),
        {"words": ""},
    ),
    Kept(
        settings.CASES,
        CaseNote.id,
        _noted_at(),
        or_(_is_held(CaseNote.member_id), _is_case_of_held(CaseNote.case_id)),
        _closed_at(CaseNote.case_id).is_not(None),
    ),
)
