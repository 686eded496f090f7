"""Pages on which members change their address."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.address_actions import address_to_confirm, ask_for_address, change_address
from forum.accounts.forms import AddressForm
from forum.db import transaction
from forum.web.forms import Answer, ConfirmationPage, FormPage, answer_confirmation, answer_form
from forum.web.visit import current_actor

pages = Blueprint("address", __name__, url_prefix="/account/address")


@pages.route("", methods=["GET", "POST"])
def ask() -> Answer:
    """Ask for a link to a new address."""
    actor, form = current_actor(), AddressForm()
    if not actor.is_member:
        return redirect("/sign-in?next=/account/address", 303)

    def act() -> Response:
        ask_for_address(
            actor, form.email.data, password=form.password.data, address=request.remote_addr
        )
        flash(
            gettext(
                "A letter is on its way to the new address. Follow the link in it within a day. "
                "Until then your present address stays."
            )
        )
        return redirect("/me", 303)

    page = FormPage(
        title=gettext("Change your address"),
        submit=gettext("Send me a link"),
        introduction=gettext("We tell your present address that somebody asked for this."),
        links=[(gettext("Your profile"), "/me")],
    )
    return answer_form(form, page, act)


@pages.route("/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Answer:
    """Ask before changing it: mail programs open links by themselves."""
    actor = current_actor()
    if not actor.is_member:
        return redirect(f"/sign-in?next=/account/address/{token}", 303)
    email = address_to_confirm(actor, token)

    def act() -> Response:
        with transaction():
            change_address(actor, token)
        flash(gettext("Your address is changed. Sign in with it from now on."))
        return redirect("/me", 303)

    page = ConfirmationPage(
        title=gettext("Change your address?"),
        consequences=[
            gettext("You sign in with %(email)s from now on, and letters go there.", email=email)
        ],
        submit=gettext("Change it"),
        back=(gettext("Leave it as it is"), "/me"),
    )
    return answer_confirmation(page, act)
