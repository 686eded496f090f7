"""The page on which members take away everything that is stored about them."""

from __future__ import annotations

import tempfile
from typing import IO, cast

from flask import Blueprint, redirect, send_file
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.data_actions import take_data
from forum.accounts.forms import DownloadForm
from forum.accounts.hold_actions import held_words
from forum.accounts.hold_queries import standing_hold
from forum.clock import utcnow
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_actor

pages = Blueprint("data", __name__)

# Smaller ones never touch the disk.
_IN_MEMORY = 4 * 1024 * 1024


@pages.route("/account/data", methods=["GET", "POST"])
def download() -> Answer:
    """Say what is stored, ask for the password, give the file."""
    actor = current_actor()
    if actor.id is None:
        return redirect("/sign-in?next=/account/data", 303)
    hold = standing_hold(actor.id)

    def act() -> Response:
        file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the answer
        try:
            take_data(actor, password=form.password.data, target=cast(IO[bytes], file))
        except BaseException:
            file.close()
            raise
        file.seek(0)
        name = f"folkmoot-{utcnow():%Y-%m-%d}.zip"
        return send_file(
            cast(IO[bytes], file),
            mimetype="application/zip",
            as_attachment=True,
            download_name=name,
        )

    form = DownloadForm()
    page = FormPage(
        title=gettext("What is stored about you"),
        submit=gettext("Download my data"),
        introduction=" ".join(
            [
                *([held_words(hold.reason)] if hold else []),
                gettext(
                    "Your account and profile, roles and groups, sessions, invitations, everything "
                    "you wrote in every version, drafts, pictures, notifications, what is known of "
                    "letters to you, what moderators decided about your posts, and what "
                    "administrators changed about you. You get it as one ZIP file with texts, "
                    "tables and pictures that any computer opens, and a page that explains them."
                ),
            ]
        ),
        links=[
            (gettext("Close your account"), "/account/close"),
            (gettext("You"), "/me"),
        ],
    )
    return answer_form(form, page, act)
