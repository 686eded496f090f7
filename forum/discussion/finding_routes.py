"""Pages of what reviewers said of posts."""

from __future__ import annotations

from flask import Blueprint, render_template

from forum.discussion.findings import told_findings
from forum.discussion.queries import post_facts, thread_facts
from forum.discussion.rules import can_edit, require_findings
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("findings", __name__)


@pages.get("/t/<number:thread_id>/<number:number>/findings")
def of_post(thread_id: int, number: int) -> Answer:
    """What is open about a post's present version, and what was kept, by whom and since when."""
    actor = current_actor()
    thread = thread_facts(actor, thread_id)
    post = post_facts(thread, number)
    require_findings(actor, thread, post)
    told = told_findings(post.id, post.version, post.source, post.language)
    return render_template(
        "discussion/findings.html",
        thread=thread,
        post=post,
        open=[one for one in told if not one.is_kept],
        kept=[one for one in told if one.is_kept],
        may_edit=can_edit(actor, thread, post),
    )
