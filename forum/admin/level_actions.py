"""What administrators decide about levels of trust: which there are, and what each asks for."""

from __future__ import annotations

from flask_babel import gettext

from forum.accounts.group_actions import add_group, delete_group, rename_group
from forum.accounts.models import TrustLevel
from forum.accounts.trust_queries import Level, trust_level
from forum.accounts.trust_rules import MOST_DAYS, MOST_POSTS, Thresholds
from forum.community.change_actions import note_change
from forum.db import db
from forum.discussion.trust_actions import settle_levels
from forum.errors import Invalid, NotFound
from forum.permissions import Actor, require
from forum.seen import require_as_seen

MOST_POSITION = 10_000


def add_level(actor: Actor, name: str, asked: Thresholds, *, position: int = 0) -> int:
    """A new level of trust with a group of this name, and everybody in it who has reached it: its number.

    Raises:
        Invalid: the name is empty, too long or taken, or a number is too small or too large.
    """
    require(actor, "community.manage")
    _require_sensible(asked, position)
    group = add_group(actor, name)
    db.session.add(TrustLevel(group_id=group.id, position=position, **asked.as_values()))
    db.session.flush()
    after = {"position": position, **asked.as_values()}
    note_change(actor, "level.add", subject="group", subject_id=group.id, after=after)
    settle_levels()
    return group.id


def change_level(
    actor: Actor,
    level_id: int,
    *,
    name: str,
    asked: Thresholds,
    position: int = 0,
    seen: str | None = None,
) -> None:
    """Have a level ask for something else; whoever then reaches or loses it does so at once.

    Args:
        seen: marks of the fields as they were shown, see ``forum/seen.py``.

    Raises:
        NotFound: there is no such level.
        Invalid: as for a new one.
        Overtaken: it has changed since it was seen.
    """
    require(actor, "community.manage")
    _require_sensible(asked, position)
    level = db.session.get(TrustLevel, level_id, with_for_update=True, populate_existing=True)
    if level is None:
        raise NotFound(gettext("There is no such level; it may have been removed meanwhile."))
    present = trust_level(level_id)
    require_as_seen(seen, shown_values(present))
    if " ".join(name.split()) != present.name:
        rename_group(actor, level_id, name)
    wanted = {"position": position, **asked.as_values()}
    before = {"position": present.position, **present.asked.as_values()}
    for field, value in wanted.items():
        setattr(level, field, value)
    db.session.flush()
    note_change(
        actor, "level.change", subject="group", subject_id=level_id, before=before, after=wanted
    )
    is_other = asked != present.asked
    settle_levels(changed=frozenset({level_id}) if is_other else frozenset())


def remove_level(actor: Actor, level_id: int) -> None:
    """Remove a level with its group. What was open to it alone is then open to moderators and
    administrators; nobody is told, and nobody has lost it by what they did.

    Raises:
        NotFound: there is no such level.
    """
    require(actor, "community.manage")
    level = db.session.get(TrustLevel, level_id, with_for_update=True, populate_existing=True)
    if level is None:
        raise NotFound(gettext("There is no such level; it may have been removed meanwhile."))
    present = trust_level(level_id)
    db.session.delete(level)
    db.session.flush()
    before = {"position": present.position, **present.asked.as_values()}
    note_change(actor, "level.remove", subject="group", subject_id=level_id, before=before)
    delete_group(actor, level_id)


def shown_values(level: Level) -> dict[str, object]:
    """The fields of a level as the form to change it has them."""
    return {"name": level.name, "position": level.position, **level.asked.as_values()}


def _require_sensible(asked: Thresholds, position: int) -> None:
    for field, value in asked.as_values().items():
        most = MOST_DAYS if field == "days" else MOST_POSTS
        if not 0 <= value <= most:
            raise Invalid(field, gettext("Enter a number from 0 to %(most)s.", most=most))
    if not -MOST_POSITION <= position <= MOST_POSITION:
        raise Invalid("position", gettext("Enter a number between -10000 and 10000."))
