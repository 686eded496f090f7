"""The administrators' list of sent mail."""

from __future__ import annotations

from flask import Blueprint, Response

from forum.admin.list_page import answer_list
from forum.admin.mail_queries import MAIL
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("admin_mail", __name__, url_prefix="/admin/mail")


@pages.get("")
def listed() -> Answer | Response:
    """All letters that were sent or tried."""
    require(current_actor(), "community.manage")
    return answer_list(MAIL)
