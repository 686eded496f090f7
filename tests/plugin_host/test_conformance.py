"""``forum plugins new`` writes a plugin that keeps what is promised; the kit finds one that does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from forum.cli import main
from forum.db import db, transaction
from forum.plugin_host.loading import _forget
from forum.testing.browser import OpenPage, find_chromium
from forum.testing.conformance import (
    Planted,
    PluginForum,
    Sample,
    check_failures_stay_inside,
    check_it_comes_back,
    check_it_runs,
    check_its_door_tells_nothing,
    check_its_rows_move,
    check_its_tables_come_and_go,
    check_pages_cost_the_same,
    check_pages_pass_axe,
    check_personal_data,
    check_purging_leaves_nothing,
)
from forum.testing.factories import Person

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGES = (Sample("/my-kiln", "member"),)
Change = Callable[..., PluginForum]


def new(folder: Path, *words: str) -> tuple[int, str]:
    """What ``forum plugins new`` says."""
    done = CliRunner().invoke(main, ["plugins", "new", "--folder", str(folder), *words])
    return done.exit_code, done.output


def fill(forum: PluginForum, person: Person, count: int) -> None:
    """Have the plugin keep notes."""
    with forum.app.test_request_context(), transaction():
        first = db.session.scalar(text("SELECT count(*) FROM my_kiln__notes")) or 0
        for number in range(first, first + count):
            note = {"member": person.id, "text": f"note {number}"}
            db.session.execute(
                text(
                    "INSERT INTO my_kiln__notes (member_id, at, text) "
                    "VALUES (:member, CURRENT_TIMESTAMP, :text)"
                ),
                note,
            )


@pytest.fixture
def changed(tmp_path: Path, instance: Path, database: str) -> Iterator[Change]:
    """The plugin that ``new`` writes, with changes to its files, beside a forum."""
    forums: list[PluginForum] = []

    def make(**changes: tuple[str, str]) -> PluginForum:
        assert new(tmp_path / "kiln", "my-kiln")[0] == 0
        package = tmp_path / "kiln" / "forum_my_kiln"
        for name, (old, other) in changes.items():
            [path] = package.rglob(f"{name}.*")
            source = path.read_text()
            assert old in source
            path.write_text(source.replace(old, other))
        forums.append(PluginForum(package, instance, database))
        return forums[-1]

    yield make
    for forum in forums:
        forum.close()
    _forget("forum_my_kiln")


def test_new_plugin_keeps_what_is_promised(changed: Change, tmp_path: Path) -> None:
    forum = changed()
    check_personal_data(forum, fill)
    check_failures_stay_inside(forum)
    forum.disable()
    check_it_comes_back(forum, fill, PAGES)
    check_pages_cost_the_same(forum, fill, PAGES)
    check_purging_leaves_nothing(forum, fill)
    check_its_tables_come_and_go(forum)
    check_its_rows_move(forum, fill, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_plugins_tests_see_what_it_does_when_it_hears_of_something(
    changed: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    first = "@hookimpl\ndef register_blueprints"
    heard = "@hookimpl\ndef on_post_published(event):\n    print('heard of', event.thread_id)\n\n\n"
    forum = changed(hooks=(first, heard + first))
    forum.enable()
    thread = forum.make.thread()
    assert capsys.readouterr().out == ""
    forum.work_off()
    assert capsys.readouterr().out == f"heard of {thread.thread_id}\n"


def test_new_plugin_is_not_written_over_another_nor_under_a_name_that_none_can_have(
    tmp_path: Path,
) -> None:
    status, said = new(tmp_path / "kiln", "kiln", "--title", "The kiln")
    assert (status, "forum_kiln/hooks.py" in said) == (0, True)
    assert 'title = "The kiln"' in (tmp_path / "kiln/forum_kiln/plugin.toml").read_text()
    assert "is there already" in new(tmp_path / "kiln", "kiln")[1]
    for name in ("Kiln", "1st", "a__b", "a-", "a" * 41):
        assert "A name has small letters" in new(tmp_path / "other", name)[1]
    assert "a part of the forum itself" in new(tmp_path / "other", "moderation")[1]
    assert "no quotation marks" in new(tmp_path / "other", "kiln", "--title", 'The "kiln"')[1]
    assert not (tmp_path / "other").exists()


WRONG: dict[str, tuple[Callable[..., None], dict[str, tuple[str, str]], str]] = {
    "does not run": (
        lambda forum: check_it_runs(forum),
        {"settings": ("100,", "1000,")},
        "refused: register_settings",
    ),
    "gives archives a table that is not there": (
        lambda forum: check_its_rows_move(forum, fill, forum.folder.parent),
        {"hooks": ('ArchivedTable("my_kiln__notes")', 'ArchivedTable("my_kiln__lines")')},
        "tables to archives that are not there",
    ),
    "downgrades to something else": (
        lambda forum: check_its_tables_come_and_go(forum),
        {"0001_notes": ('    op.drop_table("my_kiln__notes")', "    pass")},
        "downgrading leaves another schema",
    ),
    "changes a table of the forum": (
        lambda forum: check_its_tables_come_and_go(forum),
        {
            "0001_notes": (
                '    """Make it."""',
                '    op.add_column("plugin_troubles", sa.Column("kiln", sa.Text))',
            )
        },
        "changed a table that is not the plugin's",
    ),
    "asks for each note": (
        lambda forum: check_pages_cost_the_same(forum, fill, PAGES),
        {
            "routes": (
                "    found = newest_notes_of(actor.id)\n",
                "    found = newest_notes_of(actor.id)\n"
                "    for _ in found:\n        newest_notes_of(actor.id)\n",
            )
        },
        "Sample",
    ),
    "keeps what it does not say": (
        lambda forum: check_personal_data(forum, fill),
        {"plugin": ("personal_data", "# personal_data")},
        "its manifest does not say so",
    ),
    "gives half of it": (
        lambda forum: check_personal_data(forum, fill),
        {"queries": ("list(rows(_OF_MEMBER", "list(rows(_OF_MEMBER.limit(1)")},
        "not given all that is kept",
    ),
    "forgets nothing": (
        lambda forum: check_personal_data(forum, fill),
        {"hooks": ("    forget_notes(closing.member_id)", "    pass")},
        "something stays",
    ),
    "forgets everybody": (
        lambda forum: check_personal_data(forum, fill),
        {"actions": (".where(NOTES.c.member_id == member_id)", "")},
        "what others have was touched",
    ),
}


@ONE_KIND
@pytest.mark.full
@pytest.mark.parametrize("kind", WRONG)
def test_plugin_that_breaks_a_promise_is_found(changed: Change, kind: str) -> None:
    check, changes, said = WRONG[kind]
    forum = changed(**changes)
    with pytest.raises(AssertionError, match=said):
        check(forum)


@ONE_KIND
@pytest.mark.full
def test_failure_that_gets_out_is_found(changed: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    forum = changed(
        hooks=(
            "@hookimpl\ndef register_blueprints",
            "@hookimpl\ndef slot_front_aside(reader):\n    return None\n\n\n"
            "@hookimpl\ndef register_blueprints",
        )
    )
    check_failures_stay_inside(forum)
    # A dispatcher that lets everything through.
    monkeypatch.setattr(
        "forum.plugin_host.implementation.Implementation.attempt",
        lambda self, **given: self.function(*(given[name] for name in self.options)),
    )
    with pytest.raises((AssertionError, Planted)):
        check_failures_stay_inside(forum)


@ONE_KIND
@pytest.mark.full
def test_page_that_shuts_somebody_out_is_found(changed: Change, open_page: OpenPage) -> None:
    forum = changed(notes=("<h1>My kiln</h1>", '<h1>My kiln</h1><img src="/static/icon.svg">'))
    with pytest.raises(AssertionError, match="image-alt"):
        check_pages_pass_axe(forum, fill, PAGES, open_page)


DOOR = """
def door(environ, start_response):
    from pathlib import Path
    import logging
    from markupsafe import Markup
    from sqlalchemy import text
    from flask import current_app
    from forum.plugin_api import db, door_page, transaction
    headers = [("Content-Type", "text/html; charset=utf-8")]
    shown = "with a ticket" if "my-door-1=yes" in environ.get("HTTP_COOKIE", "") else "without"
    [[planted]]
    page = door_page("message.html", title="Ask", text=shown, links=[])
    start_response("200 OK", headers)
    return [page.encode()]


