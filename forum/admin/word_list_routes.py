"""The page of words that make a post wait, with a look at the posts that would have waited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.admin.forms import WordListForm
from forum.community.setting_actions import change_settings
from forum.community.setting_queries import value_of
from forum.db import transaction
from forum.discussion.settings import WORD_LIST
from forum.discussion.spam_queries import posts_with_words
from forum.errors import Invalid
from forum.permissions import Actor, require
from forum.web.forms import Answer, put_error
from forum.web.visit import current_actor

pages = Blueprint("admin_word_list", __name__, url_prefix="/admin/word-list")

MOST_SHOWN = 50


@pages.route("", methods=["GET", "POST"])
def word_list() -> Answer:
    """Change the words, or see first which of the newest posts they would have held."""
    actor = current_actor()
    require(actor, "community.manage")
    present = WORD_LIST.kind.to_text(value_of(WORD_LIST))
    form = WordListForm(data={"word_list": present, "shown": present})
    preview, status = None, 200
    if form.is_submitted():
        try:
            if form.validate() and request.form.get("action") == "save":
                return _save(actor, form)
            if not form.errors:
                preview = posts_with_words(
                    actor, WORD_LIST.kind.from_text(form.word_list.data or "")
                )
        except Invalid as error:
            put_error(form, Invalid(WORD_LIST.name, error.message))
            # The next press of the button puts it in place of what somebody else saved meanwhile.
            form.shown.data = present
        status = 422 if form.errors else 200
    page = render_template(
        "admin/word_list.html", form=form, preview=preview, most_shown=MOST_SHOWN
    )
    return page, status


def _save(actor: Actor, form: WordListForm) -> Response:
    # Browsers end the lines of a text area in their own way.
    sent, shown = (
        {WORD_LIST.name: "\n".join((field.data or "").splitlines())}
        for field in (form.word_list, form.shown)
    )
    with transaction():
        change_settings(actor, sent, shown=shown)
    flash(gettext("Saved."))
    return redirect("/admin/word-list", 303)
