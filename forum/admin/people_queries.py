"""Members and groups as lists for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, exists, func, select

from forum import db as database
from forum.accounts.member_queries import roles, state
from forum.accounts.models import Grant, Group, GroupMember, Member, MemberRole
from forum.accounts.trust_queries import is_level
from forum.admin.listing import Column, Filter, Listing
from forum.categories.models import Category
from forum.errors import Invalid, NotFound
from forum.permissions import HELP

STATES = {
    "active": _("active"),
    "closed": _("closed"),
    "imported": _("imported"),
    "stand-in": _("stands in for others"),
}
ROLES = {"moderator": _("moderator"), "admin": _("administrator")}
_BOTH = _("administrator, moderator")
_HELD = {**ROLES, "admin moderator": _BOTH, "moderator admin": _BOTH}


def _has_role(role: str) -> ColumnElement[bool]:
    held = select(MemberRole.role).where(MemberRole.member_id == Member.id, MemberRole.role == role)
    return held.correlate(Member).exists()


def _is_in(group_id: str) -> ColumnElement[bool]:
    inside = select(GroupMember.group_id).where(
        GroupMember.member_id == Member.id, GroupMember.group_id == int(group_id)
    )
    return inside.correlate(Member).exists()


def members_of(groups: Sequence[tuple[int, str]]) -> Listing:
    """All members; ``groups`` are those by which they can be filtered: (id, name)."""
    by_group = Filter("group", _("Group"), _is_in, {str(key): name for key, name in groups})
    return replace(_MEMBERS, filters=(*_MEMBERS.filters, by_group)) if groups else _MEMBERS


_MEMBERS = Listing(
    name="members",
    title=_("Members"),
    empty=_("There are no members yet."),
    source=Member.__table__,
    key=Member.id.expression,
    address="/admin/members/{}",
    columns=(
        Column("number", _("Number"), Member.id.expression),
        Column("name", _("Name"), Member.name.expression, searched=True),
        Column("handle", _("Handle"), Member.handle.expression, searched=True),
        Column("email", _("E-mail address"), Member.email.expression, searched=True),
        Column("state", _("Account"), state, words=STATES),
        Column("roles", _("Roles"), roles, words=_HELD),
        Column("created_at", _("Since"), Member.created_at.expression),
    ),
    filters=(
        Filter("role", _("Role"), _has_role, ROLES),
        Filter("state", _("Account"), state, STATES),
    ),
)


def members_in(group_id: int) -> Listing:
    """Who is in this group."""
    inside = Member.__table__.join(
        GroupMember.__table__,
        (GroupMember.member_id == Member.id) & (GroupMember.group_id == group_id),
    )
    return replace(
        _MEMBERS, name="group-members", source=inside, empty=_("Nobody is in this group.")
    )


_members = (
    select(func.count()).where(GroupMember.group_id == Group.id).correlate(Group).scalar_subquery()
)
_categories = (
    select(func.count(Grant.category_id.distinct()))
    .where(Grant.group_id == Group.id)
    .correlate(Group)
    .scalar_subquery()
)
GROUPS = Listing(
    name="groups",
    title=_("Groups"),
    empty=_("There are no groups yet. A category can be open to a group alone."),
    source=Group.__table__,
    key=Group.id.expression,
    address="/admin/groups/{}",
    columns=(
        Column("number", _("Number"), Group.id.expression),
        Column("name", _("Name"), Group.name.expression, searched=True),
        Column("members", _("Members"), _members),
        Column("categories", _("Categories that name it"), _categories),
    ),
)


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group: how many are in it, which categories allow it what: (title, permission), whether
    it helps authors with accessibility, and whether it is a level of trust."""

    id: int
    name: str
    members: int
    categories: tuple[tuple[str, str], ...]
    helps: bool = False
    is_level: bool = False


def group_facts(group_id: int) -> GroupFacts:
    """What would change if this group went.

    Raises:
        NotFound: there is no such group.
    """
    row = database.row(
        select(Group.id, Group.name, _members.label("members")).where(Group.id == group_id)
    )
    if row is None:
        raise NotFound(gettext("There is no such group; it may have been deleted meanwhile."))
    named = (
        select(Category.title, Grant.permission)
        .join(Grant, Grant.category_id == Category.id)
        .where(Grant.group_id == group_id)
        .order_by(Category.position, Category.title, Grant.id)
    )
    categories = tuple((r.title, r.permission) for r in database.rows(named))
    everywhere = Grant.category_id.is_(None) & (Grant.permission == HELP)
    helps = select(exists().where(Grant.group_id == group_id, everywhere))
    helps_authors = bool(database.value(helps))
    return GroupFacts(row.id, row.name, row.members, categories, helps_authors, is_level(row.id))


def group_named(name: str) -> int:
    """The id of the group of this name.

    Raises:
        Invalid: there is none.
    """
    found = None
    if name.isprintable():
        found = database.value(select(Group.id).where(Group.name == " ".join(name.split())))
    if found is None:
        raise Invalid(
            "group", gettext("There is no group of this name. “forum groups list” shows all.")
        )
    return int(found)
