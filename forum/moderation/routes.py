"""What waits for moderators."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext

from forum.accounts.forms import ButtonForm
from forum.db import transaction
from forum.moderation.actions import close_case
from forum.moderation.queries import open_cases
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("moderation", __name__)


@pages.get("/moderation")
def cases() -> Answer:
    """The open cases, oldest first."""
    require(current_actor(), "case.decide")
    return render_template("moderation/cases.html", cases=open_cases(), form=ButtonForm())


@pages.post("/moderation/<number:case_id>")
def close(case_id: int) -> Answer:
    """Close a case; what it held is published."""
    with transaction():
        close_case(current_actor(), case_id)
    flash(gettext("Done."))
    return redirect("/moderation", 303)
