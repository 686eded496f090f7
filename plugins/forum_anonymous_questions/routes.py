"""The one page of this plugin at which somebody is signed in: there they reveal themselves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from forum.permissions import require_member
from forum.plugin_api import Actor, Conflict, NotFound, TooMany, current_actor, transaction
from forum.web.addresses import member_url, post_url
from forum_anonymous_questions.codes import normal_code
from forum_anonymous_questions.forms import RevealForm
from forum_anonymous_questions.limits import REVEALING
from forum_anonymous_questions.revealing_actions import reveal
from forum_anonymous_questions.revealing_queries import askers_of
from forum_anonymous_questions.texts import gettext

# The templates of the pages behind the door lie there, too.
pages = Blueprint(
    "anonymous-questions", __name__, url_prefix="/anonymous-questions", template_folder="templates"
)
_TEMPLATE = "forum_anonymous_questions/reveal.html"
_STATUS = {NotFound: 404, Conflict: 409, TooMany: 429}


@pages.route("/reveal", methods=["GET", "POST"])
def revealing() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Asks for the claim code, and says what follows."""
    actor, form = current_actor(), RevealForm()
    require_member(actor)
    if not form.is_submitted():
        return render_template(_TEMPLATE, form=form)
    if not form.validate():
        return render_template(_TEMPLATE, form=form), 422
    try:
        place = _revealed(actor, form.code.data or "")
    except (Conflict, NotFound, TooMany) as error:
        form.code.errors = [error.message]
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
        return render_template(_TEMPLATE, form=form), _STATUS[type(error)], headers
    flash(gettext("You revealed yourself. Your name stands beside the question now."))
    return redirect(place, 303)


def _revealed(actor: Actor, words: str) -> str:
    """Where the question stands that the actor has revealed to be theirs."""
    who = str(actor.id).encode()
    REVEALING.require_room(who)
    try:
        with transaction():
            found = reveal(actor, normal_code(words))
    except NotFound:
        REVEALING.note(who)
        raise
    assert found.thread_id is not None
    assert found.number is not None
    return post_url(found.thread_id, found.number)


def revealed_beside(thread_id: int) -> Markup:
    """Who of the askers in a thread revealed themselves; empty where nobody did."""
    askers = [(one.number, member_url(one.member_id), one.name) for one in askers_of(thread_id)]
    if not askers:
        return Markup()
    html = render_template("forum_anonymous_questions/revealed.html", askers=askers)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there
