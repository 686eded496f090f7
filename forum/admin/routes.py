"""Pages for administrators."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.community_actions import CommunityStatement, change_community, change_rules
from forum.accounts.queries import community_rules, groups
from forum.accounts.rules import CommunityRules
from forum.admin.areas import AREAS
from forum.admin.forms import CategoryForm, CommunityForm
from forum.categories.actions import EVERYONE, MEMBERS, add_category, change_category
from forum.categories.queries import CategoryRow, all_categories, grants_in
from forum.db import transaction
from forum.errors import NotFound
from forum.permissions import require
from forum.plugin_host import current_host
from forum.web.forms import Answer, FormPage, answer_form
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
    form = CommunityForm(
        data={
            "community": present.name,
            "for_whom": present.for_whom,
            "not_for_whom": present.not_for_whom,
            "zone": present.zone,
            **asdict(rules),
        }
    )

    def act() -> Response:
        statement = CommunityStatement(
            name=form.community.data,
            for_whom=form.for_whom.data,
            not_for_whom=form.not_for_whom.data or "",
        )
        with transaction():
            change_community(actor, statement, zone=form.zone.data)
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
            )
        flash(gettext("Saved."))
        return redirect("/admin/categories", 303)

    return answer_form(form, FormPage(gettext("Change a category"), gettext("Save")), act)


def _present(category: CategoryRow) -> dict[str, object]:
    held = {
        permission: _audience(role, group) for permission, role, group in grants_in(category.id)
    }
    return {
        "title": category.title,
        "description": category.description,
        "position": category.position,
        "see": held.get("thread.see", EVERYONE),
        "start": held.get("thread.start", MEMBERS),
        "reply": held.get("thread.reply", MEMBERS),
    }


def _audience(role: str | None, group: int | None) -> str:
    if group is not None:
        return str(group)
    return EVERYONE if role == "guest" else MEMBERS
