"""An author's own post that was held: what became of it, why, and the text."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext

from forum.accounts.forms import ButtonForm
from forum.db import transaction
from forum.discussion.models import WAITING
from forum.errors import Conflict, NotAllowed
from forum.moderation.actions import draft_anew, withdraw_held
from forum.moderation.clock_queries import deadline_of
from forum.moderation.clock_work import settle_overdue
from forum.moderation.queries import CaseFacts, own_held_post
from forum.permissions import allowed
from forum.web.addresses import post_url
from forum.web.forms import Answer
from forum.web.reading import note_decision_shown
from forum.web.visit import current_actor

pages = Blueprint("held", __name__)


@pages.get("/held/<number:post_id>")
def post(post_id: int) -> Answer:
    """The post as its author reads it, whether it waits, was taken back, or was not published."""
    actor = current_actor()
    if not actor.is_member:
        raise NotAllowed(gettext("Sign in to read your post."))
    settle_overdue()
    facts = own_held_post(actor, post_id)
    if (number := _number_in_thread(facts)) is not None:
        return redirect(post_url(facts.thread_id, number), 303)
    note_decision_shown(actor, post_id)
    return render_template(
        "moderation/held.html",
        case=facts,
        form=ButtonForm(),
        deadline=None if facts.closed_at else deadline_of(facts),
        may_see_thread=allowed(actor, "thread.see", facts) and facts.removed_at is None,
    )


def _number_in_thread(facts: CaseFacts) -> int | None:
    """The post's number where it stands in its thread, or stood when it was removed. One whose
    publication was undone has a number, too, but waits, or was decided about anew."""
    decided_anew = facts.decision in ("removed", "changes", "withdrawn") and facts.removal
    return None if facts.removal == WAITING or decided_anew else facts.number


@pages.post("/held/<number:post_id>/withdraw")
def withdraw(post_id: int) -> Answer:
    """Take the post back."""
    settle_overdue()
    try:
        with transaction():
            withdraw_held(current_actor(), post_id)
    except Conflict as error:
        return _back_with(error, post_id)
    flash(gettext("You have taken your post back. Nobody else reads it."))
    return redirect(f"/held/{post_id}", 303)


@pages.post("/held/<number:post_id>/anew")
def anew(post_id: int) -> Answer:
    """Make a draft of it and open the composer."""
    try:
        with transaction():
            place = draft_anew(current_actor(), post_id)
    except Conflict as error:
        return _back_with(error, post_id)
    return redirect("/new" if place == "new" else f"/t/{place.partition(':')[2]}/reply", 303)


def _back_with(error: Conflict, post_id: int) -> Answer:
    # The page itself says what became of the post.
    flash(error.message, "warn")
    return redirect(f"/held/{post_id}", 303)
