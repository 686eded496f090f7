"""What moderators decided about an author's own post, and how the author asks another to look at it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.db import transaction
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation.appeal_actions import appeal
from forum.moderation.flag_queries import OwnDecision, decisions_about, own_decision
from forum.moderation.forms import AppealForm
from forum.moderation.rules import HELD, PUBLISHED_SO
from forum.permissions import allowed, require_member
from forum.record.decisions import decision_in_words, hidden_decision_in_words
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.reading import note_decision_shown
from forum.web.visit import current_actor

pages = Blueprint("appeals", __name__)

_DECISIONS = {
    "case.remove": "removed",
    "case.changes": "changes",
    "case.label": "labelled",
    "case.move": "moved",
    "case.place": "placed",
    "case.publish_labelled": "p_labelled",
    "post.remove": "removed",
    "thread.remove": "t_removed",
}


@pages.get("/decided/<number:post_id>")
def decided(post_id: int) -> Answer:
    """What moderators decided about one's own post, why, and what one can do now."""
    actor = current_actor()
    require_member(actor)
    found = decisions_about(actor, post_id)
    if not found:
        raise NotFound(gettext("No moderator has decided anything about such a post of yours."))
    note_decision_shown(actor, post_id)
    # All are about one post, wherever it stands by now.
    may_see_thread = allowed(actor, "thread.see", found[0])
    return render_template(
        "moderation/decided.html",
        decisions=found,
        post=found[0],
        in_words=_in_words if may_see_thread else _in_words_without_title,
        may_see_thread=may_see_thread,
        was_not_published=_was_not_published,
        is_waiting=any(one.appeal_id and not one.appeal_closed_at for one in found),
    )


def _in_words(one: OwnDecision) -> str:
    number = None if _was_not_published(one) else one.number
    return decision_in_words(_DECISIONS[one.kind], number, one.title)


def _in_words_without_title(one: OwnDecision) -> str:
    return hidden_decision_in_words(_DECISIONS[one.kind], was_held=_was_not_published(one))


def _was_not_published(one: OwnDecision) -> bool:
    return one.case_kind in HELD and one.kind not in PUBLISHED_SO


@pages.route("/decided/<number:post_id>/<number:entry_id>/appeal", methods=["GET", "POST"])
def ask(post_id: int, entry_id: int) -> Answer:
    """Ask that another moderator looks at a decision."""
    actor = current_actor()
    require_member(actor)
    one, form, back = own_decision(actor, entry_id), AppealForm(), f"/decided/{post_id}"
    if one.post_id != post_id:
        raise NotFound("")
    if request.method != "POST" and (one.is_undone or one.appeal_id):
        return redirect(back, 303)

    def act() -> Response:
        try:
            with transaction():
                appeal(actor, entry_id, words=form.words.data or "")
        except Conflict as error:
            # What was written stays on the page.
            raise Invalid("", error.message) from error
        flash(gettext("Another moderator looks at it, and you are told what they decide."))
        return redirect(back, 303)

    page = FormPage(
        gettext("Ask another moderator to look at it"),
        gettext("Send the appeal"),
        gettext(
            "It goes to somebody else than the one who decided. You can do this once for each decision."
        ),
        [(gettext("Back to what was decided"), back)],
    )
    return answer_form(form, page, act)
