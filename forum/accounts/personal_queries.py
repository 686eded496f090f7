"""What this room stores about a member, as they take it away."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from forum import db as database
from forum.accounts.models import (
    Group,
    GroupMember,
    ImportedAuthor,
    Invitation,
    LegalHold,
    Measure,
    MeasureAppeal,
    Member,
    MemberRole,
    MemberSession,
    OneTimeToken,
    Registration,
    TrustStep,
)
from forum.db import Statement
from forum.hookspecs import PersonalData

_PROFILE = (
    Member.id, Member.name, Member.email, Member.handle, Member.pronouns, Member.unit,
    Member.employer, Member.about, Member.zone, Member.language, Member.created_at,
    Member.closed_at,
)  # fmt: skip


def account_data(member_id: int) -> list[PersonalData]:
    """Account, rights, sessions, invitations, links and legal holds of a member."""
    theirs = Member.id == member_id
    elsewhere = select(ImportedAuthor.site, ImportedAuthor.external_id)
    return [
        PersonalData(
            "account", gettext("Who you are here."), _rows(select(*_PROFILE).where(theirs))
        ),
        PersonalData("rights", gettext("Your roles and groups."), _rights(member_id)),
        PersonalData(
            "sessions",
            gettext("The browsers in which you are signed in."),
            _rows(
                select(
                    MemberSession.created_at, MemberSession.expires_at, MemberSession.browser
                ).where(MemberSession.member_id == member_id)
            ),
        ),
        PersonalData(
            "invitations", gettext("Invitations from you and to you."), _invitations(member_id)
        ),
        PersonalData(
            "links", gettext("Links that were sent to you and still work."), _links(member_id)
        ),
        PersonalData("legal-holds", gettext("Legal holds on your data."), _holds(member_id)),
        PersonalData(
            "measures",
            gettext("What moderators noted about you and decided, with their reasons."),
            _measures(member_id),
        ),
        PersonalData(
            "measure-appeals",
            gettext("What you asked another moderator to look at, and what was decided then."),
            _appeals(member_id),
        ),
        PersonalData(
            "levels",
            gettext("Which levels of trust you reached and lost, and why."),
            _levels(member_id),
        ),
        PersonalData(
            "elsewhere",
            gettext("Who you were on sites that posts were imported from."),
            _rows(elsewhere.where(ImportedAuthor.member_id == member_id)),
        ),
    ]


def _rows(statement: Statement) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row._mapping) for row in database.rows(statement))


def _rights(member_id: int) -> tuple[dict[str, Any], ...]:
    roles = select(MemberRole.role).where(MemberRole.member_id == member_id)
    groups = select(Group.name.label("group")).join(GroupMember, GroupMember.group_id == Group.id)
    return _rows(roles) + _rows(groups.where(GroupMember.member_id == member_id))


def _address(member_id: int) -> Any:
    return select(func.lower(Member.email)).where(Member.id == member_id).scalar_subquery()


def _invitations(member_id: int) -> tuple[dict[str, Any], ...]:
    given = Invitation.invited_by == member_id
    taken = (Invitation.used_by == member_id) | (
        func.lower(Invitation.email) == _address(member_id)
    )
    facts = Invitation.email, Invitation.created_at, Invitation.expires_at, Invitation.used_at
    return tuple(
        {"invitation": words, **row}
        for words, which in (("from you", given), ("to you", taken))
        for row in _rows(select(*facts).where(which).order_by(Invitation.id))
    )


def _links(member_id: int) -> tuple[dict[str, Any], ...]:
    tokens = select(OneTimeToken.purpose, OneTimeToken.email, OneTimeToken.expires_at)
    asked = select(
        Registration.name,
        Registration.email,
        Registration.zone,
        Registration.language,
        Registration.expires_at,
    )
    mine = func.lower(Registration.email) == _address(member_id)
    return _rows(tokens.where(OneTimeToken.member_id == member_id)) + tuple(
        {"purpose": "registration", **row} for row in _rows(asked.where(mine))
    )


def _holds(member_id: int) -> tuple[dict[str, Any], ...]:
    facts = LegalHold.reason, LegalHold.placed_at, LegalHold.lifted_at
    return _rows(select(*facts).where(LegalHold.member_id == member_id).order_by(LegalHold.id))


def _measures(member_id: int) -> tuple[dict[str, Any], ...]:
    # Who placed or lifted one is theirs.
    facts = (
        *(Measure.kind, Measure.reason, Measure.placed_at, Measure.until),
        *(Measure.lifted_at, Measure.seen_at),
    )
    return _rows(select(*facts).where(Measure.member_id == member_id).order_by(Measure.id))


def _appeals(member_id: int) -> tuple[dict[str, Any], ...]:
    facts = (
        *(MeasureAppeal.kind, MeasureAppeal.reason, MeasureAppeal.opened_at),
        *(MeasureAppeal.closed_at, MeasureAppeal.decision, MeasureAppeal.decision_reason),
        MeasureAppeal.seen_at,
    )
    theirs = MeasureAppeal.member_id == member_id
    return _rows(select(*facts).where(theirs).order_by(MeasureAppeal.id))


def _levels(member_id: int) -> tuple[dict[str, Any], ...]:
    facts = (TrustStep.is_reached, TrustStep.because, TrustStep.at, TrustStep.seen_at)
    steps = select(Group.name.label("level"), *facts)
    steps = steps.join(Group, Group.id == TrustStep.level_id)
    return _rows(steps.where(TrustStep.member_id == member_id).order_by(TrustStep.id))
