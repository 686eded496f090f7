"""What fails too often or takes too long is switched off in every process, until somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from forum.admin.plugin_actions import look_again
from forum.app import create_app
from forum.db import db, rows, transaction
from forum.errors import NotAllowed
from forum.permissions import OPERATOR, Actor
from forum.plugin_api import Draft, Finding, PostToCheck, PublishedPost, Reader, hookimpl
from forum.plugin_host import HookFailed, PluginHost, current_host
from forum.plugin_host.troubles import noted_troubles, settle
from forum.plugin_host.watch import Limits
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories
from tests.evidence import words_of

DRAFT = Draft("One two three.")
CHECK = PostToCheck(7, 2, None, "One two three.", 5, False, ())
POST = PublishedPost(11, 7, 2, 3, False, 5, None)
READER = Reader(None, "en", "UTC")
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Plugin:
    """Does the same at every hook, and counts how often."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        self.deed = deed
        self.calls = 0

    def _do(self) -> Any:
        self.calls += 1
        return self.deed()

    @hookimpl
    def review_draft(self) -> list[Finding]:
        self._do()
        return []

    @hookimpl
    def slot_front_aside(self) -> str:
        self._do()
        return "box"

    @hookimpl
    def check_post(self) -> None:
        self._do()

    @hookimpl
    def with_post_published(self) -> None:
        self._do()


def fail() -> None:
    raise KeyError("secret words")


@pytest.fixture
def clock() -> Clock:
    """The host's time."""
    return Clock()


MakeHost = Callable[[Callable[[], Any]], tuple[PluginHost, Plugin]]


@pytest.fixture
def watched(clock: Clock) -> MakeHost:
    """A host with one plugin, ``odd``."""

    def make(deed: Callable[[], Any]) -> tuple[PluginHost, Plugin]:
        host, plugin = PluginHost(clock=clock, slow_seconds=60), Plugin(deed)
        host.register(plugin, "odd", may_write=True)
        return host, plugin

    return make


def show(host: PluginHost) -> int:
    """Show the front page's place: how many boxes are in it."""
    return len(host.slot("slot_front_aside", reader=READER))


@ONE_KIND
def test_fifth_failure_in_ten_minutes_switches_off(
    inside: Flask, watched: MakeHost, clock: Clock
) -> None:
    host, plugin = watched(fail)
    for _ in range(8):
        show(host)
        clock.now += 149
    assert plugin.calls == 5
    told = host.reports.untold()
    assert [(t.hook, t.is_off) for t in told][-1] == ("slot_front_aside", True)
    assert (sum(t.failures for t in told), {t.last_error for t in told}) == (5, {"KeyError"})


@ONE_KIND
def test_failures_far_apart_switch_nothing_off(
    inside: Flask, watched: MakeHost, clock: Clock
) -> None:
    host, plugin = watched(fail)
    for _ in range(20):
        show(host)
        clock.now += 151
    assert plugin.calls == 20


@ONE_KIND
def test_one_call_over_ten_seconds_switches_off(
    inside: Flask, watched: MakeHost, clock: Clock
) -> None:
    def dawdle() -> None:
        clock.now += 10.5

    host, plugin = watched(dawdle)
    assert (show(host), show(host), plugin.calls) == (1, 0, 1)
    assert [(t.last_error, t.is_off) for t in host.reports.untold()] == [("took 10 s", True)]


@ONE_KIND
def test_reviewer_that_was_switched_off_is_named_to_the_author(
    inside: Flask, watched: MakeHost
) -> None:
    host, plugin = watched(fail)
    assert [host.review(DRAFT).failed for _ in range(7)] == [("odd",)] * 7
    assert plugin.calls == 5


@ONE_KIND
def test_checks_and_writing_hooks_are_never_switched_off(
    inside: Flask, watched: MakeHost, clock: Clock
) -> None:
    def fail_slowly() -> None:
        clock.now += 11
        raise KeyError

    host, plugin = watched(fail_slowly)
    for _ in range(7):
        with transaction():
            assert host.check_post(CHECK) is not None
        with pytest.raises(HookFailed), transaction():
            host.with_post_published(POST)
    assert plugin.calls == 14
    told = host.reports.untold()
    assert {t.hook for t in told} == {"check_post", "with_post_published"}
    assert [t.is_off for t in told if t.is_off] == []


