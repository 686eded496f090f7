"""Pages on which members look after their own account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.forms import ProfileForm
from forum.accounts.hold_actions import held_words
from forum.accounts.hold_queries import standing_hold
from forum.accounts.profile_actions import ProfileText, change_profile
from forum.accounts.profile_queries import profile as profile_of
from forum.db import transaction
from forum.web.addresses import member_url
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_actor

pages = Blueprint("account", __name__)


@pages.route("/me", methods=["GET", "POST"])
def profile() -> Answer:
    """How a member appears, and in which zone times are shown."""
    actor = current_actor()
    if actor.id is None:
        return redirect("/sign-in?next=/me", 303)
    form = ProfileForm(obj=profile_of(actor.id))

    def act() -> Response:
        with transaction():
            change_profile(actor, _typed(form))
        flash(gettext("Saved."))
        return redirect("/me", 303)

    page = FormPage(
        title=gettext("You"),
        submit=gettext("Save"),
        introduction=_introduction(actor.id),
        links=[
            (gettext("Your page, as the others see it"), member_url(actor.id)),
            (gettext("Your drafts"), "/drafts"),
            (gettext("Posts you flagged"), "/flags"),
            (gettext("What you may do, and why"), "/account/rights"),
            (gettext("Change your address"), "/account/address"),
            (gettext("Where you are signed in"), "/account/sessions"),
            (gettext("What is stored about you"), "/account/data"),
            (gettext("Close your account"), "/account/close"),
        ],
    )
    return answer_form(form, page, act)


def _introduction(member_id: int) -> str:
    words = gettext(
        "Members see this on your page; guests see only your name. Leave empty what you like."
    )
    hold = standing_hold(member_id)
    return str(words) if hold is None else f"{held_words(hold.reason)} {words}"


def _typed(form: ProfileForm) -> ProfileText:
    return ProfileText(
        name=form.name.data,
        handle=form.handle.data,
        zone=form.zone.data,
        pronouns=form.pronouns.data or "",
        unit=form.unit.data or "",
        employer=form.employer.data or "",
        about=form.about.data or "",
        language=form.language.data,
    )
