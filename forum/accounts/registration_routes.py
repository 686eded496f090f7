"""Pages on the way to an account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import get_locale, gettext
from werkzeug.wrappers import Response

from forum.accounts import community_actions, registration_actions
from forum.accounts.forms import ConfirmForm, RegistrationForm, SetupForm
from forum.accounts.invitation_actions import open_invitation
from forum.accounts.proof_actions import new_task
from forum.accounts.queries import community_rules
from forum.accounts.registration_actions import Applicant
from forum.accounts.routes import look_into_your_mail
from forum.accounts.rules import CommunityRules
from forum.accounts.token_actions import require_token
from forum.errors import Conflict
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_browser, current_visit, start_session

pages = Blueprint("registration", __name__)


@pages.route("/register", methods=["GET", "POST"])
def register() -> Answer:
    """Ask for an account."""
    rules, form = community_rules(), RegistrationForm()
    if rules.registration == "invitation" and request.method != "POST":
        return _by_invitation()

    def act() -> Response:
        registration_actions.register(_applicant(form), address=request.remote_addr)
        return redirect("/register/sent", 303)

    page = FormPage(
        title=gettext("Register"),
        submit=gettext("Register"),
        introduction=_who_may(rules),
        links=[(gettext("I have an account: sign in"), "/sign-in")],
        **_task(form),
    )
    return answer_form(form, page, act)


def _task(form: RegistrationForm) -> dict[str, str]:
    """Give the form a task for the browser, if one is asked for: what the page needs for that."""
    if not registration_actions.must_prove():
        return {}
    form.proof.render_kw = {
        "data-task": new_task(),
        "data-waits": gettext(
            "One moment: your browser solves a small task that keeps programs out."
        ),
    }
    without = gettext(
        "Without JavaScript you can register, too. A moderator will read your first post before the "
        "others do."
    )
    return {"script": "/static/proof.js", "without_script": without}


def _by_invitation() -> str:
    text = gettext(
        "New members come by invitation. If you have one, follow the link in it. If not, ask "
        "somebody who runs this community."
    )
    sign_in = (gettext("I have an account: sign in"), "/sign-in")
    return render_template("message.html", title=gettext("Register"), text=text, links=[sign_in])


def _who_may(rules: CommunityRules) -> str:
    if rules.registration != "domain":
        return ""
    return str(
        gettext(
            "For addresses at: %(domains)s. If yours is elsewhere, ask for an invitation.",
            domains=", ".join(rules.email_domains.split()),
        )
    )


@pages.route("/invitation/<token>", methods=["GET", "POST"])
def accept(token: str) -> Answer:
    """Ask for an account with an invitation; one that came by mail has confirmed the address."""
    email, form = open_invitation(token).email, RegistrationForm()
    if email:
        del form.email

    def act() -> Response:
        if not email:
            registration_actions.register(
                _applicant(form), address=request.remote_addr, invitation=token
            )
            return redirect("/register/sent", 303)
        try:
            session = registration_actions.accept_invitation(
                token, _applicant(form), browser=current_browser()
            )
        except Conflict as error:
            flash(error.message)
            return redirect("/sign-in", 303)
        start_session(session)
        flash(gettext("Welcome. Your account is there."))
        return redirect("/", 303)

    page = FormPage(
        title=gettext("You are invited"),
        submit=gettext("Register"),
        introduction=gettext("This invitation is for %(email)s.", email=email) if email else "",
        links=[(gettext("I have an account: sign in"), "/sign-in")],
    )
    return answer_form(form, page, act)


def _applicant(form: RegistrationForm | SetupForm) -> Applicant:
    return Applicant(
        name=form.name.data,
        email=form.email.data if form.email else "",
        password=form.password.data,
        zone=form.zone.data or current_visit().community.zone,
        proof=form.proof.data or "" if isinstance(form, RegistrationForm) else "",
        language=str(get_locale()).replace("_", "-"),
    )


@pages.get("/register/sent")
def registration_sent() -> Answer:
    """Say where the confirmation went, without saying whether the address was new."""
    text = gettext(
        "We have sent a letter to the address you gave. Follow the link in it within two days "
        "and enter your password there."
    )
    return look_into_your_mail(text)


@pages.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Answer:
    """Ask for the password before making the account: mail programs open links by themselves, and
    somebody else may have asked for an account with this address."""
    waiting = registration_actions.waiting_registration(token)
    form = ConfirmForm()

    def act() -> Response:
        try:
            session = registration_actions.confirm(
                token, form.password.data, browser=current_browser()
            )
        except Conflict as error:
            flash(error.message)
            return redirect("/sign-in", 303)
        start_session(session)
        flash(gettext("Your address is confirmed. Welcome."))
        return redirect("/", 303)

    page = FormPage(
        title=gettext("Confirm your address"),
        submit=gettext("Confirm"),
        introduction=gettext(
            "You registered as %(name)s. If you did not, close this page; nothing will happen.",
            name=waiting.name,
        ),
        links=[(gettext("I do not know the password: register again"), "/register")],
    )
    return answer_form(form, page, act)


@pages.route("/setup/<token>", methods=["GET", "POST"])
def set_up(token: str) -> Answer:
    """The first administrator names the community."""
    require_token(token, "setup")
    form = SetupForm()

    def act() -> Response:
        statement = community_actions.CommunityStatement(
            name=form.community.data,
            for_whom=form.for_whom.data,
            not_for_whom=form.not_for_whom.data or "",
        )
        start_session(
            community_actions.set_up(token, _applicant(form), statement, browser=current_browser())
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
