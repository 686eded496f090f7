"""The list of what a member was told."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from forum.accounts.forms import ButtonForm
from forum.db import transaction
from forum.notifications.actions import mark_all_seen
from forum.notifications.queries import ROWS_A_PAGE, notifications_of
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
    return render_template(
        "notifications/list.html",
        rows=shown,
        has_new=any(row.seen_at is None for row in shown),
        older=older,
        is_first=after is None,
        form=ButtonForm(),
    )


@pages.post("/notifications")
def all_seen() -> Answer:
    """Note that the member has seen all up to the newest on their page."""
    up_to = number_from(request.form.get("up_to"), default=1)
    with transaction():
        mark_all_seen(current_actor(), up_to)
    return redirect("/notifications", 303)
