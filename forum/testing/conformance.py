"""What every plugin's tests run: what the forum promises of all plugins, for this one.

    class TestConformance(Conformance):
        folder = Path(__file__).resolve().parent.parent
        pages = (Sample("/kiln", "member"),)

        def fill(self, forum, person, count):
            ...  # have the plugin keep ``count`` things about this person

Each test runs on SQLite and on PostgreSQL. The checks are functions of their own, so that what proves
them can call them on plugins that are wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, inspect, select, table, text

from forum.accounts.closing_actions import close_account
from forum.admin.archive_export_actions import export_archive
from forum.admin.archive_import_actions import import_archive
from forum.db import db
from forum.jobs.worker import work_off
from forum.migrate_plugins import has_tables, plugin_config
from forum.permissions import OPERATOR
from forum.places import plugins_folder
from forum.plugin_host import current_host
from forum.plugin_host.discovery import Found
from forum.plugin_host.kept_files import kept_files
from forum.plugin_host.listing import State
from forum.plugin_host.tables import prefix_of, tables_of, version_table
from forum.testing.application import count_statements
from forum.testing.axe import axe_findings
from forum.testing.browser import OpenPage
from forum.testing.catalogues import faults_in
from forum.testing.door_silence import check_its_door_tells_nothing
from forum.testing.factories import PASSWORD, Person
from forum.testing.forms import submit
from forum.testing.plugin_forum import PluginForum, Sample, served

__all__ = [
    "Conformance",
    "Planted",
    "PluginForum",
    "Sample",
    "check_failures_stay_inside",
    "check_it_comes_back",
    "check_it_runs",
    "check_its_door_tells_nothing",
    "check_its_rows_move",
    "check_its_tables_come_and_go",
    "check_its_texts_are_translated",
    "check_pages_cost_the_same",
    "check_pages_pass_axe",
    "check_personal_data",
    "check_purging_leaves_nothing",
]

SCREENS = ({"width": 1280, "height": 900}, {"width": 320, "height": 640})
MANY = 12
# The forum is read in these, so what comes with it is, too.
BUNDLED_LANGUAGES = ("de",)


Fill = Callable[[PluginForum, Person, int], None]


def check_it_runs(forum: PluginForum) -> None:
    """It is not imported before it is enabled, and then it runs; safe mode leaves it out."""
    assert forum.state() == State.OFF
    forum.enable()
    assert forum.state() == State.RUNNING


def check_its_tables_come_and_go(forum: PluginForum) -> None:
    """Its migrations touch its own tables alone; purged, and taken back where they can be, the schema is
    exactly what it was."""
    before = forum.shape()
    forum.enable()
    assert forum.state() == State.RUNNING
    made = forum.shape()
    others = {name: made[name] for name in before}
    assert others == before, "a migration changed a table that is not the plugin's"
    own = prefix_of(forum.name)
    strange = [n for n in made.keys() - before.keys() if not n.startswith(own)]
    assert [n for n in strange if n != version_table(forum.name)] == []
    forum.disable()
    if has_tables(forum.found):
        with forum.app.app_context():
            is_taken_back = _taken_back(forum.found)
        if is_taken_back:
            left = forum.shape()
            left.pop(version_table(forum.name), None)
            assert left == before, "downgrading leaves another schema than before"
            forum.enable()
            assert forum.shape() == made, "migrating again makes other tables"
            forum.disable()
        forum.purge()
    assert forum.shape() == before, "purging leaves another schema than before"


def _taken_back(one: Found) -> bool:
    """Undo the plugin's migrations, where all of them say how: whether they do."""
    scripts = ScriptDirectory.from_config(plugin_config(one)).walk_revisions()
    if not all(hasattr(script.module, "downgrade") for script in scripts):
        return False
    with (
        db.engine.connect().execution_options(forum_writes=True) as connection,
        connection.begin(),
    ):
        command.downgrade(plugin_config(one, connection), "base")
    return True


