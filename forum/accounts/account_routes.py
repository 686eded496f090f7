"""Pages on which members look after their own account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.forms import ProfileForm
from forum.accounts.profile_actions import change_profile
from forum.db import transaction
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_actor

pages = Blueprint("account", __name__)


@pages.route("/me", methods=["GET", "POST"])
def profile() -> Answer:
    """How a member appears, and in which zone times are shown."""
    actor = current_actor()
    if not actor.is_member:
        return redirect("/sign-in?next=/me", 303)
    form = ProfileForm(data={"name": actor.name, "zone": actor.zone})

    def act() -> Response:
        with transaction():
            change_profile(actor, name=form.name.data, zone=form.zone.data)
        flash(gettext("Saved."))
        return redirect("/me", 303)

    return answer_form(form, FormPage(title=gettext("You"), submit=gettext("Save")), act)
