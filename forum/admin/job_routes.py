"""The administrators' page of jobs."""

from __future__ import annotations

from flask import Blueprint, Response

from forum.admin.job_queries import JOBS
from forum.admin.list_page import answer_list
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("admin_jobs", __name__, url_prefix="/admin/jobs")


@pages.get("")
def listed() -> Answer | Response:
    """All work that waits, is under way, or was set aside."""
    require(current_actor(), "community.manage")
    return answer_list(JOBS)
