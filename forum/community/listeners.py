"""What becomes of the log of changes when somebody leaves."""

from __future__ import annotations

from forum.community.change_actions import forget_values
from forum.hookspecs import AccountClosing
from forum.plugin_host import hookimpl


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """That something was changed stays in the log; what it was goes."""
    forget_values(closing.member_id)
