"""The page on which members see where they are signed in, and end it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from forum.accounts import actions
from forum.accounts.session_queries import sessions_of
from forum.db import transaction
from forum.web.forms import Answer
from forum.web.visit import current_actor, current_visit

pages = Blueprint("sessions", __name__, url_prefix="/account/sessions")


@pages.get("")
def listed() -> Answer:
    """All browsers in which the member is signed in, this one named."""
    actor = current_actor()
    if actor.id is None:
        return redirect("/sign-in?next=/account/sessions", 303)
    return render_template(
        "accounts/sessions.html",
        form=FlaskForm(),
        sessions=sessions_of(actor.id),
        here=current_visit().session_id,
    )


@pages.post("/<number:session_id>/end")
def end(session_id: int) -> Response:
    """End one session in another browser; this one has “Sign out”."""
    with transaction():
        actions.end_session(current_actor(), session_id)
    flash(gettext("That browser is signed out."))
    return redirect("/account/sessions", 303)


@pages.post("/end-others")
def end_others() -> Response:
    """End all sessions but the one that asks."""
    with transaction():
        actions.end_other_sessions(current_actor(), current_visit().session_id)
    flash(gettext("All other browsers are signed out."))
    return redirect("/account/sessions", 303)
