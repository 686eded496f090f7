"""What of the record goes when somebody leaves, and what of it they take away."""

from __future__ import annotations

from forum.hookspecs import AccountClosing, PersonalData
from forum.plugin_host import hookimpl
from forum.record.actions import forget_in_record
from forum.record.personal_queries import recorded_data


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """The words about whoever leaves go; the log itself has none."""
    forget_in_record(closing.member_id)


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return recorded_data(member_id)
