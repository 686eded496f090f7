"""What administrators do with categories."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts.checks import checked_lines
from forum.accounts.models import Grant, Group
from forum.categories.models import TITLE_LENGTH, Category
from forum.categories.queries import (
    EVERYONE,
    MEMBERS,
    MODERATORS,
    PERMISSION_OF,
    Audiences,
    audiences_in,
)
from forum.community.change_actions import note_change
from forum.db import db, savepoint
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import Actor, require
from forum.plugin_host import current_host
from forum.seen import require_as_seen
from forum.text.lines import is_readable_line

DESCRIPTION_LENGTH = 1_000
# Each that fails was overtaken by somebody else's; so many at once there are not.
_TRIES = 20
_AUDIENCE_FIELDS = ("see", "start", "reply", "curate")


@dataclass(frozen=True, slots=True)
class CategoryText:
    """What a category says, and where lists show it."""

    title: str
    description: str = ""
    position: int = 0


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
    category = Category(title=_checked_title(title))
    category.description, category.position = _checked_description(description), position
    _write_with_free_slug(category)
    _grant_to(category.id, audiences or Audiences())
    _note(actor, "category.add", category.id, after=state_of(category))
    return category


def change_category(
    actor: Actor,
    category_id: int,
    *,
    title: str,
    description: str,
    position: int,
    audiences: Audiences,
    seen: str | None = None,
) -> Category:
    """Change what a category says and who may do what in it; its address stays.

    Args:
        seen: marks of the fields as they were shown, see ``forum/seen.py``.

    Raises:
        NotFound: there is no such category.
        Invalid: the title is empty, too long, or the audiences cannot be.
        Overtaken: something of it is no longer as it was seen.
    """
    require(actor, "community.manage")
    category = _locked_category(category_id)
    before = state_of(category)
    require_as_seen(seen, before)
    category.title = _checked_title(title)
    category.description, category.position = _checked_description(description), position
    # What was granted by hand beyond these stays.
    offered = Grant.permission.in_([name for names in PERMISSION_OF.values() for name in names])
    theirs = (Grant.category_id == category.id) & (Grant.effect == "allow")
    db.session.execute(delete(Grant).where(theirs, offered))
    _grant_to(category.id, audiences)
    _note(actor, "category.change", category.id, before=before, after=state_of(category))
    current_host().with_rights_taken(None)
    return category


def remove_category(actor: Actor, category_id: int) -> None:
    """Remove a category in which no thread stands, nor stood.

    Raises:
        NotFound: there is no such category.
        Conflict: threads stand in it, some perhaps removed.
    """
    require(actor, "community.manage")
    category = _locked_category(category_id)
    before = state_of(category)
    try:
        with savepoint():
            db.session.execute(delete(Category).where(Category.id == category_id))
    except IntegrityError as error:
        raise Conflict(
            gettext(
                "Threads stand in this category, some of them perhaps removed. Move them elsewhere "
                "first, or let only moderators see it."
            )
        ) from error
    db.session.expunge(category)
    _note(actor, "category.remove", category_id, before=before)


def state_of(category: Category) -> dict[str, object]:
    """A category's fields by the names that forms and the log of changes have for them."""
    db.session.flush()
    found = audiences_in(category.id)
    return {
        "title": category.title,
        "description": category.description,
        "position": category.position,
        **{field: getattr(found, field) for field in _AUDIENCE_FIELDS},
    }


def _note(actor: Actor, kind: str, category_id: int, **values: dict[str, object]) -> None:
    told = {side: _told(state) for side, state in values.items()}
    note_change(actor, kind, subject="category", subject_id=category_id, whose=None, **told)


def _told(state: dict[str, object]) -> dict[str, object]:
    """The fields with groups by name, since nobody knows them by number; one may be gone later."""
    numbers = {str(state[field]) for field in _AUDIENCE_FIELDS} - {EVERYONE, MEMBERS, MODERATORS}
    if not numbers:
        return state
    groups = select(Group.id, Group.name).where(Group.id.in_([int(one) for one in numbers]))
    names = {str(number): f"group: {name}" for number, name in db.session.execute(groups)}
    told = {field: names.get(str(state[field]), state[field]) for field in _AUDIENCE_FIELDS}
    return state | told


def _locked_category(category_id: int) -> Category:
    # As weak as can be: who starts a thread there at this moment need not wait.
    category = db.session.get(
        Category, category_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if category is None:
        raise NotFound(gettext("There is no such category."))
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


def _write_with_free_slug(category: Category) -> None:
    for left in reversed(range(_TRIES)):
        category.slug = _free_slug(category.title)
        try:
            with savepoint():
                db.session.add(category)
        except IntegrityError:
            # Somebody added one of this title in the same moment, and has the address.
            if not left:
                raise
        else:
            return


def _free_slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: TITLE_LENGTH - 8] or "category"
    # "new" would be the address of the form.
    taken = set(db.session.scalars(select(Category.slug).where(Category.slug.startswith(slug))))
    return next(s for s in _numbered(slug) if s not in taken | {"new"})


def _numbered(slug: str) -> list[str]:
    return [slug, *(f"{slug}-{n}" for n in range(2, 1000))]


def _grant_to(category_id: int, audiences: Audiences) -> None:
    if EVERYONE in (audiences.start, audiences.reply):
        raise Invalid("start", gettext("Only members can write. Choose members or a group."))
    if audiences.curate in (EVERYONE, MEMBERS):
        raise Invalid("curate", gettext("Choose a group, or only moderators."))
    for field in _AUDIENCE_FIELDS:
        holder = _holder(field, getattr(audiences, field))
        if holder is None:
            continue
        for permission in PERMISSION_OF[field]:
            db.session.add(Grant(permission=permission, category_id=category_id, **holder))
    db.session.flush()


def _holder(field: str, audience: str) -> dict[str, str | int] | None:
    """Whom a grant names; nobody where only moderators may, who may everywhere."""
    if audience == MODERATORS:
        return None
    if audience in (EVERYONE, MEMBERS):
        return {"role": "guest" if audience == EVERYONE else "member"}
    if not audience.isascii() or not audience.isdigit():
        raise Invalid(field, gettext("Choose everyone, members or a group."))
    # Held, so that the group does not go before its rights are written.
    group = select(Group.id).where(Group.id == int(audience))
    if db.session.scalar(group.with_for_update(read=True, key_share=True)) is None:
        raise Invalid(field, gettext("This group has just been removed. Choose another."))
    return {"group_id": int(audience)}
