"""What moderation does when something happens elsewhere."""

from __future__ import annotations

from forum.hookspecs import CaseNeeded
from forum.moderation.actions import open_case
from forum.plugin_host import hookimpl


@hookimpl
def with_case_needed(case: CaseNeeded) -> None:
    """Put the post into the moderators' queue in the transaction that held it."""
    open_case(case)
