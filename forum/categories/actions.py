"""What administrators do with categories."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, select

from forum.accounts.checks import checked_lines
from forum.accounts.models import Grant
from forum.categories.models import TITLE_LENGTH, Category
from forum.db import db
from forum.errors import Invalid, NotFound
from forum.permissions import Actor, require
from forum.text.lines import is_readable_line

EVERYONE, MEMBERS = "everyone", "members"
DESCRIPTION_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class Audiences:
    """Who may see, start and reply: ``everyone``, ``members``, or the id of a group as text.

    Guests cannot write, so ``everyone`` is open to ``see`` only.
    """

    see: str = EVERYONE
    start: str = MEMBERS
    reply: str = MEMBERS


def add_category(
    actor: Actor,
    *,
    title: str,
    description: str = "",
    position: int = 0,
    audiences: Audiences | None = None,
) -> Category:
    """A new category, whose address is made from its title.

    Raises:
        Invalid: the title is empty, too long, or the audiences cannot be.
    """
    require(actor, "community.manage")
    category = Category(title=_checked_title(title), slug=_free_slug(title))
    category.description, category.position = _checked_description(description), position
    db.session.add(category)
    db.session.flush()
    _grant_to(category, audiences or Audiences())
    return category


def change_category(
    actor: Actor,
    category_id: int,
    *,
    title: str,
    description: str,
    position: int,
    audiences: Audiences,
) -> Category:
    """Change what a category says and who may do what in it; its address stays.

    Raises:
        NotFound: there is no such category.
        Invalid: the title is empty, too long, or the audiences cannot be.
    """
    require(actor, "community.manage")
    category = db.session.get(Category, category_id)
    if category is None:
        raise NotFound(gettext("There is no such category."))
    category.title = _checked_title(title)
    category.description, category.position = _checked_description(description), position
    db.session.execute(
        delete(Grant).where(Grant.category_id == category.id, Grant.effect == "allow")
    )
    _grant_to(category, audiences)
    return category


def _checked_title(title: str) -> str:
    folded = " ".join(title.split())
    if not folded or len(folded) > TITLE_LENGTH:
        message = gettext(
            "Give the category a title of up to %(most)d characters.", most=TITLE_LENGTH
        )
        raise Invalid("title", message)
    if not is_readable_line(folded):
        raise Invalid("title", gettext("Leave invisible characters out of the title."))
    return folded


def _checked_description(description: str) -> str:
    return checked_lines("description", description, most=DESCRIPTION_LENGTH)


def _free_slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: TITLE_LENGTH - 8] or "category"
    # "new" would be the address of the form.
    taken = set(db.session.scalars(select(Category.slug).where(Category.slug.startswith(slug))))
    return next(s for s in _numbered(slug) if s not in taken | {"new"})


def _numbered(slug: str) -> list[str]:
    return [slug, *(f"{slug}-{n}" for n in range(2, 1000))]


def _grant_to(category: Category, audiences: Audiences) -> None:
    if EVERYONE in (audiences.start, audiences.reply):
        raise Invalid("start", gettext("Only members can write. Choose members or a group."))
    for permission, audience in (
        ("thread.see", audiences.see),
        ("thread.start", audiences.start),
        ("thread.reply", audiences.reply),
        ("post.edit_own", audiences.reply),
    ):
        db.session.add(_grant(category, permission, audience))


def _grant(category: Category, permission: str, audience: str) -> Grant:
    if audience == EVERYONE:
        return Grant(permission=permission, role="guest", category_id=category.id)
    if audience == MEMBERS:
        return Grant(permission=permission, role="member", category_id=category.id)
    if not audience.isascii() or not audience.isdigit():
        raise Invalid("see", gettext("Choose everyone, members or a group."))
    return Grant(permission=permission, group_id=int(audience), category_id=category.id)
