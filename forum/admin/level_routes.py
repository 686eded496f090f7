"""The administrators' pages of levels of trust."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request
from flask import Response as Streamed
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.trust_queries import Level, trust_level
from forum.accounts.trust_rules import Thresholds
from forum.admin.forms import LevelForm
from forum.admin.group_routes import consequences_of_deleting
from forum.admin.level_actions import add_level, change_level, remove_level, shown_values
from forum.admin.level_queries import LEVELS
from forum.admin.list_page import answer_list
from forum.admin.people_queries import group_facts
from forum.db import transaction
from forum.discussion.trust_queries import WouldChange, with_thresholds
from forum.errors import Invalid, Overtaken
from forum.permissions import require
from forum.seen import marks_of
from forum.web.forms import (
    Answer,
    ConfirmationPage,
    answer_confirmation,
    put_error,
    put_overtaken,
)
from forum.web.visit import current_actor

pages = Blueprint("admin_levels", __name__, url_prefix="/admin/levels")


@pages.get("")
def listed() -> Answer | Streamed:
    """All levels."""
    require(current_actor(), "community.manage")
    return answer_list(LEVELS, [(gettext("Make a level"), "/admin/levels/new")])


@pages.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Make a level, or see first how many members would have it."""
    actor, form = current_actor(), LevelForm()
    require(actor, "community.manage")

    def save() -> Response:
        with transaction():
            add_level(actor, form.name.data, _asked(form), position=form.position.data)
        flash(gettext("The level is there. Now let categories name its group."))
        return redirect("/admin/levels", 303)

    return _answer(form, None, save)


@pages.route("/<number:level_id>", methods=["GET", "POST"])
def level(level_id: int) -> Answer:
    """Change a level, or see first how many members would gain and lose it."""
    actor = current_actor()
    require(actor, "community.manage")
    present = trust_level(level_id)
    values = shown_values(present)
    form = LevelForm(data={**values, "seen": marks_of(values)})

    def save() -> Response:
        with transaction():
            change_level(
                actor,
                level_id,
                name=form.name.data,
                asked=_asked(form),
                position=form.position.data,
                seen=form.seen.data or "",
            )
        flash(gettext("Saved. It holds at once."))
        return redirect(f"/admin/levels/{level_id}", 303)

    return _answer(form, present, save)


def _asked(form: LevelForm) -> Thresholds:
    fields = (form.days, form.posts, form.answers, form.most_removed)
    return Thresholds(*(int(field.data) for field in fields))


def _answer(form: LevelForm, level: Level | None, save: Callable[[], Response]) -> Answer:
    preview: WouldChange | None = None
    status = 200
    if form.is_submitted():
        try:
            if form.validate() and request.form.get("action") == "save":
                return save()
            if not form.errors:
                preview = with_thresholds(_asked(form), None if level is None else level.id)
        except Invalid as error:
            put_error(form, error)
        except Overtaken as overtaken:
            put_overtaken(form, overtaken)
            status = 409
        status = 422 if form.errors and status == 200 else status
    page = render_template("admin/level.html", form=form, level=level, preview=preview)
    return page, status


@pages.route("/<number:level_id>/remove", methods=["GET", "POST"])
def remove(level_id: int) -> Answer:
    """Remove a level with its group."""
    actor = current_actor()
    require(actor, "community.manage")
    present, facts = trust_level(level_id), group_facts(level_id)

    def act() -> Response:
        with transaction():
            remove_level(actor, level_id)
        flash(gettext("The level is gone, and its group."))
        return redirect("/admin/levels", 303)

    page = ConfirmationPage(
        title=gettext("Remove the level “%(name)s”?", name=present.name),
        consequences=[
            gettext("Its group goes with it. Nobody is told that they lost it."),
            *consequences_of_deleting(facts),
        ],
        submit=gettext("Remove it"),
        back=(gettext("Back to the level"), f"/admin/levels/{level_id}"),
    )
    return answer_confirmation(page, act)
