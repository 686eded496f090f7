"""The page for those who keep the conversation going: where somebody would gladly hear from them."""

from __future__ import annotations

from flask import Blueprint, render_template

from forum.clock import utcnow
from forum.discussion import care_queries as care
from forum.moderation.rules import require_curating
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("care", __name__)


@pages.get("/moderation/community")
def community() -> Answer:
    """What waits for a person's words, each with the next step."""
    actor, now = current_actor(), utcnow()
    require_curating(actor)
    return render_template(
        "moderation/community.html",
        unanswered=care.unanswered_threads(actor, now),
        unwelcomed=care.unwelcomed_posts(actor, now),
        one_voice=care.threads_of_one_voice(actor, now),
        quiet=care.newcomers_gone_quiet(actor, now),
        care=care,
    )
