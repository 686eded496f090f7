"""The words of a post's pictures, written or mended later: a form with each picture beside its words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, TextAreaField

from forum.accessibility.describing import described, own_pictures
from forum.accessibility.document import Document, Picture
from forum.accounts.limits import PREVIEWS_BY_MEMBER, note_attempt, require_room
from forum.db import transaction
from forum.discussion.actions import Prepared, prepare
from forum.discussion.alternative_actions import change_alternatives, checked_alternative
from forum.discussion.queries import PostFacts, ThreadFacts, post_facts, thread_facts
from forum.discussion.rules import require_describe
from forum.errors import ForumError, Invalid, NotFound
from forum.review import Span
from forum.web.addresses import number_from, post_place_url
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.kept import DESCRIBES
from forum.web.visit import current_actor, current_visit

pages = Blueprint("alternatives", __name__)

DECORATES = "decoration-"


@pages.route("/t/<number:thread_id>/<number:number>/pictures", methods=["GET", "POST"])
@gives_text_back
def of_post(thread_id: int, number: int) -> Answer:
    """Say of each picture of a post what it shows, or that it is decoration."""
    actor = current_actor()
    thread = thread_facts(actor, thread_id)
    post = post_facts(thread, number)
    require_describe(actor, thread, post)
    document = Document.parse(post.source, post.language or current_visit().community.language)
    pictures = own_pictures(document)
    if not pictures:
        raise NotFound(gettext("This post shows no picture."))
    form = _form_for(pictures, post.version)
    if not form.is_submitted():
        return _page(thread, post, pictures, form)
    if is_forged():
        put_forgery(form)
        return _page(thread, post, pictures, form), 400
    try:
        source = described(document, _words(form, pictures))
        _refuse_nameless_links(form, source)
        if form.errors:
            return _page(thread, post, pictures, form), 422
        _change(form, post, source)
    except ForumError as error:
        form.form_errors.append(error.message)
        return _page(thread, post, pictures, form), status_of(error)
    flash(gettext("The words of the pictures are changed."))
    return redirect(post_place_url(thread_id, number), 303)


def _form_for(pictures: list[Picture], version: int) -> FlaskForm:
    """A form with two fields for each picture, which holds what the post says at present."""

    class PicturesForm(FlaskForm):  # type: ignore[misc]
        based_on = HiddenField()

    data: dict[str, Any] = {"based_on": str(version)}
    for number, picture in enumerate(pictures, 1):
        said = gettext("What picture %(number)d shows", number=number)
        setattr(PicturesForm, f"{DESCRIBES}{number}", TextAreaField(said))
        decoration = gettext("Picture %(number)d is decoration", number=number)
        setattr(PicturesForm, f"{DECORATES}{number}", BooleanField(decoration))
        data |= {f"{DESCRIBES}{number}": picture.text, f"{DECORATES}{number}": picture.decorative}
    return PicturesForm(data=data)


def _words(form: FlaskForm, pictures: list[Picture]) -> dict[Span, str]:
    """What is to be said of each; what is wrong stands at its field."""
    words = {}
    for number, picture in enumerate(pictures, 1):
        name = f"{DESCRIBES}{number}"
        try:
            is_decoration = form[f"{DECORATES}{number}"].data
            words[picture.span] = _decided(form[name].data or "", is_decoration=is_decoration)
        except Invalid as error:
            put_error(form, Invalid(name, error.message))
    return words


def _refuse_nameless_links(form: FlaskForm, source: str) -> None:
    for number, picture in enumerate(own_pictures(Document.parse(source)), 1):
        if picture.names_link and picture.decorative:
            message = gettext("This picture is all that a link has. Say where the link leads.")
            put_error(form, Invalid(f"{DESCRIBES}{number}", message))


def _decided(written: str, *, is_decoration: bool) -> str:
    words = checked_alternative(written)
    if is_decoration and words:
        raise Invalid(
            "", gettext("You chose decoration: take these words away, or choose to describe it.")
        )
    if not is_decoration and not words:
        raise Invalid("", gettext("Write what the picture shows, or choose decoration."))
    return words


def _change(form: FlaskForm, post: PostFacts, source: str) -> None:
    actor = current_actor()
    require_room(PREVIEWS_BY_MEMBER, str(actor.id))
    text = _prepared(source, post)
    based_on = number_from(form["based_on"].data or None, default=post.version)
    with transaction():
        note_attempt(PREVIEWS_BY_MEMBER, str(actor.id))
        change_alternatives(actor, post.id, text=text, based_on=based_on)


def _prepared(source: str, post: PostFacts) -> Prepared:
    community = current_visit().community.language
    return prepare(source, language=post.language, community=community, reader=current_actor())


def _page(thread: ThreadFacts, post: PostFacts, pictures: list[Picture], form: FlaskForm) -> str:
    return render_template(
        "discussion/pictures.html",
        thread=thread,
        post=post,
        form=form,
        pictures=[
            (picture, form[f"{DESCRIBES}{number}"], form[f"{DECORATES}{number}"])
            for number, picture in enumerate(pictures, 1)
        ],
    )
