"""What letters to administrators say."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from forum.accounts.models import Member
from forum.accounts.queries import CommunityFacts
from forum.config import current_settings
from forum.db import db
from forum.spoken import recalled

Content = tuple[str, str, str]


def backup_failed(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    """That there is no newer backup: address, subject and text; ``None`` for who cannot be written to."""
    del community
    member = _reader(arguments)
    if member is None:
        return None
    body = gettext(
        "Hello %(name)s,\n\n"
        "the forum could not make its backup. It goes on trying for about ten minutes.\n\n"
        "Run the command “forum backup” where the forum is installed: it says why, and what to do. "
        "Until then the newest backup is an older one.\n\n"
        "What was tried and failed stands here:\n\n%(link)s",
        name=member.name,
        link=_address("admin/jobs"),
    )
    return str(member.email), gettext("The forum could not make its backup"), body


def told_to_administrators(arguments: dict[str, Any], community: CommunityFacts) -> Content | None:
    """What ``tell_administrators`` was given."""
    del community
    member = _reader(arguments)
    if member is None:
        return None
    body = gettext(
        "Hello %(name)s,\n\n%(words)s\n\n%(link)s",
        name=member.name,
        words=recalled(arguments["words"]),
        link=_address(str(arguments["path"])),
    )
    return str(member.email), recalled(arguments["subject"]), body


def _reader(arguments: dict[str, Any]) -> Member | None:
    member = db.session.get(Member, arguments["member"])
    return None if member is None or member.email is None else member


def _address(path: str) -> str:
    return f"{current_settings().base_url}/{path.lstrip('/')}"
