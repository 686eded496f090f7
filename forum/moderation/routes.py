"""What waits for moderators: the list of cases, and each with what can be decided about it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext

from forum.accounts.forms import ButtonForm
from forum.clock import utcnow
from forum.db import transaction
from forum.discussion.findings import ToldFinding, told_findings
from forum.errors import Conflict, Invalid
from forum.moderation.actions import (
    claim_case,
    finish_help,
    publish_held,
    release_case,
    remove_held,
)
from forum.moderation.forms import DecisionForm
from forum.moderation.queries import (
    CaseFacts,
    case_facts,
    open_cases,
    place_of,
)
from forum.moderation.rules import (
    CASES_A_PAGE,
    can_decide,
    is_claimed,
    is_claimed_by,
    obstacle_to_publishing,
    require_some_cases,
)
from forum.permissions import HELP, Actor, allowed
from forum.record.queries import newest_entry_about
from forum.web.addresses import log_url, number_from
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.page import say_undoable
from forum.web.visit import current_actor

pages = Blueprint("moderation", __name__)


@pages.get("/moderation")
def cases() -> Answer:
    """The open cases, oldest first."""
    actor, now = current_actor(), utcnow()
    require_some_cases(actor)
    word = request.args.get("after")
    found = open_cases(actor, None if word is None else number_from(word, default=1))
    shown = found[:CASES_A_PAGE]
    return render_template(
        "moderation/cases.html",
        cases=shown,
        claimed={case.id for case in shown if is_claimed(case, now)},
        mine={case.id for case in shown if is_claimed_by(actor, case, now)},
        further=f"/moderation?after={shown[-1].id}" if len(found) > CASES_A_PAGE else None,
        is_first=word is None,
        may_help=allowed(actor, HELP),
        may_curate=actor.scope("thread.curate").holds_somewhere,
    )


@pages.get("/moderation/<number:case_id>")
def case(case_id: int) -> Answer:
    """A case: the post, why it waits, who has it, and what can be decided."""
    actor = current_actor()
    require_some_cases(actor)
    return _show(actor, case_id, DecisionForm())


@pages.post("/moderation/<number:case_id>/claim")
def claim(case_id: int) -> Answer:
    """Take a case for half an hour."""
    actor = current_actor()
    try:
        with transaction():
            claim_case(actor, case_id)
    except Conflict as error:
        return _show_conflict(actor, case_id, DecisionForm(), error)
    return redirect(f"/moderation/{case_id}", 303)


@pages.post("/moderation/<number:case_id>/release")
def release(case_id: int) -> Answer:
    """Give a case back."""
    with transaction():
        release_case(current_actor(), case_id)
    flash(gettext("You have given the case back."))
    return redirect("/moderation", 303)


@pages.post("/moderation/<number:case_id>")
@gives_text_back
def decide(case_id: int) -> Answer:
    """Decide a case; its author is told."""
    actor, form = current_actor(), DecisionForm()
    require_some_cases(actor)
    if is_forged():
        put_forgery(form)
        return _show(actor, case_id, form), 400
    try:
        said, entry_id = _act(
            actor, case_id, request.form.get("decision", ""), form.words.data or ""
        )
    except Invalid as error:
        put_error(form, error)
        return _show(actor, case_id, form), status_of(error)
    except Conflict as error:
        return _show_conflict(actor, case_id, form, error)
    if entry_id is None:
        flash(said)
    else:
        say_undoable(said, log_url(entry_id))
    return redirect("/moderation", 303)


def _show_conflict(actor: Actor, case_id: int, form: DecisionForm, error: Conflict) -> Answer:
    # What was written stays on the page: it may still be wanted.
    form.form_errors.append(error.message)
    return _show(actor, case_id, form), status_of(error)


def _act(actor: Actor, case_id: int, decision: str, words: str) -> tuple[str, int | None]:
    decisions: dict[str, tuple[Callable[[], object], str]] = {
        "publish": (
            lambda: publish_held(actor, case_id, words=words),
            gettext("Published. The author is told."),
        ),
        "remove": (
            lambda: remove_held(actor, case_id, reason=words),
            gettext("Removed. The author is told, with your reason."),
        ),
        "done": (
            lambda: finish_help(actor, case_id, words=words),
            gettext("Done. The author is told."),
        ),
    }
    if decision not in decisions:
        raise Invalid("words", gettext("Press one of the buttons below the form."))
    act, said = decisions[decision]
    with transaction():
        act()
        return said, newest_entry_about(case_id)


def _show(actor: Actor, case_id: int, form: DecisionForm) -> str:
    facts, now = case_facts(actor, case_id), utcnow()
    is_open = facts.closed_at is None
    return render_template(
        "moderation/case.html",
        case=facts,
        form=form,
        button_form=ButtonForm(),
        findings=_findings_of(facts) if is_open else [],
        obstacle=obstacle_to_publishing(place_of(facts)) if _is_open_hold(facts) else "",
        is_claimed=is_claimed(facts, now),
        is_mine=is_claimed_by(actor, facts, now),
        may_decide=is_open and can_decide(actor, facts, now),
        may_mend=facts.kind == "help" and facts.removed_at is None and facts.post_is_there,
    )


def _is_open_hold(facts: CaseFacts) -> bool:
    return facts.closed_at is None and facts.kind == "hold"


def _findings_of(facts: CaseFacts) -> list[ToldFinding]:
    return told_findings(facts.post_id, facts.version, facts.source, facts.language)
