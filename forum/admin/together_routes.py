"""What was done with one press of a button, and undoing all of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext, ngettext

from forum.admin.forms import UndoForm
from forum.admin.record_queries import Deed, deed_open_to, may_see_some
from forum.db import transaction
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.permissions import Actor, require
from forum.record.actions import at_one_moment, undo, why_not_to_undo
from forum.record.queries import entries_together
from forum.web.errors import status_of
from forum.web.forms import Answer, gives_text_back, is_forged, put_error, put_forgery
from forum.web.visit import current_actor

pages = Blueprint("together", __name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One of several deeds, and why it cannot be undone; empty when it can."""

    deed: Deed
    obstacle: str


@pages.get("/moderation/log/<number:entry_id>/several")
def several(entry_id: int) -> Answer:
    """All that was done at once, and what undoing would do."""
    actor = current_actor()
    _require_some(actor)
    return _show(actor, entry_id, UndoForm())


@pages.post("/moderation/log/<number:entry_id>/several")
@gives_text_back
def undo_several(entry_id: int) -> Answer:
    """Undo all of it that can be undone."""
    actor, form = current_actor(), UndoForm()
    _require_some(actor)
    if is_forged():
        put_forgery(form)
        return _show(actor, entry_id, form), 400
    parts = _parts(actor, entry_id)
    try:
        with at_one_moment():
            refusals = [_undo(actor, part, form.reason.data or "") for part in parts]
    except Invalid as error:
        put_error(form, error)
        return _show(actor, entry_id, form), status_of(error)
    undone = refusals.count("")
    flash(ngettext("%(num)s decision is undone.", "%(num)s decisions are undone.", undone))
    for why in dict.fromkeys(filter(None, refusals)):
        flash(why, "warn")
    return redirect(f"/moderation/log/{entry_id}/several", 303)


def _undo(actor: Actor, part: Part, reason: str) -> str:
    """Undo one: why it could not be; empty when it is done."""
    if part.obstacle:
        return part.obstacle
    try:
        with transaction():
            undo(actor, part.deed.entry.id, reason=reason)
    except (Conflict, NotAllowed, NotFound) as error:
        return error.message
    return ""


def _require_some(actor: Actor) -> None:
    if not may_see_some(actor):
        require(actor, "case.decide")


def _parts(actor: Actor, entry_id: int) -> list[Part]:
    """Those that the actor may see, the last first: it was done upon the others."""
    first = deed_open_to(actor, entry_id)
    found = []
    for number in reversed(entries_together(first.entry)):
        try:
            deed = deed_open_to(actor, number)
        except NotFound:
            continue
        why = deed.obstacle or why_not_to_undo(actor, deed.entry) or _changed(deed)
        found.append(Part(deed, why))
    return found


def _changed(deed: Deed) -> str:
    if deed.stands:
        return ""
    changed: str = gettext("Something of it was changed since, so it is left as it is.")
    return deed.why_not if deed.is_back else changed


def _show(actor: Actor, entry_id: int, form: UndoForm) -> str:
    parts = _parts(actor, entry_id)
    return render_template(
        "admin/deeds.html",
        entry=parts[0].deed.entry,
        parts=parts[::-1],
        open_to_undoing=sum(not part.obstacle for part in parts),
        letters=sum(part.deed.letters for part in parts if not part.obstacle),
        form=form,
    )
