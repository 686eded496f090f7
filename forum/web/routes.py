"""Pages that belong to no feature: how the forum looks, what it is, the theme's files."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answered
from wtforms import RadioField, SelectField

from forum import __version__
from forum.accounts.checks import known_languages, languages_to_choose
from forum.errors import NotFound
from forum.web.cookies import forget_cookie, read_cookie, set_cookie
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.page import MODE_COOKIE, MODES
from forum.web.themes import stylesheet
from forum.web.visit import LANGUAGE_COOKIE, current_actor

pages = Blueprint("web", __name__)

YEAR_SECONDS = 365 * 24 * 3600
FOREVER = f"public, max-age={YEAR_SECONDS}, immutable"


class AppearanceForm(FlaskForm):
    """How the forum looks and speaks in this browser."""

    mode = RadioField(lazy_gettext("Colours"), default="auto")
    language = SelectField(
        lazy_gettext("Language"),
        description=lazy_gettext("Of the forum's own words; posts stay as they were written."),
    )

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.mode.choices = [
            ("auto", gettext("As the browser wishes")),
            ("light", gettext("Light")),
            ("dark", gettext("Dark")),
            ("contrast", gettext("High contrast")),
        ]
        self.language.choices = languages_to_choose(known_languages())
        if current_actor().is_member or len(self.language.choices) == 1:
            # Members have it in their profile, for all browsers and letters.
            del self.language


@pages.route("/appearance", methods=["GET", "POST"])
def appearance() -> Answer:
    """Choose the colours, and as a guest the language; kept in this browser."""
    chosen = read_cookie(MODE_COOKIE)
    mode = chosen if chosen in MODES else "auto"
    form = AppearanceForm(data={"mode": mode, "language": current_actor().language})

    def act() -> Answered:
        answer = redirect("/appearance", 303)
        _keep(answer, MODE_COOKIE, form.mode.data if form.mode.data in MODES else "")
        if form.language is not None:
            _keep(answer, LANGUAGE_COOKIE, form.language.data)
        flash(gettext("Saved for this browser."))
        return answer

    links = [(gettext("Language and time zone: your profile"), "/me")]
    page = FormPage(
        gettext("Appearance"),
        gettext("Save"),
        links=links if current_actor().is_member else (),
    )
    return answer_form(form, page, act)


def _keep(answer: Answered, cookie: str, value: str) -> None:
    if value:
        set_cookie(answer, cookie, value, seconds=YEAR_SECONDS)
    else:
        forget_cookie(answer, cookie)


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
