"""Pictures: the form that asks for their words first, and the files as they are served."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, flash, redirect, request, send_file
from flask_babel import gettext
from werkzeug.wrappers import Response as Answered

from forum.db import transaction
from forum.discussion.forms import PictureForm
from forum.discussion.picture_queries import pictures_open_to
from forum.discussion.place_queries import WritingPlace, writing_place
from forum.discussion.upload_actions import insert_picture
from forum.errors import NotFound
from forum.files.actions import Received, add_picture, receive
from forum.files.pictures import MOST_BYTES
from forum.files.storage import path_of
from forum.text.pictures import ADDRESS, picture_address, picture_markdown
from forum.web.forms import Answer, FormPage, answer_form, takes_files
from forum.web.visit import current_actor

pages = Blueprint("pictures", __name__)

log = logging.getLogger("forum.files")

YEAR_SECONDS = 365 * 24 * 3600
# The address names the bytes. Only the reader's own browser keeps them: others may not see them.
FOREVER = f"private, max-age={YEAR_SECONDS}, immutable"
# Opened by itself, a picture may load nothing and run nothing, whatever a browser takes it for.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@pages.route("/pictures/new", methods=["GET", "POST"])
@takes_files(4 * MOST_BYTES)
def new_picture() -> Answer:
    """Ask for a picture's words or the decision that it needs none, then for its file; put it into
    the draft that ``for`` names."""
    place = writing_place(current_actor(), request.args.get("for", "new"))
    form = PictureForm()

    def act() -> Answered:
        received = receive(current_actor(), form.picture.data.read())
        with transaction():
            add_picture(current_actor(), received)
            insert_picture(current_actor(), place, _markdown(form, received), caret=_caret())
        _tell(received)
        return redirect(f"{place.url}#source", 303)

    return answer_form(form, _page(place), act)


def _page(place: WritingPlace) -> FormPage:
    return FormPage(
        title=gettext("Add a picture"),
        introduction=gettext(
            "First what it says, then the file. Your text is kept as a draft meanwhile; you come "
            "back to it with the picture in it."
        ),
        submit=gettext("Add the picture"),
        links=[(gettext("Back to your text, without a picture"), place.url)],
    )


def _markdown(form: PictureForm, received: Received) -> str:
    address = picture_address(received.hash, received.picture.format)
    return picture_markdown(address, form.words)


def _caret() -> int | None:
    word = request.args.get("at", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 8 else None


def _tell(received: Received) -> None:
    if received.picture.moved:
        flash(
            gettext(
                "The picture is in your text. It moved; only its first frame was kept, because "
                "what moves keeps people from reading."
            )
        )
    else:
        flash(gettext("The picture is in your text. Preview shows it in its place."))


@pages.get("/files/<name>")
def picture(name: str) -> Response:
    """A picture, for who may see a post that shows it; for others there is none."""
    asked = ADDRESS.fullmatch(f"/files/{name}")
    if asked is None:
        raise NotFound("")
    found = pictures_open_to(current_actor(), [asked["hash"]]).get(asked["hash"])
    if found is None or picture_address(found.hash, found.format) != asked[0]:
        raise NotFound("")
    try:
        answer = send_file(
            path_of(found.hash, found.format),
            mimetype=f"image/{found.format}",
            etag=found.hash,
            download_name=f"picture-{found.hash[:12]}.{found.format}",
        )
    except FileNotFoundError:
        log.error("the file of picture %s is missing", found.hash)
        raise NotFound("") from None
    # When somebody uploaded it is nobody's business.
    answer.headers.pop("Last-Modified", None)
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
