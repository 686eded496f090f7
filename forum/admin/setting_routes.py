"""The administrators' pages of the community's settings."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.admin.setting_forms import save_sent, settings_form
from forum.community.setting_actions import reset_setting
from forum.community.setting_queries import setting_named, value_of
from forum.community.settings import AREAS, defined_settings
from forum.db import transaction
from forum.hookspecs import PluginSetting
from forum.permissions import require
from forum.setting_kinds import told
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor

pages = Blueprint("admin_settings", __name__, url_prefix="/admin/settings")


@pages.route("", methods=["GET", "POST"])
def settings() -> Answer:
    """All settings, by area, in one form."""
    actor = current_actor()
    require(actor, "community.manage")
    form = settings_form()
    if save_sent(actor, form):
        return redirect("/admin/settings", 303)
    by_area = groupby(defined_settings(), key=lambda setting: setting.area)
    areas = [(key, AREAS[key], list(found)) for key, found in by_area]
    changed = {s.name for s in defined_settings() if value_of(s) != s.default}
    page = render_template("admin/settings.html", form=form, areas=areas, changed=changed)
    return page, form.status


@pages.route("/<name>/reset", methods=["GET", "POST"])
def reset(name: str) -> Answer:
    """Ask before a setting gets its default again."""
    actor = current_actor()
    require(actor, "community.manage")
    setting = setting_named(name)

    def act() -> Response:
        with transaction():
            reset_setting(actor, name)
        flash(gettext("It is at its default again."))
        return redirect(back[1], 303)

    back = (gettext("All settings"), "/admin/settings")
    if isinstance(setting, PluginSetting):
        back = (
            gettext("The plugin's settings"),
            f"/admin/plugins/{name.partition('.')[0]}/settings",
        )
    page = ConfirmationPage(
        title=gettext("Set “%(setting)s” to its default?", setting=setting.label),
        consequences=[
            gettext("It is now: %(value)s.", value=told(setting, value_of(setting))),
            gettext("It will be: %(value)s.", value=told(setting, setting.default)),
        ],
        submit=gettext("Set to the default"),
        back=back,
    )
    return answer_confirmation(page, act)
