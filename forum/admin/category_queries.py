"""Categories as a list for administrators, with who may do what in each."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, case, func, select

from forum.accounts.models import Grant, Group
from forum.admin.listing import Column, Listing
from forum.categories.models import Category
from forum.categories.queries import (
    EVERYONE,
    MEMBERS,
    MODERATORS,
    PERMISSION_OF,
    CategoryRow,
    all_categories,
)
from forum.errors import NotFound

_WHO = {
    EVERYONE: _("everyone"),
    MEMBERS: _("all members"),
    MODERATORS: _("moderators only"),
}


def _who_may(field: str) -> ColumnElement[str]:
    # The words that commands take. A group could be called "members".
    role = case({"guest": EVERYONE, "member": MEMBERS}, value=Grant.role, else_=Grant.role)
    who = func.max(func.coalesce(role, "group: " + Group.name))
    allowed = (
        select(who)
        .select_from(Grant)
        .outerjoin(Group, Group.id == Grant.group_id)
        .where(
            Grant.category_id == Category.id,
            Grant.permission == PERMISSION_OF[field][0],
            Grant.effect == "allow",
        )
        .correlate(Category)
    )
    return func.coalesce(allowed.scalar_subquery(), MODERATORS)


CATEGORIES = Listing(
    name="categories",
    title=_("Categories"),
    empty=_("There are no categories yet."),
    source=Category.__table__,
    key=Category.id.expression,
    address="/admin/categories/{}",
    columns=(
        Column("number", _("Number"), Category.id.expression),
        Column("title", _("Title"), Category.title.expression, searched=True),
        Column("address", _("Address"), Category.slug.expression, searched=True),
        Column("position", _("Position"), Category.position.expression),
        Column("see", _("May see it"), _who_may("see"), words=_WHO),
        Column("start", _("May start threads"), _who_may("start"), words=_WHO),
        Column("reply", _("May reply"), _who_may("reply"), words=_WHO),
        Column("curate", _("Curates"), _who_may("curate"), words=_WHO),
    ),
)


def category_at(address: str) -> CategoryRow:
    """The category whose address ends so, for those who manage them all.

    Raises:
        NotFound: there is none.
    """
    wanted = address.removeprefix("/c/")
    found = next((c for c in all_categories() if c.slug == wanted), None)
    if found is None:
        raise NotFound(
            gettext("No category has this address. “forum categories list” shows them all.")
        )
    return found
