"""Pages on which administrators invite people."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from forum.accounts.invitation_actions import invite, withdraw_invitation
from forum.accounts.invitation_queries import INVITATIONS_A_PAGE, invitations
from forum.admin.forms import InvitationForm
from forum.clock import utcnow
from forum.config import current_settings
from forum.db import transaction
from forum.permissions import require
from forum.web.addresses import number_from
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_actor

pages = Blueprint("invitations", __name__, url_prefix="/admin/invitations")


@pages.get("")
def listed() -> Answer:
    """All invitations: open, used and expired."""
    require(current_actor(), "community.manage")
    word = request.args.get("after")
    found = invitations(None if word is None else number_from(word, default=1))
    shown = found[:INVITATIONS_A_PAGE]
    goes_on = len(found) > len(shown)
    return render_template(
        "admin/invitations.html",
        form=FlaskForm(),
        invitations=shown,
        now=utcnow(),
        older=f"/admin/invitations?after={shown[-1].id}" if goes_on else None,
        newer=None if word is None else "/admin/invitations",
    )


@pages.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Invite somebody, by letter or with a link to hand over."""
    actor, form = current_actor(), InvitationForm()
    require(actor, "community.manage")

    def act() -> Response:
        email = form.email.data or ""
        with transaction():
            token = invite(actor, email)
        flash(_said(email, f"{current_settings().base_url}/invitation/{token}"))
        return redirect("/admin/invitations", 303)

    page = FormPage(
        title=gettext("Invite somebody"),
        submit=gettext("Invite"),
        introduction=gettext("The invitation works once, for two weeks."),
        links=[(gettext("All invitations"), "/admin/invitations")],
    )
    return answer_form(form, page, act)


def _said(email: str, link: str) -> str:
    if email.strip():
        return str(gettext("A letter is on its way."))
    return str(gettext("Give this link to one person; it is shown only now: %(link)s", link=link))


@pages.post("/<number:invitation_id>/withdraw")
def withdraw(invitation_id: int) -> Answer:
    """Let an invitation end that nobody has used."""
    with transaction():
        withdraw_invitation(current_actor(), invitation_id)
    flash(gettext("The invitation is withdrawn."))
    return redirect("/admin/invitations", 303)
