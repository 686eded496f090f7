"""What administrators do with somebody's account: roles, sessions, a link for a new password."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete, select

from forum.accounts.actions import send_reset_link
from forum.accounts.measure_queries import suspended_members
from forum.accounts.member_queries import require_active
from forum.accounts.models import Member, MemberRole, MemberSession
from forum.accounts.queries import member_by_email
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import Actor, require
from forum.plugin_host import current_host

GIVEN_ROLES = ("moderator", "admin")


def give_role(actor: Actor, email: str, role: str) -> bool:
    """Make the member with this address moderator or administrator: whether they were not.

    Raises:
        Invalid: no such member or role.
    """
    require(actor, "community.manage")
    member = member_by_email(email)
    if member is None:
        raise Invalid("email", gettext("No member has this address."))
    return give_role_to(actor, member.id, role)


def give_role_to(actor: Actor, member_id: int, role: str, *, keep: int | None = None) -> bool:
    """Make a member moderator or administrator: whether they were not. Their sessions end.

    Args:
        keep: the session in which it is asked for, which goes on if it is the member's own.

    Raises:
        NotFound: there is no such member.
        Invalid: no such role.
        Conflict: the account is closed, or of an imported author, so that nobody could use it.
    """
    require(actor, "community.manage")
    _require_role(role)
    member = _locked_member(member_id)
    require_active(member)
    if db.session.get(MemberRole, (member_id, role)) is not None:
        return False
    db.session.add(MemberRole(member_id=member_id, role=role))
    _end_sessions(member_id, keep)
    _note(actor, "role.give", member_id, after={"role": role})
    # About who has a role, not everybody decides any more that did before.
    current_host().with_rights_taken(None)
    return True


def take_role_from(actor: Actor, member_id: int, role: str, *, keep: int | None = None) -> bool:
    """Take a role from a member, administrators too: whether they had it. Their sessions end.

    Args:
        keep: the session in which it is asked for, which goes on if it is the member's own.

    Raises:
        NotFound: there is no such member.
        Invalid: no such role.
        Conflict: nobody else administers the community.
    """
    require(actor, "community.manage")
    _require_role(role)
    _locked_member(member_id)
    if role == "admin" and locked_administrators() == {member_id}:
        raise Conflict(last_administrator())
    held = db.session.get(MemberRole, (member_id, role), populate_existing=True)
    if held is None:
        return False
    db.session.delete(held)
    _end_sessions(member_id, keep)
    _note(actor, "role.take", member_id, before={"role": role})
    current_host().with_rights_taken(member_id)
    return True


def last_administrator() -> str:
    """Why somebody must keep the role who alone has it, and what to do."""
    return str(
        gettext(
            "This is the only administrator, and without one nobody could give the role back. "
            "Make somebody else administrator first."
        )
    )


def locked_administrators() -> set[int]:
    """The ids of all administrators who are not suspended, held until the end of the transaction."""
    # In one order, so that of two who leave at once the second waits and finds the first gone.
    held = select(MemberRole.member_id).where(MemberRole.role == "admin")
    everybody = set(db.session.scalars(held.order_by(MemberRole.member_id).with_for_update()))
    return everybody - set(db.session.scalars(suspended_members(utcnow())))


def end_sessions_of(actor: Actor, member_id: int, *, keep: int | None = None) -> int:
    """Sign a member out everywhere: how many sessions ended.

    Raises:
        NotFound: there is no such member.
    """
    require(actor, "community.manage")
    _locked_member(member_id)
    ended = _end_sessions(member_id, keep)
    _note(actor, "member.sessions", member_id)
    return ended


def have_password_reset(actor: Actor, member_id: int) -> None:
    """Have a letter take a link for a new password to the member's own address.

    Raises:
        NotFound: there is no such member.
        Conflict: the account is closed, or of an imported author: there is no address.
    """
    require(actor, "community.manage")
    member = _locked_member(member_id)
    require_active(member)
    send_reset_link(member.email or "")
    _note(actor, "member.reset", member_id)


def _require_role(role: str) -> None:
    if role not in GIVEN_ROLES:
        raise Invalid("role", gettext("The roles are moderator and admin."))


def _locked_member(member_id: int) -> Member:
    # As weak as can be: a member who writes a post at this moment need not wait.
    member = db.session.get(
        Member, member_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if member is None:
        raise NotFound(gettext("There is no such member."))
    return member


def _end_sessions(member_id: int, keep: int | None) -> int:
    theirs = MemberSession.member_id == member_id
    ended = delete(MemberSession).where(theirs, MemberSession.id.is_distinct_from(keep))
    return len(db.session.execute(ended.returning(MemberSession.id)).all())


def _note(actor: Actor, kind: str, member_id: int, **values: dict[str, object]) -> None:
    note_change(actor, kind, subject="member", subject_id=member_id, whose=member_id, **values)