def check_it_comes_back(forum: PluginForum, fill: Fill, pages: tuple[Sample, ...]) -> None:
    """Disabled, its pages are gone and its data stay; enabled again, everything is there."""
    forum.enable()
    fill(forum, forum.people["member"], 2)
    kept, settings = forum.rows(), _settings_of(forum)
    forum.disable()
    assert forum.state() == State.OFF
    gone = {page.address: forum.browser(page.who).get(page.address).status_code for page in pages}
    assert gone == dict.fromkeys(gone, 404)
    assert forum.browser("member").get("/").status_code == 200
    assert forum.rows() == kept
    forum.enable()
    assert (forum.state(), forum.rows(), _settings_of(forum)) == (State.RUNNING, kept, settings)
    there = {page.address: forum.browser(page.who).get(page.address).status_code for page in pages}
    assert there == dict.fromkeys(there, 200)


def check_purging_leaves_nothing(forum: PluginForum, fill: Fill) -> None:
    """After a purge there is no table, setting, grant, job, note or file of it."""
    forum.enable()
    fill(forum, forum.people["member"], 2)
    forum.disable()
    with forum.app.test_request_context():
        has_any = bool(tables_of(db.session.connection(), forum.name)) or bool(_settings_of(forum))
        has_any = has_any or bool(kept_files(forum.name))
    if has_any:
        forum.purge()
    with forum.app.app_context():
        connection = db.session.connection()
        left = tables_of(connection, forum.name)
        for query in (
            "SELECT name FROM settings WHERE name LIKE :own OR name LIKE :secret",
            "SELECT permission FROM grants WHERE permission LIKE :own",
            "SELECT name FROM jobs WHERE name LIKE :own",
            "SELECT plugin FROM plugin_troubles WHERE plugin = :plugin",
        ):
            given = {"own": f"{forum.name}.%", "secret": f"{forum.name}:%", "plugin": forum.name}
            asked = {k: v for k, v in given.items() if f":{k}" in query}
            left += [str(row[0]) for row in connection.execute(text(query), asked)]
        left += [path.name for path in kept_files(forum.name)]
    assert left == []


def _settings_of(forum: PluginForum) -> list[tuple[Any, ...]]:
    own = {"own": f"{forum.name}.%", "secret": f"{forum.name}:%"}
    query = text("SELECT name, value FROM settings WHERE name LIKE :own OR name LIKE :secret")
    with forum.app.app_context():
        return sorted(tuple(row) for row in db.session.execute(query, own))


def check_pages_cost_the_same(forum: PluginForum, fill: Fill, pages: tuple[Sample, ...]) -> None:
    """A page sends as many statements with many things as with one."""
    forum.enable()
    fill(forum, forum.people["member"], 1)
    few = {page: _statements(forum, page) for page in pages}
    fill(forum, forum.people["member"], MANY)
    assert {page: _statements(forum, page) for page in pages} == few


def _statements(forum: PluginForum, page: Sample) -> int:
    browser = forum.browser(page.who)
    # What is read once, such as a template, is not counted.
    assert browser.get(page.address).status_code == 200
    with count_statements(forum.app) as statements:
        assert browser.get(page.address).status_code == 200
    return len(statements)


def check_pages_pass_axe(
    forum: PluginForum, fill: Fill, pages: tuple[Sample, ...], open_page: OpenPage
) -> None:
    """axe finds nothing in its pages, in light and dark, wide and narrow."""
    forum.enable()
    fill(forum, forum.people["member"], 3)
    found = []
    with served(forum.app) as url:
        for page in pages:
            for scheme in ("light", "dark"):
                for screen in SCREENS:
                    shown = open_page(url, color_scheme=scheme, viewport=screen)
                    if cookies := forum.cookies(page.who, url):
                        shown.context.add_cookies(cookies)  # type: ignore[arg-type]
                    shown.goto(page.address)
                    found += [f"{page.address}: {finding}" for finding in axe_findings(shown)]
                    shown.close()
    assert found == []


