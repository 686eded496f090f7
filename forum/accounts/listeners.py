"""Work on accounts that nobody waits for."""

from __future__ import annotations

from forum.accounts.actions import forget_expired, send_reset_link
from forum.accounts.closing_actions import SWEEP, sweep_account
from forum.accounts.invitation_actions import forget_invitations
from forum.jobs.worker import Work, handler, tidier


@handler("reset_requested")
def reset_requested(work: Work) -> None:
    """Send a reset link if there is such an account."""
    send_reset_link(str(work.arguments["email"]))


@handler(SWEEP)
def account_closed(work: Work) -> None:
    """Remove what came in while an account was being closed."""
    sweep_account(int(work.arguments["member"]), empty_posts=bool(work.arguments["empty_posts"]))


@tidier
def tidy_accounts() -> None:
    """Forget registrations, links, invitations and sessions whose time is over."""
    forget_expired()
    forget_invitations()
