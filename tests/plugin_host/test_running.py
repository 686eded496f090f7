"""Calls under way are named, also when their process hangs or is gone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import pytest
from flask import Flask

from forum.plugin_api import LetterText, hookimpl
from forum.plugin_host import PluginHost
from forum.plugin_host.running import PLACES, Calls, calls_in, label_of, sweep
from forum.testing.site import Site, StartSite
from tests.plugin_host.conftest import write_plugin

LABEL = label_of("tally", "slot_front_aside")


def known(folder: Path) -> list[tuple[str, str, int, bool]]:
    """The calls in a folder, less their times."""
    return [(call.plugin, call.hook, call.pid, call.is_alive) for call in calls_in(folder)]


def test_call_is_noted_while_it_lasts(tmp_path: Path) -> None:
    calls = Calls(tmp_path / "running")
    place = calls.begin(LABEL)
    with calls.noted("talks", "import"):
        assert sorted(known(tmp_path / "running")) == [
            ("talks", "import", os.getpid(), True),
            ("tally", "slot_front_aside", os.getpid(), True),
        ]
    calls.end(place)
    assert known(tmp_path / "running") == []
    # What is alive is left alone.
    assert (sweep(tmp_path / "running"), len(list((tmp_path / "running").iterdir()))) == ([], 1)


def test_more_calls_than_places_go_unnoted_but_go_on(tmp_path: Path) -> None:
    calls = Calls(tmp_path / "running")
    places = [calls.begin(LABEL) for _ in range(PLACES + 3)]
    assert len(known(tmp_path / "running")) == PLACES
    for place in places:
        calls.end(place)
    assert (known(tmp_path / "running"), calls.begin(LABEL) >= 0) == ([], True)


def test_folder_that_cannot_be_written_keeps_nobody_from_calling(tmp_path: Path) -> None:
    (tmp_path / "running").write_text("a file where the folder should be")
    calls = Calls(tmp_path / "running")
    calls.end(calls.begin(LABEL))


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_call_that_ended_its_process_is_named_once(tmp_path: Path, end: str) -> None:
    code = (
        "import os, sys, pathlib\n"
        "from forum.plugin_host.running import Calls\n"
        "calls = Calls(pathlib.Path(sys.argv[1]))\n"
        f"with calls.noted('tally', 'on_post_published'):\n    {end}\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    process.wait()
    expected = [("tally", "on_post_published", process.pid, False)]
    assert known(tmp_path) == expected
    assert [(c.plugin, c.hook, c.pid, c.is_alive) for c in sweep(tmp_path)] == expected
    assert (sweep(tmp_path), list(tmp_path.iterdir())) == ([], [])


def test_forked_child_notes_its_own_calls(tmp_path: Path) -> None:
    calls = Calls(tmp_path)
    place = calls.begin(LABEL)
    pid = os.fork()
    if pid == 0:
        # The parent's call is not the child's to end.
        calls.end(place)
        calls.begin(label_of("talks", "page"))
        os._exit(0)
    os.waitpid(pid, 0)
    assert sorted(known(tmp_path)) == [
        ("talks", "page", pid, False),
        ("tally", "slot_front_aside", os.getpid(), True),
    ]
    calls.end(place)


class Same:
    """A filter that changes nothing."""

    @hookimpl
    def filter_letter(self, letter: LetterText) -> LetterText:
        return letter


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_dispatching_a_call_costs_little(
    inside: Flask, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    host = PluginHost(folder=tmp_path)
    host.register(Same(), "same")
    [implementation] = host.implementations("filter_letter")
    letter, times = LetterText("reply", "en", "A", "B"), 2_000
    start = process_time()
    for _ in range(times):
        implementation.attempt(letter=letter)
    microseconds = 1e6 * (process_time() - start) / times
    record_property("microseconds of one call, without isolation", microseconds)
    # A page has a handful; even a hundred times slower nobody would notice.
    assert microseconds < 2_000


HANGING = """
import threading

@hookimpl
def slot_thread_aside(thread):
    if "hang" in thread.title:
        threading.Event().wait()
    return "Here."
"""
KILLING = """
import os

@hookimpl
def slot_thread_aside(thread):
    os._exit(9)
"""


def listed(site: Site) -> str:
    """What ``forum plugins list`` prints about a running forum."""
    command = [sys.executable, "-m", "forum.cli", "--instance", str(site.instance)]
    run = subprocess.run([*command, "plugins", "list"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Settings of a forum with the plugin ``odd``, for this process and those it starts."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    environment = {"FORUM_PLUGINS": "odd", "FORUM_PLUGIN_FOLDERS": str(folder)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield environment
    for module in [m for m in sys.modules if m.startswith("forum_odd")]:
        del sys.modules[module]


@pytest.mark.full
def test_plugin_that_hangs_is_named_and_the_site_goes_on(
    start_site: StartSite, settings: dict[str, str]
) -> None:
    write_plugin(Path(settings["FORUM_PLUGIN_FOLDERS"]), "odd", HANGING)
    site = start_site(FORUM_WORKERS="1")
    site.factories.community()
    for title in ("hang", "go on"):
        site.factories.thread(title=title)
    hanging = threading.Thread(target=visit, args=(f"{site.url}/t/1",), daemon=True)
    hanging.start()
    until_listed(site, r"slot_thread_aside: running since [-0-9]+ [:0-9]+ UTC \(process \d+\)")
    # While that call hangs, the place stays empty for everybody else.
    assert [visit(f"{site.url}/t/{number}") for number in (1, 2, 1)] == [200, 200, 200]
    site.kill()
    hanging.join()


def test_plugin_that_ends_the_process_is_named_and_left_out_by_safe_mode(
    start_site: StartSite, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(Path(settings["FORUM_PLUGIN_FOLDERS"]), "odd", KILLING)
    site = start_site()
    site.factories.community()
    site.factories.thread()
    assert visit(f"{site.url}/t/1") == 0
    until_listed(site, "slot_thread_aside: fails, 1 failures, last a process ended during this")
    site.stop()
    monkeypatch.setitem(site._environment, "FORUM_SAFE_MODE", "1")
    site.start()
    assert visit(f"{site.url}/t/1") == 200


def visit(url: str) -> int:
    """Open a page: its status; 0 when the server went away."""
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except OSError:
        return 0


def until_listed(site: Site, pattern: str) -> None:
    """Wait until the list says so."""
    for _ in range(50):
        if re.search(pattern, listed(site)):
            return
    raise AssertionError(listed(site))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import os\nos._exit(0)", "ends or stops the forum: import"),
        (
            "import os\n@hookimpl\ndef register_navigation():\n    os._exit(1)",
            "ends or stops the forum: register_navigation",
        ),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_plugin_that_ends_the_process_at_the_start_is_named(
    instance: Path, database: str, settings: dict[str, str], source: str, reason: str
) -> None:
    write_plugin(Path(settings["FORUM_PLUGIN_FOLDERS"]), "odd", source)
    site = Site(instance)
    assert f"odd 1 – The odd\n    refused: {reason}\n" in listed(site)