def check_its_rows_move(forum: PluginForum, fill: Fill, folder: Path) -> None:
    """What it gives to archives comes in elsewhere as it was, and goes out again as the same bytes."""
    forum.enable()
    given = forum.host.archived.get(forum.name, [])
    with forum.app.app_context():
        missing = set(given) - set(tables_of(db.session.connection(), forum.name))
    assert missing == set(), "it gives tables to archives that are not there"
    if not given:
        return
    for who in ("member", "moderator"):
        fill(forum, forum.people[who], 2)
    here, there = folder / "here.zip", folder / "there.zip"
    _export(forum.app, here)
    with forum.elsewhere(folder / "elsewhere") as app:
        with app.test_request_context(), here.open("rb") as archive:
            import_archive(OPERATOR, archive)
        _export(app, there)
    is_same = there.read_bytes() == here.read_bytes()
    assert is_same, "read into another forum, the archive comes out with other rows"


def _export(app: Flask, path: Path) -> None:
    with app.test_request_context():
        export_archive(OPERATOR, path)


def check_its_texts_are_translated(folder: Path) -> None:
    """Each catalogue that the plugin has says all of its texts; one that comes with the forum has German."""
    is_bundled = folder.resolve().parent == plugins_folder().resolve()
    assert faults_in(folder, BUNDLED_LANGUAGES if is_bundled else ()) == []


class Planted(Exception):
    """A failure that the check puts into a hook."""


def check_failures_stay_inside(forum: PluginForum) -> None:
    """Whatever one of its hooks raises, or asks of the database, the forum's pages answer; only what
    writes together with a post undoes it, as a whole."""
    forum.enable()
    for hook in forum.host.hooks:
        for failure in (_raise, _ask_nonsense):
            with _broken(forum, hook, failure) as is_there:
                if is_there:
                    _walk(forum, hook)


def _raise(*_given: Any) -> None:
    raise Planted


def _ask_nonsense(*_given: Any) -> None:
    db.session.execute(text("SELECT nothing FROM nowhere"))


@contextmanager
def _broken(forum: PluginForum, hook: str, failure: Callable[..., None]) -> Iterator[bool]:
    known = forum.host._implementations
    before = known[hook]
    own = [one for one in before if one.plugin == forum.name and not hook.startswith("register_")]
    known[hook] = [replace(one, function=failure) if one in own else one for one in before]
    try:
        yield bool(own)
    finally:
        known[hook] = before
        for one in own:
            one.watch.switch_on()


def _walk(forum: PluginForum, hook: str) -> None:
    member = forum.browser("member")
    thread = f"/t/{forum.thread.thread_id}"
    read = {a: member.get(a).status_code for a in ("/", thread, f"{thread}/reply", "/latest")}
    assert read == dict.fromkeys(read, 200), f"{hook} broke a page"
    before = _posts(forum)
    answer = submit(
        member, f"{thread}/reply", button="Publish", source=f"A reply while {hook} fails."
    )
    if hook in ("with_post_published", "with_case_needed"):
        assert (answer.status_code < 400) == (_posts(forum) > before), f"{hook} left half a post"
    else:
        assert answer.status_code == 303, f"{hook} kept somebody from posting"
        assert _posts(forum) == before + 1
    work_off(forum.app)


def _posts(forum: PluginForum) -> int:
    with forum.app.app_context():
        return int(db.session.scalar(text("SELECT count(*) FROM posts")) or 0)


def check_personal_data(forum: PluginForum, fill: Fill) -> None:
    """What its tables say of a member is given to them whole, and is gone with their account; nobody
    else's is touched."""
    forum.enable()
    leaving, staying = forum.make.member("Ines"), forum.people["member"]
    for person in (leaving, staying):
        fill(forum, person, 2)
    mine, theirs = _rows_about(forum, leaving), _rows_about(forum, staying)
    if not forum.manifest.personal_data:
        assert mine == [], "it keeps things about members, and its manifest does not say so"
        return
    assert mine, "fill() kept nothing about the member, so nothing is proved"
    with forum.app.test_request_context():
        parts, failed = current_host().export_personal_data(leaving.id)
    own = [part for plugin, part in parts if plugin == forum.name]
    given = json.dumps([[dict(r) for r in p.rows] + [dict(p.texts)] for p in own], default=str)
    assert failed == []
    missing = [value for row in mine for value in row if str(value) not in given]
    assert missing == [], f"the member is not given all that is kept: {given}"
    with forum.app.test_request_context():
        close_account(forum.make.actor(leaving), password=PASSWORD, empty_posts=True)
    work_off(forum.app)
    assert _rows_about(forum, leaving) == [], "something stays after the account is closed"
    left = json.dumps(forum.rows(), default=str)
    assert [v for row in mine for v in row if isinstance(v, str) and f'"{v}"' in left] == []
    assert _rows_about(forum, staying) == theirs, "what others have was touched"