@ONE_KIND
def test_place_stays_empty_while_a_call_of_it_hangs(
    inside: Flask, watched: MakeHost, clock: Clock
) -> None:
    seen: list[int] = []

    def hang() -> None:
        # What other visitors get meanwhile.
        if plugin.calls == 1:
            for seconds in (0.5, 0.6, 9, 0):
                clock.now += seconds
                seen.append(show(host))

    host, plugin = watched(hang)
    show(host)
    # After half a second it is called, after one it is left out, after ten it is off for good.
    assert (seen, plugin.calls) == ([1, 0, 0, 0], 2)
    assert [(t.last_error, t.is_off) for t in host.reports.untold()] == [
        ("running for over 10 s", True)
    ]


@ONE_KIND
def test_healthy_calls_send_no_statement(app: Flask, inside: Flask, watched: MakeHost) -> None:
    host, _ = watched(lambda: None)
    with count_statements(app) as statements:
        assert [show(host) for _ in range(3)] == [1, 1, 1]
    assert statements == []


def test_every_process_learns_what_one_has_switched_off(
    app: Flask, factories: Factories, database: str
) -> None:
    factories.community()
    other = create_app(app.extensions["forum_settings"].instance, database=database)
    plugins = {app: Plugin(fail), other: Plugin(lambda: None)}
    for one, plugin in plugins.items():
        with one.app_context():
            current_host().register(plugin, "odd", may_write=True)

    def visit(one: Flask, times: int = 1) -> int:
        before = plugins[one].calls
        assert {one.test_client().get("/").status_code for _ in range(times)} == {200}
        return plugins[one].calls - before

    assert (visit(app, 7), visit(other)) == (5, 1)
    with other.app_context():
        settle(now=True)
        [noted] = noted_troubles()
    assert (noted.plugin, noted.hook, noted.is_off, noted.failures, noted.last_error) == (
        "odd",
        "slot_front_aside",
        True,
        5,
        "KeyError",
    )
    assert visit(other) == 0

    with app.app_context():
        with transaction():
            assert look_again(OPERATOR, "odd") == 1
        settle(now=True)
    with other.app_context():
        settle(now=True)
    plugins[app].deed = lambda: None
    assert (visit(app), visit(other)) == (1, 1)
    close(other)


def test_failing_check_tells_the_administrator_at_once(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    thread = factories.thread()
    with app.app_context():
        current_host().register(Checking(), "strict")
    factories.reply(thread)
    answer = admin.get("/")
    assert words_of(answer, "nav[aria-label=Main] li:has(.count)") == ["Administration 1 new"]
    with app.app_context():
        [noted] = noted_troubles()
    assert (noted.plugin, noted.hook, noted.is_off, noted.failures) == (
        "strict",
        "check_post",
        False,
        1,
    )


class Checking:
    """A check with broken SQL."""

    @hookimpl
    def check_post(self) -> None:
        rows(text("SELECT nothing FROM nowhere"))


def rename(app: Flask, old: str, new: str) -> None:
    with app.app_context(), transaction():
        db.session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


@ONE_KIND
def test_trouble_that_cannot_be_written_waits_and_harms_nobody(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    with app.app_context():
        current_host().register(Plugin(fail), "odd", may_write=True)
        host = current_host()
    rename(app, "plugin_troubles", "elsewhere")
    client = app.test_client()
    assert [client.get("/").status_code for _ in range(6)] == [200] * 6
    assert [t.is_off for t in host.reports.untold()] == [False, True]
    rename(app, "elsewhere", "plugin_troubles")
    with app.app_context():
        settle(now=True)
        assert [(t.is_off, t.failures) for t in noted_troubles()] == [(True, 5)]


@ONE_KIND
def test_only_administrators_switch_on_again(inside: Flask) -> None:
    with pytest.raises(NotAllowed), transaction():
        look_again(Actor(id=5), "odd")


def test_limits_are_those_of_the_documentation() -> None:
    assert (Limits().most_failures, Limits().within_seconds, Limits().longest_seconds) == (
        5,
        600,
        10,
    )
