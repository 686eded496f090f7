"""Pages for administrators."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template
from flask import Response as Streamed
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.community_actions import (
    CommunityStatement,
    change_community,
    change_rules,
    shown_fields,
)
from forum.accounts.queries import community_rules, groups
from forum.accounts.rules import CommunityRules
from forum.admin.areas import AREAS
from forum.admin.category_queries import CATEGORIES
from forum.admin.forms import CategoryForm, CommunityForm
from forum.admin.list_page import answer_list
from forum.categories.actions import add_category, change_category, remove_category
from forum.categories.queries import CategoryRow, all_categories, audiences_in
from forum.db import transaction
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import require
from forum.plugin_host import current_host
from forum.seen import marks_of
from forum.web.forms import Answer, ConfirmationPage, FormPage, answer_confirmation, answer_form
from forum.web.visit import current_actor, current_visit

PLUGINS = "/admin/plugins"

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("")
def areas() -> Answer:
    """All that administrators can do here."""
    require(current_actor(), "community.manage")
    # How many of the plugins' hooks wait for somebody to look.
    counts = {PLUGINS: current_host().troubled}
    return render_template("admin/areas.html", areas=AREAS, counts=counts)


@pages.route("/community", methods=["GET", "POST"])
def community() -> Answer:
    """Change the community's name, whom it is for, and its rules."""
    actor, present, rules = current_actor(), current_visit().community, community_rules()
    require(actor, "community.manage")
    fields = shown_fields({**asdict(present), **asdict(rules)})
    form = CommunityForm(data={**fields, "seen": marks_of(fields)})

    def act() -> Response:
        statement = CommunityStatement(
            name=form.community.data,
            for_whom=form.for_whom.data,
            not_for_whom=form.not_for_whom.data or "",
        )
        with transaction():
            change_community(
                actor,
                statement,
                zone=form.zone.data,
                language=form.language.data,
                seen=form.seen.data or "",
            )
            change_rules(actor, _rules(form))
        flash(gettext("Saved."))
        return redirect("/admin/community", 303)

    return answer_form(form, FormPage(gettext("The community"), gettext("Save")), act)


def _rules(form: CommunityForm) -> CommunityRules:
    return CommunityRules(
        registration=form.registration.data,
        email_domains=form.email_domains.data or "",
        edit_minutes=form.edit_minutes.data,
    )


@pages.get("/categories")
def categories() -> Answer:
    """All categories."""
    require(current_actor(), "community.manage")
    return render_template("admin/categories.html", categories=all_categories())


@pages.get("/categories/list")
def category_list() -> Answer | Streamed:
    """All categories with who may do what, to search and to save."""
    require(current_actor(), "community.manage")
    return answer_list(CATEGORIES, [(gettext("Add a category"), "/admin/categories/new")])


@pages.route("/categories/new", methods=["GET", "POST"])
def new_category() -> Answer:
    """Add a category."""
    actor = current_actor()
    require(actor, "community.manage")
    form = CategoryForm()
    form.offer(groups())

    def act() -> Response:
        with transaction():
            add_category(
                actor,
                title=form.title.data,
                description=form.description.data or "",
                position=form.position.data or 0,
                audiences=form.audiences,
            )
        flash(gettext("The category is there."))
        return redirect("/admin/categories", 303)

    return answer_form(form, FormPage(gettext("Add a category"), gettext("Add")), act)


@pages.route("/categories/<number:category_id>", methods=["GET", "POST"])
def category(category_id: int) -> Answer:
    """Change a category and who may do what in it."""
    actor = current_actor()
    require(actor, "community.manage")
    found = next((c for c in all_categories() if c.id == category_id), None)
    if found is None:
        raise NotFound("")
    form = CategoryForm(data=_present(found))
    form.offer(groups())

    def act() -> Response:
        with transaction():
            change_category(
                actor,
                category_id,
                title=form.title.data,
                description=form.description.data or "",
                position=form.position.data or 0,
                audiences=form.audiences,
                seen=form.seen.data or "",
            )
        flash(gettext("Saved."))
        return redirect("/admin/categories", 303)

    links = [
        (gettext("Remove this category"), f"/admin/categories/{category_id}/remove"),
        (gettext("All categories"), "/admin/categories"),
    ]
    page = FormPage(gettext("Change a category"), gettext("Save"), links=links)
    return answer_form(form, page, act)


@pages.route("/categories/<number:category_id>/remove", methods=["GET", "POST"])
def remove(category_id: int) -> Answer:
    """Remove a category in which no thread stands."""
    actor = current_actor()
    require(actor, "community.manage")
    found = next((c for c in all_categories() if c.id == category_id), None)
    if found is None:
        raise NotFound("")

    def act() -> Response:
        try:
            with transaction():
                remove_category(actor, category_id)
        except Conflict as error:
            raise Invalid("", error.message) from error
        flash(gettext("The category is gone."))
        return redirect("/admin/categories", 303)

    page = ConfirmationPage(
        title=gettext("Remove the category “%(title)s”?", title=found.title),
        consequences=[
            gettext("Its address leads nowhere then. Threads are never removed with it.")
        ],
        submit=gettext("Remove it"),
        back=(gettext("Keep it"), f"/admin/categories/{category_id}"),
    )
    return answer_confirmation(page, act)


def _present(category: CategoryRow) -> dict[str, object]:
    fields = {
        "title": category.title,
        "description": category.description,
        "position": category.position,
        **asdict(audiences_in(category.id)),
    }
    return {**fields, "seen": marks_of(fields)}
