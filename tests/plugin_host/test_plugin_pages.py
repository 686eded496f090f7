"""What administrators see of plugins, and only they."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import time

import pytest
from flask import Flask

from forum.app import create_app
from forum.plugin_host.running import Calls
from forum.plugin_host.troubles import noted_troubles, settle
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import words_of

ForumWith = Callable[..., Flask]
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

BROKEN_SQL = """
from sqlalchemy import text

@hookimpl
def slot_front_aside():
    return str(rows(text("SELECT nothing FROM nowhere")))
"""


def test_page_shows_each_plugin_and_what_is_wrong_with_it(forum_with: ForumWith) -> None:
    app = forum_with(weather=BROKEN_SQL, broken="raise LookupError('kiln')")
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    for _ in range(6):
        assert admin.get("/").status_code == 200
    page = admin.get("/admin/plugins")
    assert words_of(page, "article h2") == ["The broken", "The weather"]
    assert words_of(page, "article > p:first-of-type") == [
        "refused cannot be imported: LookupError: kiln (hooks.py, line 2)",
        "running",
    ]
    [trouble] = words_of(page, "article > ul li")
    assert trouble.startswith("slot_front_aside is switched off. 5 failures, the last one: Operat")
    assert words_of(page, "nav[aria-label=Main] li:has(.count)") == ["Administration 1 new"]
    assert words_of(admin.get("/admin"), "li:has(.count) h2") == ["Plugins 1 to look at"]

    answer = submit(admin, "/admin/plugins", button="I have looked: switch it on again")
    assert answer.status_code == 303
    page = admin.get("/admin/plugins")
    assert words_of(page, ".notice") == ["Noted. What was switched off of weather is on again."]
    assert (words_of(page, "article > ul li"), words_of(page, ".count")) == ([], [])


def test_page_is_for_administrators(forum_with: ForumWith) -> None:
    app = forum_with(weather=BROKEN_SQL)
    factories = Factories(app)
    factories.community()
    moderator = factories.signed_in(factories.member(role="moderator"))
    assert moderator.get("/admin/plugins").status_code == 403
    assert app.test_client().get("/admin/plugins").status_code == 403
    assert "Administration" not in moderator.get("/latest").text
    assert moderator.get("/admin").status_code == 403


def test_call_that_hangs_stands_on_the_page(forum_with: ForumWith, instance: Path) -> None:
    app = forum_with(weather=BROKEN_SQL)
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    calls = Calls(instance / "running")
    with calls.noted("weather", "slot_front_aside"):
        begun_now = words_of(admin.get("/admin/plugins"), "article > ul li")
    earlier = Calls(instance / "running", now=lambda: time() - 60)
    with earlier.noted("weather", "slot_thread_aside"):
        [said] = words_of(admin.get("/admin/plugins"), "article > ul li")
    # What has only just begun is how things should be.
    assert begun_now == []
    assert said.startswith("slot_thread_aside is running since ")


def test_safe_mode_is_told_to_administrators_alone(
    forum_with: ForumWith, instance: Path, database: str
) -> None:
    forum_with(weather=BROKEN_SQL)
    app = create_app(instance, database=database, safe_mode=True)
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    member = factories.signed_in(factories.member())
    assert words_of(admin.get("/"), ".notice") == ["Safe mode: no plugin runs."]
    assert words_of(member.get("/"), ".notice") == []
    assert words_of(admin.get("/admin/plugins"), "article .label") == ["left out: safe mode"]
    with app.app_context():
        settle(now=True)
        assert noted_troubles() == []
    close(app)
