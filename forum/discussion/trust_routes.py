"""The page on which members read what they may do by what they did, and what is missing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template

from forum.discussion.trust_queries import standings_of
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("rights", __name__)


@pages.get("/account/rights")
def rights() -> Answer:
    """Where the member stands with each level of trust."""
    actor = current_actor()
    if actor.id is None:
        return redirect("/sign-in?next=/account/rights", 303)
    return render_template("discussion/rights.html", standings=standings_of(actor.id, actor))
