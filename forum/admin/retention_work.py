"""The worker removes what is older than the community wants to keep."""

from __future__ import annotations

from forum.admin.retention_actions import remove_old
from forum.jobs.worker import tidier
from forum.permissions import OPERATOR


@tidier
def tidy_old() -> bool:
    """Remove some of what is over its time; the worker calls again while there is more."""
    return remove_old(OPERATOR)
