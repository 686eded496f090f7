"""The pages of the moderators' record, where what was done can be undone."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext

from forum.admin.forms import UndoForm
from forum.admin.list_page import answer_list
from forum.admin.record_queries import deed_open_to, log_open_to, may_see_some
from forum.db import transaction
from forum.errors import Conflict, Invalid
from forum.moderation.own_queries import answers_own_flag
from forum.permissions import Actor, require
from forum.record.actions import undo, why_not_to_undo
from forum.record.queries import entries_together
from forum.web.addresses import log_url, number_from
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.visit import current_actor

pages = Blueprint("record", __name__, url_prefix="/moderation/log")


@pages.get("")
def listed() -> Answer | Response:
    """What moderators did, newest first."""
    actor, word = current_actor(), request.args.get("thread", "")
    _require_some(actor)
    links = [(gettext("Looking after the community"), "/moderation/community")]
    return answer_list(
        log_open_to(actor, number_from(word, default=0) if word else None),
        links if actor.scope("thread.curate").holds_somewhere else (),
    )


@pages.get("/<number:entry_id>")
def deed(entry_id: int) -> Answer:
    """One deed: who, when, why, what it changed, and what undoing it would put back."""
    actor = current_actor()
    _require_some(actor)
    return _show(actor, entry_id, UndoForm())


@pages.post("/<number:entry_id>")
@gives_text_back
def undo_deed(entry_id: int) -> Answer:
    """Undo it."""
    actor, form = current_actor(), UndoForm()
    _require_some(actor)
    if is_forged():
        put_forgery(form)
        return _show(actor, entry_id, form), 400
    # Who may not see it learns nothing of it.
    found = deed_open_to(actor, entry_id)
    try:
        if found.obstacle:
            raise Conflict(found.obstacle)
        with transaction():
            undoing = undo(actor, entry_id, reason=form.reason.data or "")
    except Invalid as error:
        put_error(form, error)
        return _show(actor, entry_id, form), status_of(error)
    except Conflict as error:
        form.form_errors.append(error.message)
        return _show(actor, entry_id, form), status_of(error)
    flash(gettext("Undone. Everything is as it was before."))
    return redirect(log_url(undoing.id), 303)


def _require_some(actor: Actor) -> None:
    if not may_see_some(actor):
        require(actor, "case.decide")


def _show(actor: Actor, entry_id: int, form: UndoForm) -> str:
    found = deed_open_to(actor, entry_id)
    return render_template(
        "admin/deed.html",
        deed=found,
        entry=found.entry,
        form=form,
        obstacle=found.obstacle or why_not_to_undo(actor, found.entry),
        together=len(entries_together(found.entry)),
        # Never for whoever wrote the post.
        is_own_flag=found.entry.member_id != actor.id and answers_own_flag(found.entry),
    )
