"""What moderation does when something happens elsewhere."""

from __future__ import annotations

from forum.hookspecs import AccountClosing, CaseNeeded, PersonalData
from forum.moderation.actions import open_case
from forum.moderation.claim_actions import free_claims
from forum.moderation.closing_actions import leave_cases
from forum.moderation.personal_queries import case_data
from forum.plugin_host import hookimpl


@hookimpl
def with_case_needed(case: CaseNeeded) -> None:
    """Put the post into the moderators' queue in the transaction that held it."""
    open_case(case)


@hookimpl
def with_rights_taken(member_id: int | None) -> None:
    """What they had taken is free again, where they may not decide it any more."""
    free_claims(member_id)


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """What waits of theirs is taken back; what they had taken is free again."""
    leave_cases(closing)


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return case_data(member_id)
