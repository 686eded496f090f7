"""Settings of plugins: a form made from their definitions, secrets that nobody is shown, old values."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text

from forum.admin.archive_export_actions import export_archive
from forum.admin.plugin_actions import purge_plugin
from forum.admin.plugin_queries import kept_of
from forum.cli import main
from forum.community.models import Setting
from forum.community.setting_queries import setting_named, value_of
from forum.db import db, rows, transaction
from forum.permissions import OPERATOR
from forum.plugin_host import PluginHost
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import words_of

ForumWith = Callable[..., Flask]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

KILN = """
HOURS = PluginSetting(
    "kiln.hours", Number(1, 24), 8, "Hours of a firing", "After so long the kiln cools.",
    upgrade=lambda kept: kept["minutes"] // 60,
)
KEY = PluginSetting("kiln.key", Line(80), "", "Key of the kiln's own server", is_secret=True)
NIGHTS = PluginSetting("kiln.nights", YesNo(), False, "Fire at night")

@hookimpl
def register_settings():
    return [HOURS, KEY, NIGHTS]
"""
PAGE = "/admin/plugins/kiln/settings"


def kept(app: Flask) -> dict[str, object]:
    """What stands in the table of settings."""
    with app.app_context():
        return {row.name: row.value for row in rows(select(Setting.name, Setting.value))}


def value(app: Flask, name: str) -> object:
    """What a setting is, for a request that begins now."""
    with app.app_context():
        return value_of(setting_named(name))


def keep(app: Flask, **values: object) -> None:
    """Write into the table of settings what an earlier version of the plugin has kept there."""
    with app.app_context(), transaction():
        for name, found in values.items():
            db.session.add(Setting(name=name.replace("__", "."), value=found))


def test_words_of_a_setting_may_wait_for_the_readers_language(forum_with: ForumWith) -> None:
    lazy = "from flask_babel import lazy_gettext as _\n"
    words = '_("Hours of a firing"), _("After so long it cools.")'
    app = forum_with(
        kiln=f"""{lazy}
@hookimpl
def register_settings():
    return [PluginSetting("kiln.hours", Number(1, 24), 8, {words})]
"""
    )
    factories = Factories(app)
    page = factories.signed_in(factories.community()).get(PAGE)
    assert words_of(page, "form label") == ["Hours of a firing"]


def test_what_cannot_even_be_looked_at_costs_the_plugin_and_not_the_forum(
    forum_with: ForumWith,
) -> None:
    app = forum_with(
        kiln="""
class Words(str):
    def __eq__(self, other):
        raise RuntimeError("not today")
    __hash__ = str.__hash__

@hookimpl
def register_settings():
    return [PluginSetting("kiln.hours", Number(1, 24), 8, "Hours", Words("x" * 9_000))]
