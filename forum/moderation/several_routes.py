"""One decision about several cases: choose it, see what it would do, and have it done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from forum.discussion.destinations import how_many_are_read_by_more
from forum.errors import Invalid
from forum.moderation.forms import SeveralForm, SureAboutSeveralForm
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import case_kind, mark_of, require_some_cases
from forum.moderation.several import (
    MOST_AT_ONCE,
    Outcome,
    Outlook,
    categories_open_to,
    check,
    decide_each,
    decisions_about,
    outlooks,
    sentences_about,
)
from forum.moderation.several_queries import cases_of_numbers
from forum.permissions import Actor
from forum.web.addresses import log_url
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.page import Notice, say_undoable
from forum.web.visit import current_actor

pages = Blueprint("several", __name__)

_LIST = "/moderation"


@pages.get("/moderation/several")
def choose() -> Answer:
    """Choose what to decide about the cases that were chosen in the list."""
    actor = current_actor()
    require_some_cases(actor)
    numbers = _numbers(request.args.getlist("cases"))
    if not 0 < len(numbers) <= MOST_AT_ONCE:
        flash(_how_many(len(numbers)), "warn")
        return redirect(_LIST, 303)
    return _show_choice(actor, numbers, SeveralForm(formdata=None))


@pages.post("/moderation/several")
@gives_text_back
def decide() -> Answer:
    """Show what would happen; then, when that is confirmed, do it."""
    actor, form = current_actor(), SeveralForm()
    require_some_cases(actor)
    marks = _marks(request.form.getlist("cases"))
    if is_forged():
        put_forgery(form)
        return _show_choice(actor, marks, form), 400
    if request.form.get("action") == "change":
        return _show_choice(actor, marks, form)
    try:
        cases = _checked(actor, marks, form)
    except Invalid as error:
        put_error(form, error)
        return _show_choice(actor, marks, form), 422
    if request.form.get("action") == "decide":
        return _done(actor, decide_each(actor, marks, form.decision.data, form), form)
    return _ask(actor, marks, outlooks(actor, cases, form.decision.data, form), form)


def _checked(actor: Actor, marks: Mapping[int, str], form: SeveralForm) -> list[CaseFacts]:
    if not 0 < len(marks) <= MOST_AT_ONCE:
        raise Invalid("", _how_many(len(marks)))
    cases = cases_of_numbers(actor, marks)
    check(actor, cases, form.decision.data or "", form)
    return cases


def _how_many(count: int) -> str:
    none: str = gettext("Choose cases in the list first, then press the button below it.")
    many: str = gettext(
        "Choose %(most)d cases at most; these are %(n)d.", most=MOST_AT_ONCE, n=count
    )
    return many if count else none


def _numbers(words: Sequence[str]) -> list[int]:
    numbers = (word for word in words if word.isascii() and word.isdigit() and len(word) < 18)
    return sorted({int(word) for word in numbers} - {0})


def _marks(words: Sequence[str]) -> dict[int, str]:
    """Each case with the mark that it had when the page was made; none on the first page."""
    parts = {number: mark for number, _dot, mark in (word.partition(".") for word in words)}
    return {n: parts[str(n)] for n in _numbers(list(parts)) if str(n) in parts}


def _show_choice(
    actor: Actor,
    numbers: Sequence[int] | Mapping[int, str],
    form: SeveralForm,
    *,
    left_out: Mapping[int, str] | None = None,
    notice: Notice | None = None,
) -> str:
    cases = cases_of_numbers(actor, numbers)
    form.decision.choices = decisions_about(cases)
    form.sentence.choices = sentences_about(cases)
    form.category.choices = [("", gettext("Choose one")), *categories_open_to(actor)]
    offered = {name for name, _words in form.decision.choices}
    return render_template(
        "moderation/several.html",
        cases=cases,
        form=form,
        offered=offered,
        gone=len(numbers) - len(cases),
        left_out=left_out or {},
        notice=notice,
        kind_named=case_kind,
    )


def _ask(
    actor: Actor, marks: Mapping[int, str], found: Sequence[Outlook], form: SeveralForm
) -> Answer:
    sure = SureAboutSeveralForm(formdata=None)
    for name in ("decision", "sentence", "words", "label", "category"):
        sure[name].data = form[name].data
    happening = [one for one in found if one.will_happen]
    places = [one.case.category_id for one in happening]
    is_moving = form.decision.data == "move" and happening
    return render_template(
        "moderation/several_sure.html",
        happening=happening,
        staying=[one for one in found if not one.will_happen],
        gone=sorted(set(marks) - {one.case.id for one in found}),
        form=sure,
        mark_of=mark_of,
        kind_named=case_kind,
        consequences=how_many_are_read_by_more(places, int(form.category.data))
        if is_moving
        else [],
        words=(form.words.data or "").strip(),
        label=form.label.data if form.decision.data == "label" else "",
        back=f"/moderation/several?{urlencode([('cases', n) for n in marks])}",
    )


def _done(actor: Actor, outcome: Outcome, form: SeveralForm) -> Answer:
    done = len(outcome.entries)
    said = ngettext("%(num)s case is decided.", "%(num)s cases are decided.", done)
    undo = _undo_url(outcome.entries)
    if not outcome.left_out:
        return _back(said, undo)
    for message in dict.fromkeys(outcome.left_out.values()):
        form.form_errors.append(message)
    notice = Notice("", said, undo) if done else None
    html = _show_choice(
        actor, list(outcome.left_out), form, left_out=outcome.left_out, notice=notice
    )
    return html, 409


def _back(said: str, undo: str) -> Response:
    if undo:
        say_undoable(said, undo)
    else:
        flash(said)
    return redirect(_LIST, 303)


def _undo_url(entries: Sequence[int]) -> str:
    if not entries:
        return ""
    return log_url(entries[0]) + ("/several" if len(entries) > 1 else "")
