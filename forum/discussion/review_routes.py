"""A fresh look at what a composer holds while somebody types: what ``forum review`` says of it, as
JSON, and the panel that shows it."""

from __future__ import annotations

from flask import Blueprint, get_template_attribute, jsonify
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.limits import REVIEWS_BY_MEMBER, count_attempt
from forum.db import transaction
from forum.discussion.composer import fingerprints_in, prepared_from, text_of
from forum.discussion.forms import ComposerForm
from forum.discussion.languages import storable_language
from forum.discussion.panel import Panel, panel_of
from forum.discussion.place_queries import thread_at
from forum.discussion.place_rules import base_place
from forum.discussion.reviewing import Occasion, Reviewed, as_facts, is_held
from forum.errors import ForumError
from forum.permissions import Actor
from forum.web.errors import status_of
from forum.web.forms import gives_text_back, is_forged
from forum.web.visit import current_actor, current_visit

pages = Blueprint("review", __name__)


@pages.post("/review")
@gives_text_back
def review() -> Response:
    """What the reviewers say of the text in a composer; nothing is written but that it was asked."""
    actor, form = current_actor(), ComposerForm()
    if not actor.is_member:
        return _refused(403, gettext("Sign in to do this."))
    if is_forged():
        return _refused(400, gettext("This page is too old. Preview keeps your text."))
    if not (form.source.data or "").strip():
        return _answer(Reviewed("", ()), Panel())
    try:
        with transaction():
            count_attempt(REVIEWS_BY_MEMBER, str(actor.id))
        # Whether it may be chosen is said when it is published.
        prepared = prepared_from(form, storable_language(form.language.data or ""))
    except ForumError as error:
        return _refused(status_of(error), error.message)
    panel = panel_of(prepared.source, prepared.review, fingerprints_in(form.kept.data))
    found = prepared.review.findings
    hold = is_held(prepared.source, found, _occasion(actor, form, prepared.language))
    failed = prepared.review.failed
    return _answer(Reviewed(prepared.html, found, hold=hold, failed=failed), panel)


def _occasion(actor: Actor, form: ComposerForm, language: str) -> Occasion:
    place, community = form.place.data or "", current_visit().community.language
    thread, chosen = thread_at(actor, place), text_of(form).category_id
    return Occasion(
        language or community,
        community,
        thread_id=thread.id if thread else None,
        category_id=thread.category_id if thread else chosen or 0,
        title=None if thread else form.title.data or "",
        member_id=actor.id or 0,
        is_edit=base_place(place).startswith("edit"),
    )


def _answer(reviewed: Reviewed, panel: Panel) -> Response:
    findings = get_template_attribute("discussion/panel.html", "findings")
    summary = get_template_attribute("discussion/panel.html", "summary")
    facts = as_facts(None, reviewed)
    return jsonify(**facts, panel=findings(panel, {}), summary=summary(panel))


def _refused(status: int, why: str) -> Response:
    answer = jsonify(error=why)
    answer.status_code = status
    return answer
