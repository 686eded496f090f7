"""What becomes of somebody's words when they leave, and what of them they take away."""

from __future__ import annotations

from forum.discussion.closing_actions import forget_words
from forum.discussion.personal_queries import written_data
from forum.hookspecs import AccountClosing, PersonalData
from forum.plugin_host import hookimpl


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """Drafts go, and what else of the member's words they want gone."""
    forget_words(closing)


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return written_data(member_id)
