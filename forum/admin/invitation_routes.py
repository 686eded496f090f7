"""Pages on which administrators invite people."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as Redirection

from forum.accounts.invitation_actions import invite, invite_again, withdraw_invitation
from forum.accounts.invitation_list_actions import ReadList, invite_all, read_list
from forum.admin.forms import AgainForm, InvitationForm, InvitationListForm
from forum.admin.invitation_queries import INVITATIONS, invitation_facts
from forum.admin.list_page import answer_list
from forum.config import current_settings
from forum.db import transaction
from forum.errors import Invalid
from forum.permissions import require
from forum.web.forms import (
    Answer,
    ConfirmationPage,
    FormPage,
    answer_confirmation,
    answer_form,
    put_error,
)
from forum.web.visit import current_actor

ADDRESS = "/admin/invitations"

pages = Blueprint("invitations", __name__, url_prefix=ADDRESS)


@pages.get("")
def listed() -> Answer | Response:
    """All invitations: open, used and expired. Never a link that works."""
    require(current_actor(), "community.manage")
    return answer_list(
        INVITATIONS,
        links=[
            (gettext("Invite somebody"), f"{ADDRESS}/new"),
            (gettext("Invite many"), f"{ADDRESS}/list"),
        ],
    )


@pages.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Invite somebody, by letter or with a link to hand over."""
    actor, form = current_actor(), InvitationForm()
    require(actor, "community.manage")

    def act() -> Redirection:
        email = form.email.data or ""
        with transaction():
            token = invite(actor, email, days=form.days.data)
        flash(_said(email, f"{current_settings().base_url}/invitation/{token}"))
        return redirect(ADDRESS, 303)

    page = FormPage(
        title=gettext("Invite somebody"),
        submit=gettext("Invite"),
        introduction=gettext("The invitation works once."),
        links=[
            (gettext("Invite many"), f"{ADDRESS}/list"),
            (gettext("All invitations"), ADDRESS),
        ],
    )
    return answer_form(form, page, act)


def _said(email: str, link: str) -> str:
    if email.strip():
        return str(gettext("A letter is on its way."))
    return str(gettext("Give this link to one person; it is shown only now: %(link)s", link=link))


@pages.route("/list", methods=["GET", "POST"])
def many() -> Answer:
    """Invite many: read the list, ask, and invite all or nobody."""
    actor, form = current_actor(), InvitationListForm()
    require(actor, "community.manage")
    step = request.form.get("step", "")
    if not form.is_submitted() or step == "change":
        return _list_page(form)
    if not form.validate():
        return _list_page(form), 422
    text, days = form.addresses.data, form.days.data
    try:
        if step != "invite":
            read = read_list(actor, text)
        else:
            with transaction():
                read = invite_all(actor, text, days=days)
    except Invalid as error:
        put_error(form, error)
        return _list_page(form), 422
    if read.faults:
        return _list_page(form, read), 422
    if step != "invite":
        return _list_page(form, read)
    count = len(read.addresses)
    flash(ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", count))
    return redirect(ADDRESS, 303)


def _list_page(form: InvitationListForm, read: ReadList | None = None) -> str:
    return render_template("admin/invite_many.html", form=form, read=read)


@pages.get("/<number:invitation_id>")
def one(invitation_id: int) -> Answer:
    """What has become of an invitation, and what can be done about it."""
    require(current_actor(), "community.manage")
    found = invitation_facts(invitation_id)
    links = [(gettext("All invitations"), ADDRESS)]
    if found.used_at is None:
        links.insert(0, (gettext("Withdraw it"), f"{ADDRESS}/{invitation_id}/withdraw"))
        if found.email:
            links.insert(0, (gettext("Send it again"), f"{ADDRESS}/{invitation_id}/again"))
    if found.used_at is not None:
        text = gettext("It was used. There is nothing more to do.")
    elif found.is_open:
        text = gettext("It is open: nobody has used it yet.")
    else:
        text = gettext("It has expired, and nobody has used it.")
    title = _title(gettext("The invitation of %(email)s", email=found.email), found.email)
    return render_template("message.html", title=title, text=text, links=links)


def _title(words: str, email: str) -> str:
    return words if email else str(gettext("An invitation for whoever has the link"))


@pages.route("/<number:invitation_id>/again", methods=["GET", "POST"])
def again(invitation_id: int) -> Answer:
    """Send the letter of an invitation once more."""
    actor, form = current_actor(), AgainForm()
    require(actor, "community.manage")
    email = invitation_facts(invitation_id).email

    def act() -> Redirection:
        with transaction():
            invite_again(actor, invitation_id, days=form.days.data)
        flash(gettext("A letter is on its way."))
        return redirect(ADDRESS, 303)

    page = ConfirmationPage(
        title=_title(gettext("Send the invitation of %(email)s again?", email=email), email),
        consequences=[gettext("The new letter has a new link. The link in the earlier one ends.")],
        submit=gettext("Send it again"),
        back=(gettext("All invitations"), ADDRESS),
    )
    return answer_confirmation(page, act, form)


@pages.route("/<number:invitation_id>/withdraw", methods=["GET", "POST"])
def withdraw(invitation_id: int) -> Answer:
    """Let an invitation end that nobody has used."""
    actor = current_actor()
    require(actor, "community.manage")
    email = invitation_facts(invitation_id).email

    def act() -> Redirection:
        with transaction():
            withdraw_invitation(actor, invitation_id)
        flash(gettext("The invitation is withdrawn."))
        return redirect(ADDRESS, 303)

    page = ConfirmationPage(
        title=_title(gettext("Withdraw the invitation of %(email)s?", email=email), email),
        consequences=[gettext("Its link ends at once. Nobody is told.")],
        submit=gettext("Withdraw it"),
        back=(gettext("All invitations"), ADDRESS),
    )
    return answer_confirmation(page, act)