@hookimpl
def register_doors():
    from forum.plugin_api import Door
    return [Door("/my-door", door, cookies=("my-door-",))]


@hookimpl
def register_cookies():
    from forum.plugin_api import CookieOffer, GivenCookie
    return [CookieOffer("my-kiln.a", "quarter", lambda m, p: [GivenCookie("my-door-1", "yes", 9)])]


@hookimpl
def register_blueprints"""
TRACES = {
    "row": "with transaction(): db.session.execute(text("
    "\"INSERT INTO settings VALUES (hex(randomblob(4)), '1')\"))",
    "log": 'logging.getLogger("kiln").info("somebody was there")',
    "file": 'Path(current_app.extensions["forum_settings"].instance, "seen").touch()',
    "cookie": 'headers.append(("Set-Cookie", "my-door-2=x; Path=/my-door"))',
}
BEHIND = (Sample("/my-door", "member"), Sample("/my-door/more"))


def with_door(changed: Change, planted: str = "pass") -> PluginForum:
    """The plugin with a door, at which somebody's trace is left."""
    return changed(
        plugin=(
            'permissions = ["my-kiln.write"]',
            'permissions = ["my-kiln.write"]\ndoor = "/my-door"',
        ),
        hooks=("@hookimpl\ndef register_blueprints", DOOR.strip().replace("[[planted]]", planted)),
    )


@ONE_KIND
def test_door_that_tells_nothing_is_looked_at_with_its_cookies(changed: Change) -> None:
    forum = with_door(changed)
    check_its_door_tells_nothing(forum, BEHIND)
    assert "with a ticket" in forum.browser("member").get("/my-door").text
    assert "without" in forum.browser("guest").get("/my-door").text
    check_pages_cost_the_same(forum, fill, BEHIND)


@ONE_KIND
@pytest.mark.full
@pytest.mark.parametrize("kind", TRACES)
def test_trace_that_is_left_behind_a_door_is_found(changed: Change, kind: str) -> None:
    with pytest.raises(AssertionError):
        check_its_door_tells_nothing(with_door(changed, TRACES[kind]), BEHIND)


@ONE_KIND
@pytest.mark.full
def test_page_behind_a_door_that_shuts_somebody_out_is_found(
    changed: Change, open_page: OpenPage
) -> None:
    forum = with_door(changed, 'shown = Markup("<img src=/static/icon.svg>")')
    with pytest.raises(AssertionError, match="/my-door"):
        check_pages_pass_axe(forum, fill, BEHIND[:1], open_page)


@pytest.mark.full
def test_new_plugins_own_tests_pass_on_both_databases_and_in_the_browser(tmp_path: Path) -> None:
    assert new(tmp_path / "kiln", "my-kiln")[0] == 0
    environment = {
        **os.environ,
        "FORUM_TEST_REQUIRE": "all",
        "FORUM_CHROMIUM": find_chromium() or "",
    }
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path / "kiln", env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n25 passed" in done.stdout
