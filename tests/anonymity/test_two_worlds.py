"""Two forums in which everything happens alike, but another member asks: nobody can tell which is which.

Whoever adds an action has it called in ``doings.py``, or says below why not.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.anonymity import doings
from tests.anonymity.public_actions import ROOT, noting_actions, public_actions
from tests.anonymity.worlds import Dump, differences, dump, world

Played = Callable[..., Dump]
SLOWER = timedelta(minutes=95)
LEFT_OUT = {
    "forum.accounts.address_actions.address_to_confirm": "only looks",
    "forum.accounts.address_actions.change_address": "wants the link of a letter",
    "forum.admin.archive_import_actions.import_archive": "wants an empty forum",
    "forum.admin.demo_actions.fill_with_demo": "wants an empty forum",
    "forum.admin.import_actions.import_threads": "wants a file of another forum",
    "forum.admin.plugin_actions.disable_plugin": "the plugin is gone then",
    "forum.admin.plugin_actions.enable_plugin": "done before all else",
    "forum.admin.plugin_actions.purge_plugin": "the plugin is gone then",
    "forum.discussion.author_actions.tell_of_places_again": "part of undoing a move",
    "forum.discussion.author_actions.tell_of_thread_again": "part of undoing a removal",
    "forum.discussion.deed_actions.require_way_back": "only looks",
    "forum.discussion.draft_actions.require_few_drafts": "only looks",
    "forum.moderation.measure_appeal_actions.require_as_read": "only looks",
    "forum.record.actions.why_not_to_undo": "only looks",
    "forum_anonymous_questions.period_actions.shuffled": "random; here it is one order",
    "forum_anonymous_questions.time_actions.begin_if_none": "there is a period already",
    "forum_anonymous_questions.time_actions.run_fixed_time": "the script does what it does itself",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@pytest.fixture
def played(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Played:
    """Call it to play a forum of its own: all that it keeps and says at the end."""
    return player(request, tmp_path, kind)


def player(request: pytest.FixtureRequest, folder: Path, kind: str) -> Played:
    """Plays forums, each on a fresh database of this kind."""
    numbers = iter(range(100))

    def play(*askers: str, delay: timedelta = timedelta(0), is_revealed: bool = False) -> Dump:
        own = folder / f"world-{next(numbers)}"
        own.mkdir()
        database = fresh_database(request, own, kind)
        with world(own / "instance", database, askers, delay) as found:
            doings.play(found)
            if is_revealed:
                doings.show_oneself(found)
            return dump(found)

    return play


def fresh_database(request: pytest.FixtureRequest, folder: Path, kind: str) -> str:
    """The address of an empty database of this kind; of SQLite in this folder."""
    if kind == "postgresql":
        return str(request.getfixturevalue("postgres_template").fresh())
    template: Path = request.getfixturevalue("sqlite_template")
    (folder / "forum.sqlite3").write_bytes(template.read_bytes())
    return f"sqlite:///{folder / 'forum.sqlite3'}"


def require_alike(one: Dump, other: Dump) -> None:
    """All that is kept and said is the same in both."""
    found = differences(one, other)
    assert not found, "\n".join(found)


def test_nothing_tells_which_of_two_members_asked(played: Played) -> None:
    one = played("ada")
    assert one["refused"] == []
    assert len(one["table anonymous_questions__questions"]) == 4
    assert one["page /metrics for guest"].startswith("200")
    assert any("Why does it crawl" in page for name, page in one.items() if name.startswith("page"))
    require_alike(one, played("bo"))


@pytest.mark.full
def test_nothing_tells_when_somebody_asked(played: Played) -> None:
    require_alike(played("ada"), played("ada", delay=SLOWER))


@pytest.mark.full
def test_nothing_tells_whether_one_member_asked_twice(played: Played) -> None:
    require_alike(played("ada"), played("ada", "bo"))


@pytest.mark.full
def test_nothing_but_revealing_tells_who_asked(played: Played) -> None:
    found = differences(played("ada"), played("ada", is_revealed=True))
    parts = {line.partition(":")[0] for line in found}
    assert "table anonymous_questions__revealed" in parts
    assert {p for p in parts if p.startswith("table")} == {"table anonymous_questions__revealed"}


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_script_calls_every_public_action(played: Played) -> None:
    with noting_actions() as begun:
        played("ada", is_revealed=True)
    assert public_actions() - begun == {*LEFT_OUT}


def test_an_action_that_is_new_is_missed_in_the_script(tmp_path: Path) -> None:
    name = "forum_anonymous_questions"
    copied = shutil.copytree(ROOT / "plugins" / name, tmp_path / "plugins" / name)
    assert public_actions(tmp_path) == {n for n in public_actions() if n.startswith(f"{name}.")}
    for module in ("actions.py", "shouting_actions.py"):
        with (copied / module).open("a", encoding="utf-8") as file:
            file.write("\n\ndef shout(code: str) -> None:\n    _call(code)\n")
    found = public_actions(tmp_path) - public_actions()
    assert found == {f"{name}.actions.shout", f"{name}.shouting_actions.shout"}
