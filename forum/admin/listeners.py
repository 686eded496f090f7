"""What administration does when something happens elsewhere."""

from __future__ import annotations

from forum.admin.export_queries import FORGET
from forum.hookspecs import AccountClosing
from forum.jobs.queue import enqueue
from forum.plugin_host import hookimpl


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """Exports that wait to be fetched may have what they wrote and who they were."""
    enqueue(FORGET)
