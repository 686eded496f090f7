"""A member asks another moderator to look at a warning, a mute or a suspension; and that one's page.

Who is suspended cannot sign in: the letter about it has a link, signed and for a time, that leads to this
one page and to nothing else.
"""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import BadRequest

from forum.accounts.forms import ButtonForm
from forum.accounts.limits import (
    APPEALS_BY_ADDRESS,
    APPEALS_BY_MEMBER,
    count_attempt,
    network_of,
)
from forum.accounts.measure_appeal_queries import appeal_about, member_of_measure
from forum.accounts.measure_queries import told_measure
from forum.accounts.queries import actor_by_id
from forum.accounts.tokens import OF_MEASURES, signed_number
from forum.clock import utcnow
from forum.db import transaction
from forum.errors import Barred, Conflict, Invalid, NotFound, TooMany
from forum.moderation.deciding import deed_words
from forum.moderation.forms import AppealForm, MeasureDecisionForm
from forum.moderation.going_on import go_on, queue_of
from forum.moderation.measure_appeal_actions import (
    appeal_against_measure,
    claim_appeal,
    overturn_measure,
    release_appeal,
    require_as_read,
    uphold_measure,
)
from forum.moderation.measure_appeal_queries import (
    entry_about_appeal,
    left_to_nobody,
    measure_appeal_facts,
)
from forum.moderation.measure_appeal_rules import mark_of_appeal
from forum.moderation.next_queries import next_behind
from forum.moderation.rules import can_decide, is_claimed, is_claimed_by
from forum.permissions import Actor, require, require_member
from forum.record.actions import why_not_to_undo
from forum.record.decisions import measure_appeal_in_words
from forum.record.queries import entry_facts
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.visit import current_actor, current_visit

pages = Blueprint("measure_appeals", __name__)


@pages.route("/decided/measures/<number:measure_id>", methods=["GET", "POST"])
@gives_text_back
def told(measure_id: int) -> Answer:
    """What was decided about the member, and how they ask another moderator to look at it."""
    actor = current_actor()
    require_member(actor)
    return _answer(actor, measure_id)


@pages.route("/appeal/<token>", methods=["GET", "POST"])
@gives_text_back
def with_link(token: str) -> Answer:
    """The same for whoever has the link of the letter, signed in or not, and nothing else."""
    _end_barred_session()
    if request.method == "POST" and not is_forged():
        with transaction():
            count_attempt(APPEALS_BY_ADDRESS, network_of(request.remote_addr))
    measure_id = signed_number(OF_MEASURES, token, int(utcnow().timestamp()))
    member_id = None if measure_id is None else member_of_measure(measure_id)
    actor = None if member_id is None else actor_by_id(member_id)
    if measure_id is None or actor is None:
        raise _not_there(
            gettext(
                "This link is too old, was not copied whole, or is about something that was undone."
            )
        )
    return _answer(actor, measure_id)


def _not_there(message: str) -> Exception:
    # A form that did not come from us learns nothing, whatever it is about.
    return BadRequest() if is_forged() else NotFound(message)


def _end_barred_session() -> None:
    # Suspended with a page of the forum still open: they read here why, and what they can do.
    with suppress(Barred):
        current_visit()


def _answer(actor: Actor, measure_id: int) -> Answer:
    if actor.id is None:
        raise NotFound("")
    form, status, headers = AppealForm(), 200, {}
    measure, appeal = told_measure(actor.id, measure_id), appeal_about(actor.id, measure_id)
    if measure is None and appeal is None:
        raise _not_there(gettext("There is no such decision about you, or it was undone."))
    if is_forged():
        put_forgery(form)
        status = 400
    elif request.method == "POST":
        try:
            return _ask(actor, measure_id, form)
        except Invalid as error:
            put_error(form, error)
            status = status_of(error)
        except (Conflict, TooMany) as error:
            form.form_errors.append(error.message)
            status = status_of(error)
            if isinstance(error, TooMany):
                headers["Retry-After"] = str(error.retry_after)
        appeal = appeal_about(actor.id, measure_id)
    page = render_template(
        "moderation/told.html",
        measure=measure,
        appeal=appeal,
        form=form,
        in_words=measure_appeal_in_words,
    )
    return page, status, headers


