"""Pages to sign in, sign out and choose a new password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts import actions
from forum.accounts.forms import NewPasswordForm, ResetRequestForm, SignInForm
from forum.accounts.token_actions import require_token
from forum.db import transaction
from forum.plugin_host import current_host
from forum.web.addresses import safe_path
from forum.web.forms import (
    Answer,
    ConfirmationPage,
    FormPage,
    answer_confirmation,
    answer_form,
)
from forum.web.visit import current_browser, current_visit, end_session, start_session

pages = Blueprint("accounts", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Sign in."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = safe_path(request.args.get("next", "/"))

    def act() -> Response:
        token = actions.sign_in(form.email.data, form.password.data, browser=current_browser())
        start_session(token)
        return redirect(safe_path(form.next.data or "/"), 303)

    page = FormPage(
        title=gettext("Sign in"),
        submit=gettext("Sign in"),
        links=[
            (gettext("I forgot my password"), "/reset"),
            (gettext("I have no account: register"), "/register"),
        ],
    )
    return answer_form(form, page, act)


@pages.route("/sign-out", methods=["GET", "POST"])
def sign_out() -> Answer:
    """Ask before signing out, then end the session."""

    def act() -> Response:
        session_id = current_visit().session_id
        if session_id is not None:
            with transaction():
                actions.sign_out(session_id)
        end_session()
        flash(gettext("You are signed out."))
        return redirect("/", 303)

    page = ConfirmationPage(
        title=gettext("Sign out?"),
        consequences=[gettext("Drafts stay with your account, for when you come back.")],
        submit=gettext("Sign out"),
        back=(gettext("Stay signed in"), "/"),
        links=current_host().leaving,
    )
    return answer_confirmation(page, act)


@pages.route("/reset", methods=["GET", "POST"])
def ask_for_reset() -> Answer:
    """Ask for a link to choose a new password."""
    form = ResetRequestForm()

    def act() -> Response:
        actions.ask_for_reset(form.email.data, address=request.remote_addr)
        return redirect("/reset/sent", 303)

    page = FormPage(title=gettext("Forgot your password?"), submit=gettext("Send me a link"))
    return answer_form(form, page, act)


@pages.get("/reset/sent")
def reset_sent() -> Answer:
    """The same words whether there is such an account or not."""
    text = gettext(
        "If there is an account with this address, a letter is on its way. Follow the link in it "
        "within two hours."
    )
    return look_into_your_mail(text)


@pages.route("/reset/<token>", methods=["GET", "POST"])
def choose_password(token: str) -> Answer:
    """Choose a new password."""
    require_token(token, "reset")
    form = NewPasswordForm()

    def act() -> Response:
        actions.reset_password(token, form.password.data)
        end_session()
        flash(gettext("Your new password is set. Sign in with it."))
        return redirect("/sign-in", 303)

    page = FormPage(title=gettext("Choose a new password"), submit=gettext("Set password"))
    return answer_form(form, page, act)


def look_into_your_mail(text: str) -> str:
    """A page that says that a letter is on its way."""
    title = gettext("Look into your mail")
    return render_template("message.html", title=title, text=text, links=[])
