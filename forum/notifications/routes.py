"""The list of what a member was told."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from forum.accounts.forms import ButtonForm
from forum.accounts.measure_appeal_queries import told_appeals
from forum.accounts.measure_queries import told_measures
from forum.accounts.trust_queries import told_steps
from forum.db import transaction
from forum.discussion.trust_actions import mark_steps_seen
from forum.notifications.actions import mark_all_seen, mark_appeals_seen, mark_measures_seen
from forum.notifications.queries import ROWS_A_PAGE, notifications_of
from forum.record.decisions import (
    CAN_BE_APPEALED,
    NOT_PUBLISHED,
    decision_in_words,
    measure_appeal_in_words,
    outcome_in_words,
)
from forum.web.addresses import number_from
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("notifications", __name__)


@pages.get("/notifications")
def notifications() -> Answer:
    """What the member was told, newest first."""
    actor = current_actor()
    if not actor.is_member:
        return redirect("/sign-in?next=/notifications", 303)
    word = request.args.get("after")
    after = number_from(word, default=1) if word is not None else None
    found = notifications_of(actor, after)
    shown = found[:ROWS_A_PAGE]
    older = f"/notifications?after={shown[-1].id}" if len(found) > ROWS_A_PAGE else None
    measures = told_measures(actor.id) if actor.id is not None and after is None else []
    appeals = told_appeals(actor.id) if actor.id is not None and after is None else []
    steps = told_steps(actor.id) if actor.id is not None and after is None else []
    seen = {row.seen_at for row in shown}
    seen |= {told.seen_at for told in measures} | {told.seen_at for told in appeals}
    seen |= {step.seen_at for step in steps}
    return render_template(
        "notifications/list.html",
        rows=shown,
        measures=measures,
        appeals=appeals,
        steps=steps,
        measure_appeal_in_words=measure_appeal_in_words,
        has_new=None in seen,
        older=older,
        is_first=after is None,
        form=ButtonForm(),
        decision_in_words=decision_in_words,
        outcome_in_words=outcome_in_words,
        can_be_appealed=CAN_BE_APPEALED,
        not_published=NOT_PUBLISHED,
    )


@pages.post("/notifications")
def all_seen() -> Answer:
    """Note that the member has seen all up to the newest on their page."""
    up_to, measures, appeals, steps = (
        number_from(request.form.get(name) or None, default=0)
        for name in ("up_to", "measures", "appeals", "steps")
    )
    with transaction():
        mark_all_seen(current_actor(), up_to)
        mark_measures_seen(current_actor(), measures)
        mark_appeals_seen(current_actor(), appeals)
        mark_steps_seen(current_actor(), steps)
    return redirect("/notifications", 303)
