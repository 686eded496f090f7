"""What becomes of the log of changes when somebody leaves."""

from __future__ import annotations

from forum.community.change_actions import forget_values
from forum.community.personal_queries import change_data
from forum.hookspecs import AccountClosing, PersonalData
from forum.plugin_host import hookimpl


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """That something was changed stays in the log; what it was goes."""
    forget_values(closing.member_id)


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return change_data(member_id)