def _rows_about(forum: PluginForum, person: Person) -> list[tuple[Any, ...]]:
    found = []
    with forum.app.app_context():
        connection = db.session.connection()
        there = inspect(connection)
        for name in tables_of(connection, forum.name):
            for key in there.get_foreign_keys(name):
                if key["referred_table"] == "members":
                    found += _told(connection, name, key["constrained_columns"][0], person.id)
    return found


def _told(connection: Connection, name: str, column: str, member: int) -> list[tuple[Any, ...]]:
    there = inspect(connection)
    keys = {column, *there.get_pk_constraint(name)["constrained_columns"]}
    keys |= {c for key in there.get_foreign_keys(name) for c in key["constrained_columns"]}
    # Texts are compared; numbers and times are told in words of the plugin's own.
    told = [
        c["name"]
        for c in there.get_columns(name)
        if c["name"] not in keys and str(c["type"]).startswith(("TEXT", "VARCHAR"))
    ]
    columns = [text(f'"{c}"') for c in told] or [text("1")]
    asked = select(*columns).select_from(table(name)).where(text(f'"{column}" = :member'))
    return [tuple(row) if told else () for row in connection.execute(asked, {"member": member})]


class Conformance:
    """The tests. Say ``folder`` and ``pages``, and have ``fill`` keep something.

    Attributes:
        folder: the package, in which ``plugin.toml`` lies.
        pages: one of each kind of page.
    """

    folder: ClassVar[Path]
    pages: ClassVar[tuple[Sample, ...]] = ()

    def fill(self, forum: PluginForum, person: Person, count: int) -> None:
        """Have the plugin keep ``count`` things about this person, each different from the others."""

    @pytest.fixture
    def plugin_forum(self, instance: Path, database: str) -> Iterator[PluginForum]:
        """A forum beside which the plugin lies."""
        forum = PluginForum(self.folder, instance, database)
        yield forum
        forum.close()

    def test_it_runs_once_it_is_enabled(self, plugin_forum: PluginForum) -> None:
        check_it_runs(plugin_forum)

    def test_its_tables_come_and_go(self, plugin_forum: PluginForum) -> None:
        check_its_tables_come_and_go(plugin_forum)

    def test_it_is_disabled_and_comes_back_with_its_data(self, plugin_forum: PluginForum) -> None:
        check_it_comes_back(plugin_forum, self.fill, self.pages)

    def test_purging_leaves_nothing(self, plugin_forum: PluginForum) -> None:
        check_purging_leaves_nothing(plugin_forum, self.fill)

    def test_its_pages_cost_the_same_however_much_there_is(self, plugin_forum: PluginForum) -> None:
        check_pages_cost_the_same(plugin_forum, self.fill, self.pages)

    def test_its_door_tells_nothing(self, plugin_forum: PluginForum) -> None:
        check_its_door_tells_nothing(plugin_forum, self.pages)

    def test_its_failures_stay_inside(self, plugin_forum: PluginForum) -> None:
        check_failures_stay_inside(plugin_forum)

    def test_members_are_given_and_can_erase_what_it_keeps(self, plugin_forum: PluginForum) -> None:
        check_personal_data(plugin_forum, self.fill)

    def test_its_rows_move_with_the_forum(self, plugin_forum: PluginForum, tmp_path: Path) -> None:
        check_its_rows_move(plugin_forum, self.fill, tmp_path)

    def test_its_texts_are_translated(self) -> None:
        check_its_texts_are_translated(self.folder)

    def test_axe_finds_nothing_in_its_pages(
        self, plugin_forum: PluginForum, open_page: OpenPage
    ) -> None:
        check_pages_pass_axe(plugin_forum, self.fill, self.pages, open_page)
