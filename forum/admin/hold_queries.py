"""Legal holds as administrators see them: those that stand and those that were lifted."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import case, select

from forum.accounts.models import LegalHold, Member
from forum.admin.listing import Column, Filter, Listing
from forum.db import value
from forum.errors import NotFound

_STATES = {"standing": _("standing"), "lifted": _("lifted")}
_state = case((LegalHold.lifted_at.is_(None), "standing"), else_="lifted")

HOLDS = Listing(
    name="holds",
    title=_("Legal holds"),
    empty=_("No legal hold was ever placed."),
    source=LegalHold.__table__.join(Member.__table__, Member.id == LegalHold.member_id),
    key=LegalHold.id.expression,
    address="/admin/holds/{}",
    columns=(
        Column("member", _("Member"), Member.name.expression, searched=True),
        Column("member_number", _("Number"), Member.id.expression),
        Column("state", _("State"), _state, words=_STATES),
        Column("reason", _("Reason"), LegalHold.reason.expression, searched=True),
        Column("placed_at", _("Placed"), LegalHold.placed_at.expression),
        Column("lifted_at", _("Lifted"), LegalHold.lifted_at.expression),
    ),
    filters=(Filter("state", _("State"), _state, _STATES),),
)


def member_of_hold(hold_id: int) -> int:
    """Whom this hold is, or was, placed on.

    Raises:
        NotFound: there is no such hold.
    """
    found: int | None = value(select(LegalHold.member_id).where(LegalHold.id == hold_id))
    if found is None:
        raise NotFound("")
    return found
