"""The page on which members close their account."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from forum.accounts.closing_actions import close_account, only_administrator
from forum.accounts.closing_queries import is_only_administrator
from forum.accounts.forms import ClosingForm
from forum.accounts.hold_actions import held_words
from forum.accounts.hold_queries import standing_hold
from forum.config import current_settings
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor, end_session


def kept_in_backups() -> str:
    """What the backups of this forum still hold of somebody who has left."""
    return str(
        ngettext(
            "Backups made before still hold it. The forum keeps the newest one that it makes by "
            "itself; other copies are its administrators' to delete.",
            "Backups made before still hold it. The forum keeps the newest %(num)s that it makes by "
            "itself; other copies are its administrators' to delete.",
            current_settings().backups_kept,
        )
    )


pages = Blueprint("closing", __name__)


@pages.route("/account/close", methods=["GET", "POST"])
def close() -> Answer:
    """Say what happens, ask for the password and what becomes of the posts, then close it."""
    actor = current_actor()
    if actor.id is None:
        return redirect("/sign-in?next=/account/close", 303)
    if is_only_administrator(actor.id):
        title = gettext("Close your account?")
        return render_template("message.html", title=title, text=only_administrator(), links=[])
    if (hold := standing_hold(actor.id)) is not None:
        title = gettext("Close your account?")
        text = held_words(hold.reason)
        links = [
            (gettext("What is stored about you"), "/account/data"),
            (gettext("You"), "/me"),
        ]
        return render_template("message.html", title=title, text=text, links=links)
    form = ClosingForm()

    def act() -> Response:
        close_account(actor, password=form.password.data, empty_posts=form.posts.data == "empty")
        end_session()
        flash(gettext("Your account is closed. Thank you for having been here."))
        return redirect("/", 303)

    page = ConfirmationPage(
        title=gettext("Close your account?"),
        consequences=[
            gettext(
                "This cannot be taken back. Your name, address, profile, drafts, notifications and "
                "sessions are deleted, with your rights and your pictures that no post shows."
            ),
            gettext(
                "Posts that wait for a moderator or were never published are taken back and emptied. "
                "What others quoted from you stays, under “Former member”, and so do the titles of "
                "threads in which others wrote."
            ),
            kept_in_backups(),
        ],
        submit=gettext("Close my account"),
        back=(gettext("Keep it"), "/me"),
    )
    return answer_confirmation(page, act, form)
