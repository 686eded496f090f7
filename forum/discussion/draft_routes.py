"""Drafts: saved while somebody types, listed, and discarded."""

from __future__ import annotations

from babel.dates import format_time
from flask import Blueprint, flash, jsonify, redirect, render_template, request
from flask_babel import get_locale, gettext, ngettext
from werkzeug.wrappers import Response

from forum.accounts.limits import DRAFTS_BY_MEMBER, count_attempt
from forum.db import transaction
from forum.discussion.composer import kept_apart, text_of
from forum.discussion.draft_actions import discard_draft, require_few_drafts, save_draft
from forum.discussion.draft_queries import draft_at, drafts_of
from forum.discussion.forms import ComposerForm
from forum.discussion.models import Draft
from forum.discussion.place_rules import is_place
from forum.discussion.queries import ROWS_A_PAGE
from forum.errors import ForumError, NotAllowed, NotFound
from forum.moments import zone_named
from forum.permissions import Actor
from forum.web.addresses import place_from, place_word
from forum.web.errors import status_of
from forum.web.forms import (
    Answer,
    ConfirmationPage,
    answer_confirmation,
    gives_text_back,
    is_forged,
)
from forum.web.visit import current_actor

pages = Blueprint("drafts", __name__)


@pages.get("/drafts")
def drafts() -> Answer:
    """The member's drafts, the one saved last first."""
    actor = current_actor()
    if not actor.is_member:
        return redirect("/sign-in?next=/drafts", 303)
    after = place_from(request.args.get("after"))
    found = drafts_of(actor, after)
    shown = found[:ROWS_A_PAGE]
    goes_on = len(found) > len(shown)
    older = f"/drafts?after={place_word(shown[-1].saved_at, shown[-1].id)}" if goes_on else None
    return render_template(
        "discussion/drafts.html", drafts=shown, older=older, is_first=after is None
    )


@pages.post("/drafts")
@gives_text_back
def save() -> Answer:
    """Keep what a composer holds while somebody types: JSON that says what became of it."""
    actor, form = current_actor(), ComposerForm()
    if not actor.is_member:
        return _not_saved(
            403, gettext("you are not signed in any more. Preview leads to signing in.")
        )
    if is_forged():
        return _not_saved(400, gettext("this page is too old. Preview keeps your text."))
    place = form.place.data or ""
    if not is_place(place):
        return _not_saved(422, gettext("this page is broken. Preview keeps your text."))
    try:
        with transaction():
            count_attempt(DRAFTS_BY_MEMBER, str(actor.id))
            require_few_drafts(actor, place)
            draft = save_draft(actor, place, text_of(form))
    except ForumError as error:
        return _not_saved(status_of(error), error.message)
    if draft is None:
        return _not_saved(422, gettext("nothing is written yet."))
    return _saved(actor, draft, place)


def _saved(actor: Actor, draft: Draft, place: str) -> Response:
    at = draft.saved_at.astimezone(zone_named(actor.zone))
    words = gettext("Saved at %(time)s.", time=format_time(at, "HH:mm:ss", locale=get_locale()))
    return jsonify(
        saved_at=draft.saved_at.isoformat(),
        words=words,
        notice="" if draft.place == place else kept_apart(),
        place=draft.place,
        saved=draft.word,
    )


def _not_saved(status: int, why: str) -> Response:
    answer = jsonify(words=gettext("Not saved: %(why)s", why=why))
    answer.status_code = status
    return answer


@pages.route("/drafts/discard", methods=["GET", "POST"])
def discard() -> Answer:
    """Ask before a draft is forgotten for good."""
    actor, place = current_actor(), request.args.get("place", "")
    if not actor.is_member:
        raise NotAllowed(gettext("Sign in to do this."))
    draft = draft_at(actor, place) if is_place(place) else None
    if draft is None:
        raise NotFound(gettext("This draft is gone: it was published or discarded."))

    def act() -> Response:
        with transaction():
            discard_draft(actor, place)
        flash(gettext("The draft is discarded."))
        return redirect("/drafts", 303)

    page = ConfirmationPage(
        gettext("Discard this draft?"),
        [
            ngettext(
                "It has %(num)s word. It is gone for good.",
                "It has %(num)s words. They are gone for good.",
                len(draft.source.split()),
            )
        ],
        gettext("Discard"),
        (gettext("Back to your drafts"), "/drafts"),
    )
    return answer_confirmation(page, act)
