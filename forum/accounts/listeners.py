"""Work on accounts that nobody waits for."""

from __future__ import annotations

from forum.accounts.actions import forget_expired, send_reset_link
from forum.accounts.closing_actions import SWEEP, WIPE, sweep_account
from forum.accounts.personal_queries import account_data
from forum.db import wipe_deleted
from forum.hookspecs import AccountClosing, PersonalData
from forum.jobs.worker import Work, handler, tidier
from forum.plugin_host import hookimpl


@handler("reset_requested")
def reset_requested(work: Work) -> None:
    """Send a reset link if there is such an account."""
    send_reset_link(str(work.arguments["email"]))


@handler(SWEEP)
def account_closed(work: Work) -> None:
    """Remove what came in while an account was being closed."""
    given = work.arguments
    addresses = tuple(given.get("addresses", ()))
    empty_posts, handle = bool(given["empty_posts"]), given.get("handle", "")
    sweep_account(AccountClosing(int(given["member"]), empty_posts, addresses, handle))


@handler(WIPE, in_transaction=False)
def wipe(work: Work) -> None:
    """Leave nothing of what was erased in the database's files."""
    wipe_deleted()


@tidier
def tidy_accounts() -> None:
    """Forget registrations and links whose time is over."""
    forget_expired()


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """This room's part of what a member takes away."""
    return account_data(member_id)
