"""What each role may do, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from forum import db as database
from forum.accounts.models import ROLES, Grant
from forum.permissions import HELP, PERMISSIONS, Scope, scopes_from
from forum.plugin_host import current_host

WORDS = {
    "thread.see": _("See threads"),
    "thread.start": _("Start threads"),
    "thread.reply": _("Reply"),
    "post.edit_own": _("Change their own posts"),
    "post.edit_any": _("Change posts of others"),
    "post.flag": _("Flag posts for moderators"),
    "thread.curate": _("Lock, pin, move and remove threads, and remove posts"),
    "case.decide": _("Decide what waits in moderation"),
    "member.moderate": _("Note, warn, mute and suspend members"),
    HELP: _("Help authors with accessibility: mend their posts, and tell them"),
    "community.manage": _("Administer the community: all of these pages"),
}
YES, SOME, NO = "yes", "some", "no"


@dataclass(frozen=True, slots=True)
class PermissionRow:
    """A permission, and for each role in order whether it has it: ``yes``, in ``some`` categories,
    ``no``. ``name`` is what it is called in the database."""

    name: str
    words: Any
    held: tuple[str, ...]


def permission_rows() -> list[PermissionRow]:
    """All permissions, those of running plugins too."""
    scopes = [_scopes_of(role) for role in ROLES]
    named = [*((name, WORDS[name]) for name in PERMISSIONS), *_brought()]
    return [
        PermissionRow(name, words, tuple(_held(found.get(name)) for found in scopes))
        for name, words in named
    ]


def _brought() -> list[tuple[str, Any]]:
    return [(p.name, p.words or p.refusal) for p in current_host().permissions]


def _scopes_of(role: str) -> dict[str, Scope]:
    # Members may what guests may, moderators and administrators what members may.
    roles = frozenset({"guest", role} if role in ("guest", "member") else {"guest", "member", role})
    granted = select(Grant.permission, Grant.effect, Grant.category_id).where(Grant.role.in_(roles))
    words = [
        f"{row.permission}:{row.effect}:{row.category_id or ''}" for row in database.rows(granted)
    ]
    return scopes_from(" ".join([*words, current_host().granted(roles)]))


def _held(scope: Scope | None) -> str:
    if scope is None or scope.denied_everywhere:
        return NO
    if scope.everywhere:
        return SOME if scope.denied else YES
    return SOME if scope.categories - scope.denied else NO
