"""What members say about themselves."""

from __future__ import annotations

from flask_babel import gettext

from forum.accounts.checks import checked_name, checked_zone
from forum.accounts.models import Member
from forum.db import db
from forum.errors import NotAllowed
from forum.permissions import Actor


def change_profile(actor: Actor, *, name: str, zone: str) -> None:
    """Change the name the others see and the zone that times are shown in.

    Raises:
        Invalid: the name or the zone cannot be taken.
    """
    if actor.id is None:
        raise NotAllowed(gettext("Sign in to do this."))
    member = db.session.get_one(Member, actor.id)
    member.name, member.zone = checked_name(name), checked_zone(zone)
