"""Pages that belong to no feature: how the forum looks, what it is, the theme's files."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answered
from wtforms import RadioField

from forum import __version__
from forum.config import current_settings
from forum.errors import NotFound
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.page import MODE_COOKIE, MODES
from forum.web.themes import stylesheet

pages = Blueprint("web", __name__)

YEAR_SECONDS = 365 * 24 * 3600
FOREVER = f"public, max-age={YEAR_SECONDS}, immutable"


class AppearanceForm(FlaskForm):
    """The colours somebody wants in this browser."""

    mode = RadioField(lazy_gettext("Colours"), default="auto")


@pages.route("/appearance", methods=["GET", "POST"])
def appearance() -> Answer:
    """Choose the colours; kept in this browser."""
    chosen = request.cookies.get(MODE_COOKIE, "")
    form = AppearanceForm(data={"mode": chosen if chosen in MODES else "auto"})
    form.mode.choices = [
        ("auto", gettext("As the browser wishes")),
        ("light", gettext("Light")),
        ("dark", gettext("Dark")),
        ("contrast", gettext("High contrast")),
    ]

    def act() -> Answered:
        answer = redirect("/appearance", 303)
        if form.mode.data in MODES:
            answer.set_cookie(
                MODE_COOKIE,
                form.mode.data,
                max_age=YEAR_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=current_settings().secure_cookies,
            )
        else:
            answer.delete_cookie(MODE_COOKIE)
        flash(gettext("Saved for this browser."))
        return answer

    return answer_form(form, FormPage(gettext("Appearance"), gettext("Save")), act)


@pages.get("/about")
def about() -> Answer:
    """Who the community is for, and what it runs on."""
    return render_template("web/about.html", version=__version__)


@pages.get("/themes/<name>-<version>.css")
def theme(name: str, version: str) -> Response:
    """A theme's style sheet; its address changes with its content."""
    sheet = stylesheet(name)
    if version != sheet.version:
        raise NotFound("")
    answer = Response(sheet.content, mimetype="text/css")
    answer.headers["Cache-Control"] = FOREVER
    return answer
