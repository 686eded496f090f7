"""What waits for moderators: the list of cases, and each with what can be decided about it."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext

from forum.accounts.forms import ButtonForm
from forum.accounts.stand_in_queries import is_stand_in
from forum.clock import utcnow
from forum.db import transaction
from forum.discussion.findings import ToldFinding, told_findings
from forum.errors import Conflict, Invalid
from forum.moderation.actions import claim_case, release_case
from forum.moderation.appeal_queries import appealed
from forum.moderation.clock_queries import deadline_of
from forum.moderation.clock_work import settle_overdue
from forum.moderation.deciding import (
    as_read,
    categories_for,
    checked_decision,
    choices_for,
    decided,
    decided_words,
    deed_words,
)
from forum.moderation.desk_queries import (
    author_history,
    earlier_cases_of,
    flags_on,
    neighbours_of,
    notes_on,
    similar_decisions,
)
from forum.moderation.forms import CaseNoteForm, DecisionForm
from forum.moderation.going_on import go_on, queue_of
from forum.moderation.next_queries import next_behind, with_appeals
from forum.moderation.note_actions import note_about_case
from forum.moderation.own_queries import left_to_others
from forum.moderation.queries import CaseFacts, case_facts, open_cases, place_of
from forum.moderation.rules import (
    CASES_A_PAGE,
    FIRST,
    FLAG,
    WELCOME,
    can_decide,
    case_kind,
    is_claimed,
    is_claimed_by,
    is_held,
    kinds_for,
    mark_of,
    obstacle_to_publishing,
    require_some_cases,
)
from forum.moderation.sentences import sentence_choices, sentence_hint
from forum.moderation.several import can_be_chosen
from forum.permissions import HELP, Actor, allowed
from forum.record.actions import why_not_to_undo
from forum.record.queries import entry_facts, newest_entry_about
from forum.web.addresses import number_from
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.visit import current_actor

pages = Blueprint("moderation", __name__)


@pages.get("/moderation")
def cases() -> Answer:
    """The open cases, oldest first."""
    actor, now = current_actor(), utcnow()
    require_some_cases(actor)
    settle_overdue()
    word = request.args.get("after")
    kinds, queue = kinds_for(actor), queue_of(actor)
    after = None if word is None else number_from(word, default=1)
    found = open_cases(actor, after, kind=queue.kind)
    shown = found[:CASES_A_PAGE]
    return render_template(
        "moderation/cases.html",
        cases=with_appeals(actor, found, after, kind=queue.kind),
        is_claimed=partial(is_claimed, now=now),
        is_mine=partial(is_claimed_by, actor, now=now),
        queue=queue,
        kind=queue.kind,
        kinds=[case_kind(name) for name in kinds],
        kind_named=case_kind,
        choosable={case.id for case in shown if can_be_chosen(case.kind)},
        are_chosen=request.args.get("chosen") == "all",
        all_chosen=queue.chosen(after),
        first=queue.url,
        further=queue.further(shown[-1].id) if len(found) > CASES_A_PAGE else None,
        is_first=word is None,
        may_help=allowed(actor, HELP),
        may_curate=actor.scope("thread.curate").holds_somewhere,
    )


@pages.get("/moderation/<number:case_id>")
def case(case_id: int) -> Answer:
    """A case: the post, why it waits, who has it, and what can be decided."""
    actor = current_actor()
    require_some_cases(actor)
    settle_overdue()
    return _show(actor, case_id, DecisionForm())


@pages.post("/moderation/<number:case_id>/claim")
def claim(case_id: int) -> Answer:
    """Take a case for half an hour."""
    actor = current_actor()
    require_some_cases(actor)
    settle_overdue()
    try:
        with transaction():
            claim_case(actor, case_id)
    except Conflict as error:
        return _show_conflict(actor, case_id, DecisionForm(), error)
    return redirect(queue_of(actor).case(case_id), 303)


@pages.post("/moderation/<number:case_id>/release")
def release(case_id: int) -> Answer:
    """Give a case back."""
    actor = current_actor()
    with transaction():
        release_case(actor, case_id)
    flash(gettext("You have given the case back."))
    return redirect(queue_of(actor).url, 303)


@pages.post("/moderation/<number:case_id>")
@gives_text_back
def decide(case_id: int) -> Answer:
    """Decide a case; its author is told. The next one that waits for the moderator comes by itself."""
    actor, form = current_actor(), DecisionForm()
    require_some_cases(actor)
    if is_forged():
        put_forgery(form)
        return _show(actor, case_id, form), 400
    settle_overdue()
    try:
        said, entry_id = _act(actor, case_id, request.form.get("decision", ""), form)
    except Invalid as error:
        put_error(form, error)
        return _show(actor, case_id, form), status_of(error)
    except Conflict as error:
        return _show_conflict(actor, case_id, form, error)
    return go_on(actor, (case_id, 0), said, entry_id)


def _show_conflict(actor: Actor, case_id: int, form: DecisionForm, error: Conflict) -> Answer:
    # What was written stays on the page: it may still be wanted.
    form.form_errors.append(error.message)
    return _show(actor, case_id, form), status_of(error)


def _act(actor: Actor, case_id: int, decision: str, form: DecisionForm) -> tuple[str, int | None]:
    with transaction():
        kind = as_read(actor, case_id, request.form.get("mark", "")).kind
        checked_decision(kind, decision)
        said = decided(actor, case_id, kind, decision, form)
        return said, _undoable(actor, case_id)


def _undoable(actor: Actor, case_id: int) -> int | None:
    """What was just done about a case, if the actor can undo it."""
    entry = newest_entry_about(case_id)
    if entry is None or why_not_to_undo(actor, entry_facts(entry)):
        return None
    return entry


@pages.post("/moderation/<number:case_id>/notes")
@gives_text_back
def note(case_id: int) -> Answer:
    """Note something about a case for other moderators."""
    actor, form = current_actor(), CaseNoteForm()
    require_some_cases(actor)
    if is_forged():
        put_forgery(form)
        return _show(actor, case_id, DecisionForm(formdata=None), note_form=form), 400
    settle_overdue()
    try:
        with transaction():
            note_about_case(actor, case_id, words=form.note.data or "")
    except Invalid as error:
        put_error(form, error)
        shown = _show(actor, case_id, DecisionForm(formdata=None), note_form=form)
        return shown, status_of(error)
    flash(gettext("Noted."))
    return redirect(queue_of(actor).case(case_id) + "#notes", 303)


def _show(
    actor: Actor, case_id: int, form: DecisionForm, *, note_form: CaseNoteForm | None = None
) -> str:
    facts, now, queue = case_facts(actor, case_id), utcnow(), queue_of(actor)
    is_open = facts.closed_at is None
    first = None if facts.appeal_of is None else appealed(facts.appeal_of)
    is_own_decision = first is not None and first.decider_id == actor.id
    kind, stands_in = case_kind(facts.kind), is_stand_in(facts.author_id)
    flags, count_of_flags = flags_on(case_id) if facts.kind == FLAG else ([], 0)
    left = left_to_others(actor, [facts]).get(case_id, "") if is_open else ""
    form.category.choices = categories_for(actor, facts) if "move" in kind.decisions else []
    choices = choices_for(actor, facts, is_left=first is None or first.is_left)
    offered = [choice.decision for choice in choices]
    form.sentence.choices = sentence_choices([facts.kind], offered)
    return render_template(
        "moderation/case.html",
        case=facts,
        queue=queue,
        mark=mark_of(facts),
        following=next_behind(actor, (case_id, 0), kind=queue.kind),
        is_hold=is_held(facts.kind),
        is_first=facts.kind == FIRST,
        deadline=deadline_of(facts) if _is_open_hold(facts) else None,
        may_welcome=facts.kind in (FIRST, WELCOME) and facts.number and facts.post_is_there,
        kind=kind,
        choices=choices,
        offered=offered,
        sentence_hint=sentence_hint(facts.kind, offered),
        form=form,
        note_form=CaseNoteForm(formdata=None) if note_form is None else note_form,
        button_form=ButtonForm(),
        findings=_findings_of(facts) if is_open else [],
        obstacle=obstacle_to_publishing(place_of(facts)) if _is_open_hold(facts) else "",
        is_claimed=is_claimed(facts, now),
        is_mine=is_claimed_by(actor, facts, now),
        is_own_decision=is_own_decision,
        left_to_others=left,
        may_decide=_may_decide(actor, facts) and not is_own_decision and not left,
        may_mend=facts.kind == "help" and facts.removed_at is None and facts.post_is_there,
        first=first,
        deed_words=deed_words,
        flags=flags,
        count_of_flags=count_of_flags,
        neighbours=neighbours_of(facts),
        history=None if stands_in else author_history(facts.author_id),
        earlier=[] if stands_in else earlier_cases_of(actor, facts),
        similar=similar_decisions(actor, facts),
        notes=notes_on(case_id),
        decided_words=decided_words,
        kind_named=case_kind,
    )


def _may_decide(actor: Actor, facts: CaseFacts) -> bool:
    return facts.closed_at is None and can_decide(actor, facts, utcnow())


def _is_open_hold(facts: CaseFacts) -> bool:
    return facts.closed_at is None and is_held(facts.kind)


def _findings_of(facts: CaseFacts) -> list[ToldFinding]:
    return told_findings(facts.post_id, facts.version, facts.source, facts.language)
