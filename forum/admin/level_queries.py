"""Levels of trust as a list for administrators."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from forum import db as database
from forum.accounts.models import Group, GroupMember, TrustLevel
from forum.admin.listing import Column, Listing
from forum.errors import Invalid

_members = (
    select(func.count())
    .where(GroupMember.group_id == TrustLevel.group_id)
    .correlate(TrustLevel)
    .scalar_subquery()
)
LEVELS = Listing(
    name="levels",
    title=_("Levels of trust"),
    empty=_(
        "There are no levels yet: every member may the same, but for their roles and groups. With a "
        "level, members gain rights by what they do."
    ),
    source=TrustLevel.__table__.join(Group.__table__, Group.id == TrustLevel.group_id),
    key=TrustLevel.group_id.expression,
    address="/admin/levels/{}",
    columns=(
        Column("name", _("Name"), Group.name.expression, searched=True),
        Column("position", _("Position"), TrustLevel.position.expression),
        Column("days", _("Days as a member"), TrustLevel.days.expression),
        Column("posts", _("Posts"), TrustLevel.posts.expression),
        Column("answers", _("Answers"), TrustLevel.answers.expression),
        Column(
            "most_removed", _("Removed by moderators, at most"), TrustLevel.most_removed.expression
        ),
        Column("members", _("Members"), _members),
    ),
)


def level_named(name: str) -> int:
    """The number of the level of this name.

    Raises:
        Invalid: there is none.
    """
    named = select(TrustLevel.group_id).join(Group, Group.id == TrustLevel.group_id)
    found = None
    if name.isprintable():
        found = database.value(named.where(Group.name == " ".join(name.split())))
    if found is None:
        raise Invalid(
            "level", gettext("There is no level of this name. “forum levels list” shows all.")
        )
    return int(found)
