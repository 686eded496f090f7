"""Jobs as administrators see them: kinds, times and kinds of errors, never what they are about."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import bindparam, case, select

from forum.admin.listing import Column, Filter, Listing
from forum.db import UtcDateTime, value
from forum.errors import NotFound
from forum.jobs.models import Job

_STATES = {"waiting": _("waiting"), "running": _("running"), "set aside": _("set aside")}
_state = case(
    (Job.state == "set aside", "set aside"),
    (Job.lease_until > bindparam("now", type_=UtcDateTime), "running"),
    else_="waiting",
)

JOBS = Listing(
    name="jobs",
    title=_("Jobs"),
    empty=_("No work is waiting."),
    source=Job.__table__,
    key=Job.id.expression,
    address="/admin/jobs/{}",
    columns=(
        Column("number", _("Number"), Job.id.expression),
        Column("kind", _("Kind"), Job.name.expression, searched=True),
        Column("state", _("State"), _state, words=_STATES),
        Column("created_at", _("Promised"), Job.created_at.expression),
        Column("run_at", _("Due"), Job.run_at.expression),
        Column("attempts", _("Attempts"), Job.attempts.expression),
        Column("error", _("Last error"), Job.last_error.expression, searched=True),
    ),
    filters=(Filter("state", _("State"), _state, _STATES),),
)


def job_kind(job_id: int) -> str:
    """The kind of this job.

    Raises:
        NotFound: it was done meanwhile, or never was.
    """
    found: str | None = value(select(Job.name).where(Job.id == job_id))
    if found is None:
        raise NotFound(gettext("There is no such job; it may have been done meanwhile."))
    return found
