"""Pages on which administrators order exports and fetch them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, send_file
from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answered

from forum.admin.export_actions import order_export, remove_export
from forum.admin.export_queries import exports
from forum.admin.export_shelf import file_of, made_export
from forum.admin.forms import ExportForm
from forum.categories.queries import all_categories
from forum.db import transaction
from forum.errors import NotFound
from forum.permissions import require
from forum.web.forms import Answer, FormPage, answer_form
from forum.web.visit import current_actor

pages = Blueprint("exports", __name__, url_prefix="/admin/export")


@pages.get("")
def listed() -> Answer:
    """What was ordered, and what has become of it."""
    require(current_actor(), "community.manage")
    titles = {category.slug: category.title for category in all_categories()}
    return render_template("admin/exports.html", form=FlaskForm(), exports=exports(), titles=titles)


@pages.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Order one."""
    actor, form = current_actor(), ExportForm()
    require(actor, "community.manage")
    form.offer(all_categories())

    def act() -> Answered:
        with transaction():
            order_export(actor, form.kind.data, form.wish)
        flash(gettext("The worker makes it. Look again in a while."))
        return redirect("/admin/export", 303)

    page = FormPage(
        title=gettext("Export"),
        submit=gettext("Export"),
        introduction=gettext(
            "Posts to hand out, or to keep as a record. Also of categories that only some may see: "
            "look at who may have it. To move a whole forum, use the command forum export."
        ),
        links=[(gettext("All exports"), "/admin/export")],
    )
    return answer_form(form, page, act)


@pages.get("/<word>.zip")
def fetch(word: str) -> Response:
    """The file."""
    require(current_actor(), "community.manage")
    made = made_export(word)
    if made is None or made.error or not file_of(word).is_file():
        raise NotFound(gettext("This export is gone; they are kept for a day."))
    name = f"forum-{made.kind}-{made.at:%Y-%m-%d}.zip"
    answer = send_file(
        file_of(word), mimetype="application/zip", as_attachment=True, download_name=name
    )
    # Nothing between us keeps what only administrators may have.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/<word>/remove")
def remove(word: str) -> Answer:
    """Take it away."""
    with transaction():
        remove_export(current_actor(), word)
    flash(gettext("It is gone."))
    return redirect("/admin/export", 303)
