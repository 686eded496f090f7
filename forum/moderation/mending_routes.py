"""The composer in the hands of whoever helps an author with accessibility."""

from __future__ import annotations

from flask import Blueprint, flash, request
from flask_babel import gettext

from forum.clock import utcnow
from forum.discussion.actions import Posting, Prepared
from forum.discussion.composer import (
    Answer,
    Composer,
    answer,
    give_back,
    refusal_of,
    show_sign_in,
)
from forum.discussion.draft_actions import DraftText
from forum.discussion.finding_queries import kept_findings
from forum.discussion.forms import ComposerForm
from forum.discussion.models import Post
from forum.discussion.queries import PostFacts, ThreadFacts, post_facts, thread_facts
from forum.errors import Conflict, ForumError, NotFound
from forum.moderation.actions import mend_post
from forum.moderation.queries import CaseFacts, case_facts
from forum.moderation.rules import can_decide, require_mendable, require_some_cases
from forum.permissions import Actor
from forum.web.addresses import number_from
from forum.web.forms import gives_text_back
from forum.web.visit import current_actor

pages = Blueprint("mending", __name__)


@pages.route("/moderation/<number:case_id>/mend", methods=["GET", "POST"])
@gives_text_back
def mend(case_id: int) -> Answer:
    """Change a post whose author asked for help; the earlier versions are kept."""
    actor, form, url = current_actor(), ComposerForm(), f"/moderation/{case_id}/mend"
    if request.method == "POST" and not actor.is_member:
        return show_sign_in(form, url, 403)
    try:
        composer, start = _composer(actor, form, case_id)
    except ForumError as error:
        return give_back(form, None, error)
    return answer(composer, start)


def _composer(actor: Actor, form: ComposerForm, case_id: int) -> tuple[Composer, DraftText]:
    require_some_cases(actor)
    case = case_facts(actor, case_id)
    if case.kind != "help" or case.number is None:
        raise NotFound(gettext("Nobody asked for help with this post."))
    thread = thread_facts(actor, case.thread_id)
    post = post_facts(thread, case.number)
    refusal = refusal_of(lambda: _require_mendable(actor, case, thread, post))
    if request.method != "POST":
        if refusal is not None:
            raise refusal
        form.based_on.data = str(post.version)
    based_on = number_from(form.based_on.data or None, default=post.version)

    def publish(actor: Actor, text: Prepared, posting: Posting) -> Post:
        form.based_on.data = str(post.version)
        mended = mend_post(
            actor, case_id, text=text, based_on=based_on, draft=posting.draft, kept=posting.kept
        )
        flash(gettext("The post is changed. Tell its author below, and end the case."))
        return mended

    composer = Composer(
        place=f"edit:{post.id}",
        language=post.language,
        heading=gettext("Help with a post"),
        url=f"/moderation/{case_id}/mend",
        back=f"/moderation/{case_id}",
        leads_to=f"/moderation/{case_id}",
        form=form,
        publish=publish,
        thread=thread,
        refusal=refusal,
        is_help=True,
    )
    kept = " ".join(kept_findings(post.id, post.version))
    return composer, DraftText(post.source, kept=kept)


def _require_mendable(actor: Actor, case: CaseFacts, thread: ThreadFacts, post: PostFacts) -> None:
    if case.closed_at is not None:
        raise Conflict(gettext("This case has been decided. Nobody waits for help any more."))
    if not can_decide(actor, case, utcnow()):
        raise Conflict(gettext("Somebody else has this case at present."))
    require_mendable(thread, post)
