"""The administrators' page of plugins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext

from forum.accounts.forms import ButtonForm
from forum.admin.plugin_actions import look_again
from forum.admin.plugin_queries import plugin_views
from forum.config import current_settings
from forum.db import transaction
from forum.permissions import require
from forum.plugin_host import current_host
from forum.plugin_host.troubles import settle
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("admin_plugins", __name__, url_prefix="/admin/plugins")


@pages.get("")
def plugins() -> Answer:
    """Every plugin: whether it runs, and what is wrong with it."""
    require(current_actor(), "community.manage")
    settings = current_settings()
    views = plugin_views(current_host().plugins, settings.running_folder)
    return render_template("admin/plugins.html", views=views, settings=settings, form=ButtonForm())


@pages.post("/<name>")
def looked(name: str) -> Answer:
    """Note that somebody has looked: what was switched off is on again."""
    with transaction():
        look_again(current_actor(), name)
    settle(now=True)
    flash(gettext("Noted. What was switched off of %(name)s is on again.", name=name))
    return redirect("/admin/plugins", 303)
