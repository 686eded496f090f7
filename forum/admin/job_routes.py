"""The administrators' pages of jobs."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirection

from forum.admin.job_actions import retry_job
from forum.admin.job_queries import JOBS, job_kind
from forum.admin.list_page import answer_list
from forum.db import transaction
from forum.permissions import require
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor

pages = Blueprint("admin_jobs", __name__, url_prefix="/admin/jobs")


@pages.get("")
def listed() -> Answer | Response:
    """All work that waits, is under way, or was set aside."""
    require(current_actor(), "community.manage")
    return answer_list(JOBS)


@pages.route("/<number:job_id>", methods=["GET", "POST"])
def retry(job_id: int) -> Answer:
    """Have a job tried now."""
    actor = current_actor()
    require(actor, "community.manage")

    def act() -> Redirection:
        with transaction():
            retry_job(actor, job_id)
        flash(gettext("The job is due now. A worker takes it within seconds."))
        return redirect("/admin/jobs", 303)

    page = ConfirmationPage(
        title=gettext("Try job %(number)s now?", number=job_id),
        consequences=[
            gettext("Its kind is %(kind)s.", kind=job_kind(job_id)),
            gettext("A job that was set aside is set aside again if it fails once more."),
        ],
        submit=gettext("Try it now"),
        back=(gettext("All jobs"), "/admin/jobs"),
    )
    return answer_confirmation(page, act)
