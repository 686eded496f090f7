"""The pages of the log of changes."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from forum.admin.change_queries import KINDS, SUBJECTS, change_facts, changes
from forum.admin.list_page import answer_list
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("admin_changes", __name__, url_prefix="/admin/changes")


@pages.get("")
def listed() -> Answer | Response:
    """Who changed what, newest first."""
    require(current_actor(), "community.manage")
    return answer_list(changes())


@pages.get("/<number:change_id>")
def change(change_id: int) -> Answer:
    """One change, field by field."""
    require(current_actor(), "community.manage")
    facts = change_facts(change_id)
    return render_template("admin/change.html", change=facts, kinds=KINDS, subjects=SUBJECTS)
