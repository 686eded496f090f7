"""What is counted of plugins, in several processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.cli import main
from forum.plugin_host.tallies import END, Tally, tallies_in, write_tallies
from forum.plugin_host.troubles import settle
from forum.testing.factories import Factories
from tests.evidence import words_of

KEY = ("kiln", "slot_front_aside")


def test_processes_count_together_and_the_ended_are_forgotten(tmp_path: Path) -> None:
    own = {KEY: Tally(3, 0.3, 0.2, 1), ("kiln", "check_post"): Tally()}
    write_tallies(tmp_path, own)
    # This process's own file is a minute old; what it counted meanwhile counts.
    own[KEY].add(Tally(1, 0.1, 0.1))
    told = json.loads((tmp_path / f"{os.getpid()}{END}").read_text())
    others = {os.getppid(): told, 2**22 + 1: told}
    for pid, counted in others.items():
        (tmp_path / f"{pid}{END}").write_text(json.dumps(counted))
    found = tallies_in(tmp_path, own)
    assert found == {KEY: Tally(7, pytest.approx(0.7), 0.2, 2)}
    assert sorted(int(p.stem) for p in tmp_path.iterdir()) == sorted([os.getpid(), os.getppid()])


PAGE = """
from flask import Blueprint, abort
pages = Blueprint("kiln", __name__, url_prefix="/kiln")

@pages.get("/<int:cone>")
def firing(cone):
    require(current_actor(), "community.manage") if cone == 7 else None
    return str(1 / cone) if cone != 404 else abort(404)

@hookimpl
def register_blueprints():
    return [pages]
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pages_are_counted_and_what_is_said_to_people_is_no_failure(
    forum_with: Callable[..., Flask],
) -> None:
    app = forum_with(kiln=PAGE)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    guest = app.test_client()
    statuses = [guest.get(f"/kiln/{cone}").status_code for cone in (6, 404, 7, 0)]
    assert statuses == [200, 404, 403, 500]
    page = admin.get("/admin/plugins")
    [said] = words_of(page, "details li")
    assert (said.partition(",")[0], said.rpartition(", ")[2]) == (
        "page:kiln.firing: 4 calls",
        "1 failure",
    )
    [trouble] = words_of(page, "article > ul li")
    assert trouble.startswith("page:kiln.firing fails. 1 failure, the last one: ZeroDivisionError")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_administrators_see_how_a_plugin_fares(
    forum_with: Callable[..., Flask], instance: Path, database: str
) -> None:
    source = "@hookimpl\ndef slot_front_aside(reader):\n    return str(1 / reader.member_id)\n"
    app = forum_with(kiln=source.replace("reader.member_id", "(reader.member_id or 0)"))
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    guest = app.test_client()
    for browser in (admin, guest, admin):
        assert browser.get("/").status_code == 200
    [said] = words_of(admin.get("/admin/plugins"), "details li")
    assert said.startswith("slot_front_aside: 3 calls, ")
    assert said.endswith(" ms at most, 1 failure")
    (instance / "running").mkdir(exist_ok=True)
    with app.app_context():
        settle(now=True)
    # As if another process had counted it, which still runs.
    (instance / "running" / f"{os.getpid()}{END}").rename(
        instance / "running" / f"{os.getppid()}{END}"
    )
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
    listed = CliRunner().invoke(main, ["plugins", "list"], env=environment).output
    assert "    slot_front_aside: 3 calls, " in listed
