"""What notifications do when something happens elsewhere."""

from __future__ import annotations

from forum.hookspecs import AccountClosing, CaseDecided, PostEdited, PostPublished
from forum.notifications.actions import (
    forget_notifications,
    tell_of_decision,
    tell_of_edit,
    tell_of_post,
)
from forum.plugin_host import hookimpl


@hookimpl
def on_post_published(event: PostPublished) -> None:
    """Tell whoever the post concerns. The worker runs this in a transaction of its own."""
    tell_of_post(event.post_id)


@hookimpl
def on_post_edited(event: PostEdited) -> None:
    """Tell whoever the new version mentions. The worker runs this in a transaction of its own."""
    tell_of_edit(event.post_id)


@hookimpl
def on_case_decided(event: CaseDecided) -> None:
    """Tell the author what a moderator decided. So does the worker here."""
    tell_of_decision(event)


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """Nobody is left to be told."""
    forget_notifications(closing.member_id)
