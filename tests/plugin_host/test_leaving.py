"""A hook that is to go warns for two releases: in the log, on the page of plugins, on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from packaging.version import Version

from forum import __version__
from forum.cli import main
from forum.plugin_host import PluginHost
from forum.plugin_host.leaving import LEAVING, RELEASES, Leaving, warnings_of
from forum.testing.factories import Factories

ROOT = Path(__file__).resolve().parent.parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
PAGE = (ROOT / "docs" / "HOOKS.md").read_text("utf-8")
GOES = Leaving("0.1", "0.3", "filter_post, which is given the thread, too")
WORDS = "implements review_draft, which is gone in Folkmoot 0.3; instead: filter_post, which"


def faults(table: Mapping[str, Leaving], now: str, changelog: str, page: str) -> list[str]:
    """What is wrong with what is said of hooks that are to go."""
    found = []
    for hook, how in table.items():
        since, gone = Version(how.since), Version(how.gone)
        if hook not in PluginHost().hooks:
            found.append(f"there is no {hook}")
        if Version(now) >= gone:
            found.append(f"{hook} should be gone")
        if Version(now) < since:
            found.append(f"{hook} warns too early")
        if (since.major, since.minor + RELEASES) != (gone.major, gone.minor):
            found.append(f"{hook} does not warn for {RELEASES} releases")
        found += [f"{hook} is not named" for said in (changelog, page) if hook not in said]
    return found


def test_hooks_that_are_to_go_are_named_in_time_and_not_overdue() -> None:
    assert faults(LEAVING, __version__, CHANGELOG, PAGE) == []


@pytest.mark.parametrize(
    ("now", "how", "said", "fault"),
    [
        ("0.2.3", GOES, "review_draft", []),
        ("0.3.0", GOES, "review_draft", ["review_draft should be gone"]),
        ("0.0.9", GOES, "review_draft", ["review_draft warns too early"]),
        (
            "0.1.0",
            Leaving("0.1", "0.2", ""),
            "review_draft",
            ["review_draft does not warn for 2 releases"],
        ),
        ("0.1.0", GOES, "", ["review_draft is not named"]),
    ],
)
def test_what_is_wrong_with_the_table_is_found(
    now: str, how: Leaving, said: str, fault: list[str]
) -> None:
    assert faults({"review_draft": how}, now, said, "review_draft") == fault
    assert faults({"review_nothing": GOES}, "0.1.0", "review_nothing", "review_nothing") == [
        "there is no review_nothing"
    ]


def test_hook_that_stays_warns_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEAVING, "review_draft", GOES)
    assert warnings_of(["check_post", "on_post_edited"]) == ()
    assert [w.startswith(WORDS) for w in warnings_of(["check_post", "review_draft"])] == [True]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_plugin_with_such_a_hook_runs_and_is_named_everywhere(
    app: Flask,
    instance: Path,
    database: str,
    forum_with: Callable[..., Flask],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(LEAVING, "review_draft", GOES)
    admin = Factories(app).community()
    started = forum_with(quiet="@hookimpl\ndef review_draft(draft):\n    return []\n")
    assert f"plugin quiet {WORDS}" in caplog.text
    page = Factories(started).signed_in(admin).get("/admin/plugins").text
    assert WORDS in page
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
    listed = CliRunner().invoke(main, ["plugins", "list"], env=environment)
    assert listed.output.startswith("quiet 1 – The quiet\n    running\n")
    assert f"    {WORDS}" in listed.output
