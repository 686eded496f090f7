"""What administrators do with groups and roles."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete, select

from forum.accounts.models import Group, GroupMember, MemberRole
from forum.accounts.queries import member_by_email
from forum.db import db
from forum.errors import Invalid
from forum.permissions import Actor, require
from forum.text.lines import is_readable_line


def add_group(actor: Actor, name: str) -> Group:
    """A new group without members.

    Raises:
        Invalid: the name is empty, too long, taken, or has characters that cannot be seen.
    """
    require(actor, "community.manage")
    name = " ".join(name.split())
    if not name or len(name) > 80:
        raise Invalid("name", gettext("Give the group a name of up to 80 characters."))
    if not is_readable_line(name):
        raise Invalid("name", gettext("Leave invisible characters out of the name."))
    if db.session.scalar(select(Group.id).where(Group.name == name)) is not None:
        raise Invalid("name", gettext("There is a group of this name."))
    group = Group(name=name)
    db.session.add(group)
    db.session.flush()
    return group


def add_to_group(actor: Actor, group_name: str, email: str) -> None:
    """Put a member into a group; nothing changes when they are in it.

    Raises:
        Invalid: there is no such group or no such member.
    """
    require(actor, "community.manage")
    group_id, member_id = _group_and_member(group_name, email)
    db.session.merge(GroupMember(group_id=group_id, member_id=member_id))


def remove_from_group(actor: Actor, group_name: str, email: str) -> None:
    """Take a member out of a group; nothing changes when they are not in it.

    Raises:
        Invalid: there is no such group or no such member.
    """
    require(actor, "community.manage")
    group_id, member_id = _group_and_member(group_name, email)
    db.session.execute(
        delete(GroupMember).where(
            GroupMember.group_id == group_id, GroupMember.member_id == member_id
        )
    )


def _group_and_member(group_name: str, email: str) -> tuple[int, int]:
    group_id = db.session.scalar(select(Group.id).where(Group.name == group_name))
    if group_id is None:
        raise Invalid("group", gettext("There is no group of this name. Make it first."))
    member = member_by_email(email)
    if member is None:
        raise Invalid("email", gettext("No member has this address."))
    return group_id, member.id


def give_role(actor: Actor, email: str, role: str) -> None:
    """Make a member moderator or administrator; nothing changes when they are.

    Raises:
        Invalid: no such member or role.
    """
    require(actor, "community.manage")
    if role not in ("moderator", "admin"):
        raise Invalid("role", gettext("The roles are moderator and admin."))
    member = member_by_email(email)
    if member is None:
        raise Invalid("email", gettext("No member has this address."))
    db.session.merge(MemberRole(member_id=member.id, role=role))
