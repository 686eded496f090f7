"""The administrators' pages of legal holds, and the one on which they erase somebody at their request."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response as Redirection

from forum.accounts.closing_actions import erase_member
from forum.accounts.closing_routes import kept_in_backups
from forum.accounts.forms import PostsForm
from forum.accounts.hold_actions import held_words, lift_hold, place_hold
from forum.accounts.hold_queries import HoldSubject, hold_subject
from forum.accounts.stand_in_queries import is_stand_in
from forum.admin.forms import HoldForm
from forum.admin.hold_queries import HOLDS, member_of_hold
from forum.admin.list_page import answer_list
from forum.db import transaction
from forum.permissions import require
from forum.web.addresses import member_url
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor

pages = Blueprint("holds", __name__, url_prefix="/admin")


@pages.get("/holds")
def listed() -> Answer | Response:
    """All legal holds, the newest first."""
    require(current_actor(), "community.manage")
    return answer_list(HOLDS)


@pages.get("/holds/<number:hold_id>")
def one(hold_id: int) -> Answer:
    """Lead to the member's page."""
    require(current_actor(), "community.manage")
    return redirect(f"/admin/members/{member_of_hold(hold_id)}/hold", 303)


@pages.route("/members/<number:member_id>/hold", methods=["GET", "POST"])
def hold(member_id: int) -> Answer:
    """Have everything about a member kept, or, while that stands, show why."""
    actor = current_actor()
    require(actor, "community.manage")
    subject = hold_subject(member_id)
    form = HoldForm()
    if subject.hold is not None and not form.is_submitted():
        return _standing(subject)

    def act() -> Redirection:
        with transaction():
            place_hold(actor, member_id, reason=form.reason.data)
        flash(gettext("The hold stands. The member reads the reason."))
        return redirect(f"/admin/members/{member_id}/hold", 303)

    page = ConfirmationPage(
        title=gettext("Place a legal hold on %(name)s?", name=subject.name),
        consequences=[
            gettext(
                "Until it is lifted, nothing that they wrote or is stored about them is erased: "
                "their account cannot be closed, no version of their posts can be emptied, and "
                "what is deleted after a time is kept."
            ),
            gettext("They go on as before, and read the reason."),
            *_of_closed(subject),
        ],
        submit=gettext("Place the hold"),
        back=(gettext("Legal holds"), "/admin/holds"),
    )
    return answer_confirmation(page, act, form)


def _of_closed(subject: HoldSubject) -> list[str]:
    if not subject.is_closed:
        return []
    return [gettext("This account is closed: only what is still there can be kept.")]


def _standing(subject: HoldSubject) -> Answer:
    assert subject.hold is not None
    links = [
        (gettext("Lift the hold"), f"/admin/members/{subject.id}/release"),
        (gettext("Legal holds"), "/admin/holds"),
    ]
    if not is_stand_in(subject.id):
        links.append((gettext("Their page"), member_url(subject.id)))
    title = gettext("A legal hold stands on %(name)s", name=subject.name)
    text = held_words(subject.hold.reason)
    return render_template("message.html", title=title, text=text, links=links)


@pages.route("/members/<number:member_id>/release", methods=["GET", "POST"])
def release(member_id: int) -> Answer:
    """Lift the legal hold that stands on a member."""
    actor = current_actor()
    require(actor, "community.manage")
    subject = hold_subject(member_id)

    def act() -> Redirection:
        with transaction():
            lift_hold(actor, member_id)
        flash(gettext("The hold is lifted."))
        return redirect("/admin/holds", 303)

    reason = "" if subject.hold is None else subject.hold.reason
    page = ConfirmationPage(
        title=gettext("Lift the legal hold on %(name)s?", name=subject.name),
        consequences=[
            gettext("The reason was: %(reason)s", reason=reason)
            if reason
            else gettext("None stands on them now."),
            gettext("From then on their data can be erased again, and what is over its time is."),
        ],
        submit=gettext("Lift the hold"),
        back=(gettext("Legal holds"), "/admin/holds"),
    )
    return answer_confirmation(page, act)


@pages.route("/members/<number:member_id>/erase", methods=["GET", "POST"])
def erase(member_id: int) -> Answer:
    """Erase a member at their request."""
    actor = current_actor()
    require(actor, "community.manage")
    subject = hold_subject(member_id)
    if subject.hold is not None:
        return _standing(subject)
    form = PostsForm()

    def act() -> Redirection:
        with transaction():
            erase_member(actor, member_id, empty_posts=form.posts.data == "empty")
        flash(gettext("The account is closed, and everything about the person is erased."))
        return redirect("/admin", 303)

    page = ConfirmationPage(
        title=gettext("Erase %(name)s?", name=subject.name),
        consequences=[
            gettext(
                "Do this when the person asks for it. It cannot be taken back: name, address, "
                "profile, drafts, notifications, letters and sessions are deleted, with their "
                "rights and the pictures that no post shows."
            ),
            gettext(
                "Where others quoted or mentioned them, “Former member” takes the place of the "
                "name within minutes. What others wrote stays."
            ),
            kept_in_backups(),
        ],
        submit=gettext("Erase"),
        back=(gettext("Their page"), member_url(member_id)),
    )
    return answer_confirmation(page, act, form)
