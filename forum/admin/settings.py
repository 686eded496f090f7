"""What the community decides about how long things are kept."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from forum.community.settings import Days, DaysOrEver, Setting, define

LONGEST = 3650


def _days(name: str, default: int, label: Any, help_: Any, *, least: int = 1) -> Setting[int]:
    kind = Days(least, LONGEST)
    return define(Setting(name, "keeping", kind, default, label, help_))


def _days_or_ever(name: str, default: int | None, label: Any, help_: Any) -> Setting[int | None]:
    kind = DaysOrEver(1, LONGEST)
    return define(Setting(name, "keeping", kind, default, label, help_))


SESSIONS = _days(
    "keep_sessions",
    0,
    _("Days for which ended sessions are kept"),
    _(
        "Browser and times of a session that has run out. One that somebody ended themselves is "
        "deleted at once."
    ),
    least=0,
)
INVITATIONS = _days(
    "keep_invitations",
    90,
    _("Days for which used and expired invitations are kept"),
    _("They name addresses, and who invited whom. Counted from the day on which they expire."),
)
LETTERS = _days_or_ever(
    "keep_letters",
    90,
    _("Days for which it is kept that a letter was sent"),
    _("To whom, when and of what kind; what it said is never kept."),
)
FAILED_JOBS = _days_or_ever(
    "keep_failed_jobs",
    90,
    _("Days for which work is kept that was set aside"),
    _("It may name somebody, such as a letter that could not be sent."),
)
NOTIFICATIONS = _days_or_ever(
    "keep_notifications",
    365,
    _("Days for which notifications that were read are kept"),
    _("Counted from when they came. Those that are unread stay."),
)
DRAFTS = _days_or_ever(
    "keep_drafts",
    None,
    _("Days for which drafts are kept that nobody touched"),
    _("Nobody is asked before. Without an end nothing that a member wrote is lost."),
)
CHANGES = _days_or_ever(
    "keep_changes",
    1095,
    _("Days for which the log of changes is kept"),
    _("What administrators changed, before and after."),
)
CASES = _days_or_ever(
    "keep_cases",
    None,
    _("Days for which the words of closed cases are kept"),
    _(
        "Why a post waited for a moderator, what those who flagged it and the moderators said, and "
        "moderators' notes. When and how it was decided stays."
    ),
)
