"""Pages about accounts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from forum.accounts import actions
from forum.accounts.forms import (
    ButtonForm,
    NewPasswordForm,
    ProfileForm,
    RegistrationForm,
    ResetRequestForm,
    SetupForm,
    SignInForm,
)
from forum.db import transaction
from forum.errors import Conflict
from forum.web.addresses import safe_path
from forum.web.forms import (
    Answer,
    ConfirmationPage,
    FormPage,
    answer_confirmation,
    answer_form,
)
from forum.web.visit import current_actor, current_visit, end_session, start_session

pages = Blueprint("accounts", __name__)


@pages.route("/register", methods=["GET", "POST"])
def register() -> Answer:
    """Ask for an account."""
    form = RegistrationForm()

    def act() -> Response:
        actions.register(_applicant(form), address=request.remote_addr)
        return redirect("/register/sent", 303)

    page = FormPage(
        title=gettext("Register"),
        submit=gettext("Register"),
        links=[(gettext("I have an account: sign in"), "/sign-in")],
    )
    return answer_form(form, page, act)


def _applicant(form: RegistrationForm | SetupForm) -> actions.Applicant:
    return actions.Applicant(
        name=form.name.data,
        email=form.email.data,
        password=form.password.data,
        zone=form.zone.data or current_visit().community.zone,
        language=str(get_locale()),
    )


@pages.get("/register/sent")
def registration_sent() -> Answer:
    """Say where the confirmation went, without saying whether the address was new."""
    text = gettext(
        "We have sent a letter to the address you gave. Follow the link in it within two days, "
        "then sign in."
    )
    return _look_into_your_mail(text)


def _look_into_your_mail(text: str) -> str:
    title = gettext("Look into your mail")
    return render_template("message.html", title=title, text=text, links=[])


@pages.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Answer:
    """Ask before confirming, because mail programs open links by themselves; then make the account."""
    form = ButtonForm()
    if request.method != "POST":
        name = actions.registration_name(token)
        page = FormPage(
            title=gettext("Confirm your address"),
            submit=gettext("Confirm"),
            introduction=gettext("You registered as %(name)s.", name=name),
        )
        return answer_form(form, page, _nothing)
    try:
        with transaction():
            actions.confirm(token)
    except Conflict as error:
        flash(error.message)
    else:
        flash(gettext("Your address is confirmed. Sign in with your password."))
    return redirect("/sign-in", 303)


def _nothing() -> Response:
    return redirect("/", 303)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Sign in."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = safe_path(request.args.get("next", "/"))

    def act() -> Response:
        start_session(
            actions.sign_in(form.email.data, form.password.data, address=request.remote_addr)
        )
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
    return _look_into_your_mail(text)


@pages.route("/reset/<token>", methods=["GET", "POST"])
def choose_password(token: str) -> Answer:
    """Choose a new password."""
    actions.require_token(token, "reset")
    form = NewPasswordForm()

    def act() -> Response:
        actions.reset_password(token, form.password.data)
        end_session()
        flash(gettext("Your new password is set. Sign in with it."))
        return redirect("/sign-in", 303)

    page = FormPage(title=gettext("Choose a new password"), submit=gettext("Set password"))
    return answer_form(form, page, act)


@pages.route("/me", methods=["GET", "POST"])
def profile() -> Answer:
    """How a member appears, and in which zone times are shown."""
    actor = current_actor()
    if not actor.is_member:
        return redirect("/sign-in?next=/me", 303)
    form = ProfileForm(data={"name": actor.name, "zone": actor.zone})

    def act() -> Response:
        with transaction():
            actions.change_profile(actor, name=form.name.data, zone=form.zone.data)
        flash(gettext("Saved."))
        return redirect("/me", 303)

    return answer_form(form, FormPage(title=gettext("You"), submit=gettext("Save")), act)


@pages.route("/setup/<token>", methods=["GET", "POST"])
def set_up(token: str) -> Answer:
    """The first administrator names the community."""
    actions.require_token(token, "setup")
    form = SetupForm()

    def act() -> Response:
        statement = actions.CommunityStatement(
            name=form.community.data,
            for_whom=form.for_whom.data,
            not_for_whom=form.not_for_whom.data or "",
        )
        start_session(
            actions.set_up(token, _applicant(form), statement, address=request.remote_addr)
        )
        flash(gettext("Welcome. Add the first categories, then invite people to register."))
        return redirect("/admin/categories", 303)

    page = FormPage(
        title=gettext("Set up your community"),
        submit=gettext("Set up"),
        introduction=gettext(
            "You are the first here, so you become the administrator. Everything can be changed later."
        ),
    )
    return answer_form(form, page, act)
