"""What administrators do about jobs."""

from __future__ import annotations

from flask_babel import gettext

from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Conflict, NotFound
from forum.jobs.models import Job
from forum.notifications.mail_actions import note_outcome
from forum.permissions import Actor, require

WAITING = "waiting"
SET_ASIDE = "set aside"


def retry_job(actor: Actor, job_id: int) -> None:
    """Have a worker try this job now, also one that was set aside.

    Its attempts stay counted: one that was set aside is so again when it fails once more.

    Raises:
        NotFound: it was done meanwhile.
        Conflict: a worker is at it.
    """
    require(actor, "community.manage")
    job = _free_job(job_id)
    job.state, job.run_at, job.lease_until = WAITING, utcnow(), None
    _note_letter(job, WAITING)
    note_change(actor, "job.retry", subject="job", subject_id=job_id)


def set_job_aside(actor: Actor, job_id: int) -> None:
    """Let no worker try this job until somebody says so.

    Raises:
        NotFound: it was done meanwhile.
        Conflict: a worker is at it, or it was set aside already.
    """
    require(actor, "community.manage")
    job = _free_job(job_id)
    if job.state == SET_ASIDE:
        raise Conflict(gettext("This job was set aside already. Nothing was changed."))
    job.state, job.lease_until = SET_ASIDE, None
    _note_letter(job, SET_ASIDE)
    note_change(actor, "job.set_aside", subject="job", subject_id=job_id)


def drop_job(actor: Actor, job_id: int) -> None:
    """Remove this job; what it was to do is never done. A letter counts as set aside.

    Raises:
        NotFound: it was done meanwhile.
        Conflict: a worker is at it.
    """
    require(actor, "community.manage")
    job = _free_job(job_id)
    _note_letter(job, SET_ASIDE)
    note_change(
        actor, "job.drop", subject="job", subject_id=job_id, before={"kind": job.name}, after={}
    )
    db.session.delete(job)


def _free_job(job_id: int) -> Job:
    # Locked, so that no worker begins it in this moment.
    job = db.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(gettext("There is no such job; it may have been done meanwhile."))
    if job.lease_until is not None and job.lease_until >= utcnow():
        raise Conflict(gettext("A worker is doing this job now. Look again in a minute."))
    return job


def _note_letter(job: Job, state: str) -> None:
    if job.name == "mail":
        note_outcome(job.id, state)
