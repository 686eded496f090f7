"""The administrators' page of plugins."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from forum.accounts.forms import ButtonForm
from forum.admin.plugin_actions import disable_plugin, enable_plugin, look_again, purge_plugin
from forum.admin.plugin_queries import Kept, chosen_views, kept_of, manifest_of, require_loadable
from forum.admin.setting_forms import save_sent, settings_form
from forum.community.setting_queries import value_of
from forum.config import current_settings
from forum.db import transaction
from forum.errors import NotFound
from forum.permissions import require
from forum.plugin_host import current_host
from forum.plugin_host.listing import State
from forum.plugin_host.troubles import settle
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.visit import current_actor

STATES = {
    State.RUNNING: _("running"),
    State.OFF: _("not enabled"),
    State.REFUSED: _("refused"),
    State.LEFT_OUT: _("left out: safe mode"),
}

pages = Blueprint("admin_plugins", __name__, url_prefix="/admin/plugins")


@pages.get("")
def plugins() -> Answer:
    """Every plugin: whether it runs, and what is wrong with it."""
    require(current_actor(), "community.manage")
    views = chosen_views(current_host().plugins, current_settings().running_folder)
    return render_template(
        "admin/plugins.html",
        views=views,
        states=STATES,
        with_settings={setting.name.partition(".")[0] for setting in current_host().settings},
        form=ButtonForm(),
    )


@pages.post("/<name>")
def looked(name: str) -> Answer:
    """Note that somebody has looked: what was switched off is on again."""
    with transaction():
        look_again(current_actor(), name)
    settle(now=True)
    flash(gettext("Noted. What was switched off of %(name)s is on again.", name=name))
    return redirect("/admin/plugins", 303)


@pages.route("/<name>/settings", methods=["GET", "POST"])
def settings(name: str) -> Answer:
    """The settings of a plugin that runs, in one form made from what it says of them."""
    actor = current_actor()
    require(actor, "community.manage")
    host = current_host()
    found = host.settings_of(name)
    if not found:
        raise NotFound(gettext("No plugin that runs has settings under this name."))
    form = settings_form(found)
    if save_sent(actor, form):
        return redirect(f"/admin/plugins/{name}/settings", 303)
    changed = {s.name for s in found if value_of(s) != s.default}
    title = host.title_of(name)
    facts = {"form": form, "settings": found, "changed": changed, "title": title}
    return render_template("admin/plugin_settings.html", **facts), form.status


@pages.route("/<name>/enable", methods=["GET", "POST"])
def enable(name: str) -> Answer:
    """Ask before a plugin is enabled, and say what it keeps about people."""
    require(current_actor(), "community.manage")
    manifest = manifest_of(name)

    def act() -> Response:
        require_loadable(name)
        with transaction():
            enable_plugin(current_actor(), name)
        flash(gettext("%(name)s is enabled.", name=name) + " " + _soon())
        return redirect("/admin/plugins", 303)

    consequences = [
        gettext("A plugin is a program: it can read and change everything that is kept here."),
        gettext("About people it keeps:") + " " + (manifest.personal_data or gettext("nothing")),
        _soon(),
    ]
    if manifest.permissions:
        names = ", ".join(manifest.permissions)
        words = gettext(
            "It brings permissions, which you find on the page of roles: %(names)s.", names=names
        )
        consequences.insert(2, words)
    if manifest.door:
        words = gettext(
            "Below %(door)s it has pages of which the forum notes nothing.", door=manifest.door
        )
        consequences.insert(2, words)
    page = ConfirmationPage(
        title=gettext("Enable %(title)s?", title=manifest.title),
        consequences=consequences,
        submit=gettext("Enable"),
        back=(gettext("All plugins"), "/admin/plugins"),
    )
    return answer_confirmation(page, act)


@pages.route("/<name>/disable", methods=["GET", "POST"])
def disable(name: str) -> Answer:
    """Ask before a plugin is disabled."""
    require(current_actor(), "community.manage")

    def act() -> Response:
        with transaction():
            disable_plugin(current_actor(), name)
        flash(gettext("%(name)s is disabled.", name=name) + " " + _soon())
        return redirect("/admin/plugins", 303)

    page = ConfirmationPage(
        title=gettext("Disable %(name)s?", name=name),
        consequences=[
            gettext("Its pages and everything that it does are gone until it is enabled again."),
            gettext(
                "What it keeps stays. Until it runs again, nobody can take along or erase that."
            ),
            _soon(),
        ],
        submit=gettext("Disable"),
        back=(gettext("All plugins"), "/admin/plugins"),
    )
    return answer_confirmation(page, act)


@pages.route("/<name>/purge", methods=["GET", "POST"])
def purge(name: str) -> Answer:
    """List what a plugin keeps, and ask before that is dropped."""
    require(current_actor(), "community.manage")

    def act() -> Response:
        with transaction():
            purge_plugin(current_actor(), name)
        flash(gettext("Nothing of %(name)s is left.", name=name))
        return redirect("/admin/plugins", 303)

    page = ConfirmationPage(
        title=gettext("Drop all that %(name)s keeps?", name=name),
        consequences=[*_kept_in_words(kept_of(name)), gettext("Only a backup brings it back.")],
        submit=gettext("Drop it"),
        back=(gettext("All plugins"), "/admin/plugins"),
    )
    return answer_confirmation(page, act)


def _soon() -> str:
    return str(gettext("The forum starts anew for that; pages may take some seconds meanwhile."))


def _kept_in_words(kept: Kept) -> list[str]:
    words = [
        ngettext(
            "The table %(table)s with %(num)s row.",
            "The table %(table)s with %(num)s rows.",
            table.rows,
            table=table.name,
        )
        for table in kept.tables
    ]
    if kept.files:
        words.append(
            ngettext(
                "%(num)s file, of which no backup has a copy.",
                "%(num)s files, of which no backup has a copy.",
                kept.files,
            )
        )
    if kept.settings:
        words.append(ngettext("%(num)s setting.", "%(num)s settings.", kept.settings))
    if kept.jobs:
        words.append(ngettext("%(num)s job that waits.", "%(num)s jobs that wait.", kept.jobs))
    if kept.grants:
        words.append(
            ngettext(
                "%(num)s grant of what it lets people do.",
                "%(num)s grants of what it lets people do.",
                kept.grants,
            )
        )
    if kept.troubles:
        words.append(
            ngettext(
                "The note that %(num)s of its parts failed.",
                "The notes that %(num)s of its parts failed.",
                kept.troubles,
            )
        )
    return words
