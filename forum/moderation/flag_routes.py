"""Members flag posts, see what became of it, and take it back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.limits import FLAGS_BY_MEMBER, count_attempt
from forum.db import transaction
from forum.discussion.queries import post_facts, thread_facts
from forum.errors import Conflict, Invalid
from forum.moderation.flag_actions import flag_post, withdraw_flag
from forum.moderation.flag_queries import FLAGS_A_PAGE, flags_of, own_flag
from forum.moderation.forms import FlagForm
from forum.moderation.rules import require_flaggable
from forum.permissions import require, require_member
from forum.record.decisions import outcome_in_words
from forum.web.addresses import number_from, post_place_url
from forum.web.forms import Answer, ConfirmationPage, FormPage, answer_confirmation, answer_form
from forum.web.visit import current_actor

pages = Blueprint("flags", __name__)


@pages.route("/t/<number:thread_id>/<number:number>/flag", methods=["GET", "POST"])
def flag(thread_id: int, number: int) -> Answer:
    """Say what is wrong with a post."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    require(actor, "post.flag", thread)
    post, form = post_facts(thread, number), FlagForm()
    if request.method != "POST":
        require_flaggable(actor, post)

    def act() -> Response:
        with transaction():
            count_attempt(FLAGS_BY_MEMBER, str(actor.id))
        try:
            with transaction():
                flag_post(actor, thread_id, number, words=form.words.data or "")
        except Conflict as error:
            # What was written stays on the page.
            raise Invalid("", error.message) from error
        flash(gettext("Thank you. A moderator looks at it, and you are told what they decide."))
        return redirect("/flags", 303)

    page = FormPage(
        gettext("Flag post #%(number)s by %(name)s", number=number, name=post.author),
        gettext("Send it to the moderators"),
        gettext(
            "Only moderators learn that it was you. It begins: “%(excerpt)s”", excerpt=post.excerpt
        ),
        [(gettext("Back to the post"), post_place_url(thread_id, number))],
    )
    return answer_form(form, page, act)


@pages.get("/flags")
def flags() -> Answer:
    """What the member flagged, and what became of it, newest first."""
    actor = current_actor()
    require_member(actor)
    word = request.args.get("after")
    found = flags_of(actor, None if word is None else number_from(word, default=1))
    shown = found[:FLAGS_A_PAGE]
    return render_template(
        "moderation/flags.html",
        flags=shown,
        outcome_in_words=outcome_in_words,
        older=f"/flags?after={shown[-1].id}" if len(found) > FLAGS_A_PAGE else None,
        is_first=word is None,
    )


@pages.route("/flags/<number:flag_id>/withdraw", methods=["GET", "POST"])
def withdraw(flag_id: int) -> Answer:
    """Take back what one said about a post."""
    actor = current_actor()
    require_member(actor)
    facts = own_flag(actor, flag_id)

    def act() -> Response:
        with transaction():
            withdraw_flag(actor, flag_id)
        flash(gettext("You have taken it back."))
        return redirect("/flags", 303)

    page = ConfirmationPage(
        gettext("Take back what you said about a post in “%(title)s”?", title=facts.title)
        if facts.title
        else gettext("Take back what you said about a post that readers do not find at present?"),
        [gettext("When nobody else flagged it, no moderator looks at it any more.")],
        gettext("Take it back"),
        (gettext("Leave it"), "/flags"),
    )
    return answer_confirmation(page, act)