def _ask(actor: Actor, measure_id: int, form: AppealForm) -> Answer:
    with transaction():
        count_attempt(APPEALS_BY_MEMBER, str(actor.id))
    with transaction():
        appeal_against_measure(actor, measure_id, words=form.words.data or "")
    flash(gettext("Another moderator looks at it, and you are told what they decide."))
    return redirect(request.path, 303)


@pages.route("/moderation/measures/<number:appeal_id>", methods=["GET", "POST"])
@gives_text_back
def decide(appeal_id: int) -> Answer:
    """An appeal about a measure, and deciding it."""
    actor, form, status = current_actor(), MeasureDecisionForm(), 200
    require(actor, "member.moderate")
    try:
        place = measure_appeal_facts(actor, appeal_id).place
    except NotFound as error:
        raise _not_there(error.message) from error
    if is_forged():
        put_forgery(form)
        status = 400
    elif request.method == "POST":
        try:
            return _decided(actor, appeal_id, form, place)
        except Invalid as error:
            put_error(form, error)
            status = status_of(error)
        except Conflict as error:
            # What was written stays on the page: it may still be wanted.
            form.form_errors.append(error.message)
            status = status_of(error)
    return _show(actor, appeal_id, form, status)


def _show(actor: Actor, appeal_id: int, form: MeasureDecisionForm, status: int) -> Answer:
    facts, now = measure_appeal_facts(actor, appeal_id), utcnow()
    is_own = facts.first is not None and facts.first.decider_id == actor.id
    queue = queue_of(actor)
    return (
        render_template(
            "moderation/measure_appeal.html",
            appeal=facts,
            queue=queue,
            mark=mark_of_appeal(facts),
            following=next_behind(actor, facts.place, kind=queue.kind),
            form=form,
            button_form=ButtonForm(),
            is_mine=is_claimed_by(actor, facts, now),
            is_claimed=is_claimed(facts, now),
            may_decide=facts.closed_at is None and not is_own and can_decide(actor, facts, now),
            is_own_decision=is_own,
            left_to_nobody=left_to_nobody(actor, facts) if is_own else "",
            is_left=facts.first is not None and facts.first.is_left,
            deed_words=deed_words,
        ),
        status,
    )


@pages.post("/moderation/measures/<number:appeal_id>/claim")
def claim(appeal_id: int) -> Answer:
    """Take an appeal for half an hour."""
    actor = current_actor()
    require(actor, "member.moderate")
    # Of one that is not for them nobody learns that it is there.
    measure_appeal_facts(actor, appeal_id)
    try:
        with transaction():
            claim_appeal(actor, appeal_id)
    except Conflict as error:
        form = MeasureDecisionForm()
        form.form_errors.append(error.message)
        return _show(actor, appeal_id, form, status_of(error))
    return redirect(queue_of(actor).measure(appeal_id), 303)


@pages.post("/moderation/measures/<number:appeal_id>/release")
def release(appeal_id: int) -> Answer:
    """Give an appeal back."""
    actor = current_actor()
    require(actor, "member.moderate")
    measure_appeal_facts(actor, appeal_id)
    with transaction():
        is_given_back = release_appeal(actor, appeal_id)
    if is_given_back:
        flash(gettext("You have given the case back."))
    return redirect(queue_of(actor).url, 303)


def _decided(
    actor: Actor, appeal_id: int, form: MeasureDecisionForm, place: tuple[int, int]
) -> Answer:
    words, decision = form.words.data or "", request.form.get("decision")
    if decision not in ("uphold", "overturn"):
        raise Invalid("words", gettext("Press one of the buttons below the form."))
    with transaction():
        require_as_read(actor, appeal_id, request.form.get("mark", ""))
        if decision == "uphold":
            said = (
                gettext("It stays as it was decided. The member is told.")
                if uphold_measure(actor, appeal_id, words=words) and not _is_over(actor, appeal_id)
                else gettext("It is noted that this was decided rightly. The member is told.")
            )
        else:
            said = (
                gettext("What was decided is undone. The member is told.")
                if overturn_measure(actor, appeal_id, words=words)
                else gettext("It is noted that this was decided wrongly. The member is told.")
            )
    entry_id = entry_about_appeal(appeal_id)
    if entry_id is None or why_not_to_undo(actor, entry_facts(entry_id)):
        entry_id = None
    return go_on(actor, place, said, entry_id)


def _is_over(actor: Actor, appeal_id: int) -> bool:
    """Whether the measure has ended by its date."""
    until = measure_appeal_facts(actor, appeal_id).until
    return until is not None and until <= utcnow()
