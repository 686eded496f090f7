"""What administrators do about jobs."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import or_, update

from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Conflict, NotFound
from forum.jobs.models import Job
from forum.permissions import Actor, require


def retry_job(actor: Actor, job_id: int) -> None:
    """Have a worker try this job now, also one that was set aside.

    Its attempts stay counted: one that was set aside is so again when it fails once more.

    Raises:
        NotFound: it was done meanwhile.
        Conflict: a worker is at it.
    """
    require(actor, "community.manage")
    now = utcnow()
    is_free = or_(Job.lease_until.is_(None), Job.lease_until < now)
    due = (
        update(Job)
        .where(Job.id == job_id, is_free)
        .values(state="waiting", run_at=now, lease_until=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(due).first() is None:
        if db.session.get(Job, job_id) is None:
            raise NotFound(gettext("There is no such job; it may have been done meanwhile."))
        raise Conflict(gettext("A worker is doing this job now. Look again in a minute."))
    note_change(actor, "job.retry", subject="job", subject_id=job_id)
