"""Invitations as administrators see them: whom they are for, and what has become of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Invitation, Member
from forum.admin.listing import Column, Filter, Listing
from forum.clock import utcnow
from forum.db import UtcDateTime
from forum.errors import NotFound

_STATES = {"open": _("open"), "used": _("used"), "expired": _("expired")}
_inviter, _guest = aliased(Member), aliased(Member)
_state = case(
    (Invitation.used_at.is_not(None), "used"),
    (Invitation.expires_at > bindparam("now", type_=UtcDateTime), "open"),
    else_="expired",
)

INVITATIONS = Listing(
    name="invitations",
    title=_("Invitations"),
    empty=_("Nobody was invited yet."),
    source=Invitation.__table__.outerjoin(_inviter, _inviter.id == Invitation.invited_by).outerjoin(
        _guest, _guest.id == Invitation.used_by
    ),
    key=Invitation.id.expression,
    address="/admin/invitations/{}",
    columns=(
        Column("number", _("Number"), Invitation.id.expression),
        Column(
            "email",
            _("E-mail address"),
            Invitation.email.expression,
            searched=True,
            words={"": _("whoever has the link")},
        ),
        Column("state", _("State"), _state, words=_STATES),
        Column("created_at", _("Invited"), Invitation.created_at.expression),
        Column("expires_at", _("Open until"), Invitation.expires_at.expression),
        Column("used_at", _("Used"), Invitation.used_at.expression),
        Column("invited_by", _("Invited by"), _inviter.name.expression, searched=True),
        Column("used_by", _("Used by"), _guest.name.expression, searched=True),
    ),
    filters=(Filter("state", _("State"), _state, _STATES),),
)


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """One invitation; ``email`` is empty when it is for whoever has the link."""

    id: int
    email: str
    expires_at: datetime
    used_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and self.expires_at > utcnow()


def invitation_facts(invitation_id: int) -> InvitationFacts:
    """The invitation of this number.

    Raises:
        NotFound: it was withdrawn, or never was.
    """
    statement = select(
        Invitation.id, Invitation.email, Invitation.expires_at, Invitation.used_at
    ).where(Invitation.id == invitation_id)
    found = database.row(statement)
    if found is None:
        raise NotFound(gettext("There is no such invitation; it may have been withdrawn."))
    return InvitationFacts(*found)
