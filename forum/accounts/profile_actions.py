"""What members say about themselves."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from forum.accounts.checks import (
    checked_language,
    checked_line,
    checked_lines,
    checked_name,
    checked_zone,
)
from forum.accounts.handle_actions import is_taken
from forum.accounts.models import ABOUT_LENGTH, PRONOUNS_LENGTH, UNIT_LENGTH, Member
from forum.db import db, savepoint
from forum.errors import Invalid
from forum.permissions import Actor, require_member
from forum.text.handles import is_handle


@dataclass(frozen=True, slots=True)
class ProfileText:
    """What a member has typed about themselves. Only name, handle and zone must be something."""

    name: str
    handle: str
    zone: str
    pronouns: str = ""
    unit: str = ""
    employer: str = ""
    about: str = ""
    language: str = "en"


def change_profile(actor: Actor, text: ProfileText) -> None:
    """Change what the others see of the actor, their language, and the zone that times are shown in.

    Raises:
        Invalid: a field cannot be taken, or somebody else has the handle.
    """
    member = db.session.get_one(Member, require_member(actor))
    member.name, member.zone = checked_name(text.name), checked_zone(text.zone)
    member.language = checked_language(text.language)
    member.pronouns = checked_line("pronouns", text.pronouns, most=PRONOUNS_LENGTH)
    member.unit = checked_line("unit", text.unit, most=UNIT_LENGTH)
    member.employer = checked_line("employer", text.employer, most=UNIT_LENGTH)
    member.about = checked_lines("about", text.about, most=ABOUT_LENGTH)
    db.session.flush()
    _change_handle(member, text.handle)


def _change_handle(member: Member, typed: str) -> None:
    handle = typed.strip().removeprefix("@").lower()
    if handle == member.handle:
        return
    if not is_handle(handle):
        message = gettext(
            "Choose a handle of up to 40 letters from a to z, digits, dots, hyphens and "
            "underscores, with a letter or digit at both ends."
        )
        raise Invalid("handle", message)
    taken = Invalid("handle", gettext("Somebody has this handle. Choose another."))
    if is_taken(handle):
        raise taken
    try:
        with savepoint():
            member.handle = handle
    except IntegrityError as error:
        # Somebody took it in this moment.
        raise taken from error
