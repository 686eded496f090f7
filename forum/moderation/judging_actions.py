"""A member about whom a moderator decides: nobody else at it, and nobody who may not."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.member_queries import require_active
from forum.accounts.models import Member, MemberRole
from forum.db import db
from forum.errors import NotFound
from forum.moderation.rules import require_may_judge
from forum.permissions import Actor


def judged(actor: Actor, member_id: int) -> Member:
    """The member, whose row is held for the rest of the transaction.

    Raises:
        NotFound: there is no such member.
        NotAllowed: the actor does not decide about them.
        Conflict: the account is closed, or of an imported author.
    """
    # As weak as can be: a member who writes a post at this moment need not wait.
    member = db.session.get(
        Member, member_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if member is None:
        raise NotFound(gettext("There is no such member."))
    roles = db.session.scalars(select(MemberRole.role).where(MemberRole.member_id == member_id))
    require_may_judge(actor, member_id, roles.all())
    require_active(member)
    return member
