"""The administrators' pages of jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, Response, flash, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirection

from forum.admin.job_actions import drop_job, retry_job, set_job_aside
from forum.admin.job_queries import JOBS, job_kind
from forum.admin.list_page import answer_list
from forum.db import transaction
from forum.permissions import Actor, require
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor

ADDRESS = "/admin/jobs"

pages = Blueprint("admin_jobs", __name__, url_prefix=ADDRESS)


@pages.get("")
def listed() -> Answer | Response:
    """All work that waits, is under way, or was set aside."""
    require(current_actor(), "community.manage")
    return answer_list(JOBS)


@pages.route("/<number:job_id>", methods=["GET", "POST"])
def retry(job_id: int) -> Answer:
    """Have a job tried now, or go on to what else can be done about it."""
    page = ConfirmationPage(
        title=gettext("Try job %(number)s now?", number=job_id),
        consequences=[
            gettext("A job that was set aside is set aside again if it fails once more.")
        ],
        submit=gettext("Try it now"),
        back=(gettext("All jobs"), ADDRESS),
        links=[
            (gettext("Set it aside"), f"{ADDRESS}/{job_id}/set-aside"),
            (gettext("Drop it"), f"{ADDRESS}/{job_id}/drop"),
        ],
    )
    done = gettext("The job is due now. A worker takes it within seconds.")
    return _answer(job_id, page, retry_job, done)


@pages.route("/<number:job_id>/set-aside", methods=["GET", "POST"])
def set_aside(job_id: int) -> Answer:
    """Let no worker try a job."""
    page = ConfirmationPage(
        title=gettext("Set job %(number)s aside?", number=job_id),
        consequences=[gettext("No worker tries it until an administrator has it tried again.")],
        submit=gettext("Set it aside"),
        back=(gettext("All jobs"), ADDRESS),
    )
    return _answer(job_id, page, set_job_aside, gettext("The job is set aside."))


@pages.route("/<number:job_id>/drop", methods=["GET", "POST"])
def drop(job_id: int) -> Answer:
    """Remove a job."""
    page = ConfirmationPage(
        title=gettext("Drop job %(number)s?", number=job_id),
        consequences=[
            gettext("What it was to do is never done: a letter is not sent, an event not told."),
            gettext("This cannot be taken back."),
        ],
        submit=gettext("Drop it"),
        back=(gettext("All jobs"), ADDRESS),
    )
    return _answer(job_id, page, drop_job, gettext("The job is dropped."))


def _answer(
    job_id: int, page: ConfirmationPage, action: Callable[[Actor, int], None], done: str
) -> Answer:
    actor = current_actor()
    require(actor, "community.manage")
    kind = gettext("Its kind is %(kind)s.", kind=job_kind(job_id))

    def act() -> Redirection:
        with transaction():
            action(actor, job_id)
        flash(done)
        return redirect(ADDRESS, 303)

    return answer_confirmation(replace(page, consequences=[kind, *page.consequences]), act)
