"""Before a plugin is enabled, a process of its own loads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forum.app import create_app
from forum.community.plugin_queries import enabled_plugins
from forum.plugin_host import trial
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.plugin_host.conftest import write_plugin

ENDS = {
    "ends": ("import os\nos._exit(7)\n", "ends the process that loads it (status 7)"),
    "breaks": ("import nowhere_at_all\n", "cannot be imported: ModuleNotFoundError"),
    "nonsense": (
        "@hookimpl\ndef register_navigation():\n    print('hello')\n    return 7\n",
        "register_navigation must give a list",
    ),
}


@pytest.mark.full
def test_plugin_that_cannot_be_loaded_is_found_by_another_process(plugin_folder: Path) -> None:
    write_plugin(plugin_folder, "quiet", "print('hello')")
    found = {"quiet": trial.fault_of("quiet", [], [plugin_folder])}
    for name, (source, _) in ENDS.items():
        write_plugin(plugin_folder, name, source)
        found[name] = trial.fault_of(name, ["quiet"], [plugin_folder])
    assert found.pop("quiet") == ""
    assert {name: ENDS[name][1] in reason for name, reason in found.items()} == dict.fromkeys(
        ENDS, True
    ), found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_plugin_that_would_end_the_forum_is_not_enabled(
    instance: Path, database: str, plugin_folder: Path
) -> None:
    write_plugin(plugin_folder, "ends", ENDS["ends"][0])
    app = create_app(instance, database=database, plugin_folders=[str(plugin_folder)])
    factories = Factories(app)
    answer = submit(factories.signed_in(factories.community()), "/admin/plugins/ends/enable")
    assert (answer.status_code, ENDS["ends"][1] in answer.text) == (409, True), answer.text
    with app.app_context():
        assert enabled_plugins() == frozenset()
    close(app)


def test_plugin_that_hangs_is_not_enabled(
    plugin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(plugin_folder, "slow", "import time\ntime.sleep(600)\n")
    monkeypatch.setattr(trial, "SECONDS", 2)
    assert trial.fault_of("slow", [], [plugin_folder]).startswith("it did not come to an end")