"""
    )
    host: PluginHost = app.extensions["forum_plugins"]
    assert [plugin.reason for plugin in host.plugins] == [
        "register_settings gave what cannot be looked at: RuntimeError: not today (hooks.py, line 5)"
    ]


def test_form_is_made_from_the_definitions_and_changes_them_at_once(forum_with: ForumWith) -> None:
    app = forum_with(kiln=KILN)
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    assert words_of(admin.get("/admin/plugins"), "article a") == ["Settings of kiln"]
    page = admin.get(PAGE)
    assert words_of(page, "h1") == ["Settings of The kiln"]
    assert words_of(page, "form label") == [
        "Hours of a firing",
        "Key of the kiln's own server",
        "Fire at night",
    ]
    answer = submit(admin, PAGE, button="Save", **{"kiln.hours": "12", "kiln.nights": "y"})
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert (value(app, "kiln.hours"), value(app, "kiln.nights")) == (12, True)
    submit(admin, "/admin/settings/kiln.nights/reset", button="Set to the default")
    assert (value(app, "kiln.nights"), kept(app)) == (False, {"kiln.hours": 12})
    # Those of the core are on their own page.
    assert "kiln" not in admin.get("/admin/settings").text


def test_what_cannot_be_taken_is_said_at_its_field_and_nothing_is_lost(
    forum_with: ForumWith,
) -> None:
    app = forum_with(kiln=KILN)
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    answer = submit(admin, PAGE, button="Save", **{"kiln.hours": "99", "kiln.nights": "y"})
    assert answer.status_code == 422
    assert words_of(answer, ".error") == ["To mend: Enter a number from 1 to 24."]
    assert ('value="99"' in answer.text, kept(app)) == (True, {})
    assert admin.get("/admin/plugins/nobody/settings").status_code == 404


def test_secret_is_shown_to_nobody_and_stays_while_its_field_is_empty(
    forum_with: ForumWith, tmp_path: Path
) -> None:
    app = forum_with(kiln=KILN)
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    submit(admin, PAGE, button="Save", **{"kiln.key": "cone-ten"})
    assert value(app, "kiln.key") == "cone-ten"
    submit(admin, PAGE, button="Save", **{"kiln.hours": "9"})
    assert value(app, "kiln.key") == "cone-ten"
    submit(admin, PAGE, button="Save", **{"kiln.key": "cone-six"})
    with app.test_request_context():
        export_archive(OPERATOR, tmp_path / "all.archive")
        changes = [tuple(r) for r in rows(text("SELECT field, before, after FROM change_values"))]
    with zipfile.ZipFile(tmp_path / "all.archive") as archive:
        exported = b"".join(archive.read(name) for name in archive.namelist())
    seen = [admin.get(address).text for address in (PAGE, "/admin/settings/kiln.key/reset")]
    seen += [str(changes), exported.decode(errors="replace")]
    assert [words for words in seen if "cone-" in words] == []
    # So that nothing else but the secret is missing.
    assert '"kiln.hours"' in exported.decode(errors="replace")
    assert ("kiln.key", "set", "set anew") in changes
    submit(admin, "/admin/settings/kiln.key/reset", button="Set to the default")
    assert value(app, "kiln.key") == ""


def test_old_values_are_upgraded_and_what_cannot_be_is_the_default(forum_with: ForumWith) -> None:
    app = forum_with(kiln=KILN)
    keep(app, kiln__minutes=600)
    assert value(app, "kiln.hours") == 10
    # The default is kept, or the old value would come back.
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    submit(admin, "/admin/settings/kiln.hours/reset", button="Set to the default")
    assert value(app, "kiln.hours") == 8


@pytest.mark.parametrize(
    "old", [{"kiln__minutes": "ten"}, {"kiln__hours": 99}, {"kiln__minutes": 0}]
)
def test_old_value_that_cannot_be_upgraded_is_the_default(
    forum_with: ForumWith, old: dict[str, object]
) -> None:
    app = forum_with(kiln=KILN)
    keep(app, **old)
    assert value(app, "kiln.hours") == 8


def test_settings_are_listed_shown_and_set_on_the_command_line(
    forum_with: ForumWith, instance: Path, database: str
) -> None:
    forum_with(kiln=KILN)
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}

    def run(*words: str, answer: str = "") -> list[str]:
        done = CliRunner().invoke(main, ["settings", *words], env=environment, input=answer)
        return done.output.splitlines()

    assert run("set", "kiln.key", answer="cone-ten\n")[-1] == "Saved. It is effective at once."
    assert run("set", "kiln.hours", "12") == ["Saved. It is effective at once."]
    assert run("list")[-3:] == ["kiln.hours\t12\t*", "kiln.key\t(set)", "kiln.nights\tno"]
    assert json.loads(run("list", "--json")[-2]) == {"name": "kiln.key", "is_set": True}
    assert run("show", "kiln.key")[0] == "Key of the kiln's own server: set"
    assert "cone-ten" not in str([run("list"), run("list", "--json"), run("show", "kiln.key")])


def test_purging_drops_settings_and_secrets(forum_with: ForumWith) -> None:
    app = forum_with(kiln=KILN)
    keep(app, kiln__hours=9, kilnroom__hours=3)
    with app.app_context(), transaction():
        db.session.add(Setting(name="kiln:key", value="cone-ten"))
    (app.extensions["forum_settings"].instance / "forum.toml").unlink()
    app = forum_with()
    with app.test_request_context():
        assert kept_of("kiln").settings == 2
        with transaction():
            purge_plugin(OPERATOR, "kiln")
    assert kept(app) == {"kilnroom.hours": 3}


WRONG = {
    "another's name": ('"tea.hours", Number(1, 9), 3, "A"', "whose name is not odd.something, 80"),
    "no label": ('"odd.hours", Number(1, 9), 3, ""', "odd.hours without a label of one line"),
    "impossible default": (
        '"odd.hours", Number(1, 9), 30, "Hours"',
        "odd.hours a kind that its default does not fit",
    ),
    "no kind": ('"odd.hours", None, 3, "Hours"', "odd.hours a kind that its default does not fit"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_setting_that_could_not_be_changed_leaves_the_plugin_out(
    forum_with: ForumWith, kind: str
) -> None:
    given, reason = WRONG[kind]
    source = f"@hookimpl\ndef register_settings():\n    return [PluginSetting({given})]\n"
    host: PluginHost = forum_with(odd=source).extensions["forum_plugins"]
    [plugin] = host.plugins
    assert (plugin.state, reason in plugin.reason) == ("refused", True)
