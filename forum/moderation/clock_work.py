"""Whoever comes first lets the clock decide: the worker now and then, or who opens the desk."""

from __future__ import annotations

import logging

from forum.clock import utcnow
from forum.db import transaction
from forum.jobs.queue import enqueue
from forum.jobs.worker import Work, handler, tidier
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.clock_queries import all_overdue_cases, overdue_cases
from forum.plugin_host.implementation import HookFailed

PUBLISH = "publish_unreviewed"
log = logging.getLogger("forum.moderation")


@tidier
def find_overdue() -> None:
    """Have each case that waits for too long looked at in a transaction of its own."""
    for case_id in all_overdue_cases(utcnow()):
        enqueue(PUBLISH, case=case_id)


@handler(PUBLISH)
def publish(work: Work) -> None:
    """Publish what the case held, if that is still to be done."""
    publish_unreviewed(work.arguments["case"])


def settle_overdue() -> None:
    """Publish what waits for too long, before anything of it is shown or decided; for reads and
    writes of cases, outside of a transaction. Of very many the worker publishes the rest."""
    for case_id in overdue_cases(utcnow()):
        _settle(case_id)


def _settle(case_id: int) -> None:
    try:
        with transaction():
            publish_unreviewed(case_id)
    except HookFailed as error:
        # The administrator is told of the plugin; the case waits on.
        log.error("case %s: %s failed in %s", case_id, error.plugin, error.hook)
