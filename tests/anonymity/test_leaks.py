"""Each planted leak makes the test fail that its place says: so those tests can fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert

from forum.db import db, transaction
from forum.plugin_api import utcnow
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions.keys import make_key
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.tests import test_asking, test_door
from tests.anonymity import leaks, test_remains, test_two_worlds
from tests.anonymity.leaks import LEAKS
from tests.anonymity.leaks.kinds import DATABASES, LINES, ORDER, ROWS, Leak, remember
from tests.anonymity.remains import open_figures
from tests.anonymity.test_remains import PLUGIN
from tests.anonymity.test_two_worlds import fresh_database, player

OF_ONE_FORUM = (ORDER, ROWS, LINES)
QUICK = ("author's number in a job", "limit in the database")
SQLITE = DATABASES[0]
EACH = [
    pytest.param(
        leak,
        kind,
        id=f"{leak.name} on {kind}",
        marks=[] if leak.name in QUICK and kind == SQLITE else [pytest.mark.full],
    )
    for leak in LEAKS
    for kind in DATABASES
    if kind in leak.on
]
# What must be among them, as the first list of such leaks had it.
KINDS = {
    "author's number in a job",
    "exact time in a case",
    "address in the log",
    "name in a letter's head",
    "numbers in order of arrival",
    "label used again in another thread",
    "quotation that names",
    "moderator's edit that names",
    "number of the author in a feed",
    "notification that one member alone does not get",
    "post count of a member",
}


@contextmanager
def asked_in(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Iterator[PluginForum]:
    """A forum in which people can ask, on a fresh database of this kind."""
    instance = tmp_path / "instance"
    instance.mkdir()
    open_figures(instance)
    forum = PluginForum(PLUGIN, instance, fresh_database(request, tmp_path, kind))
    try:
        forum.enable()
        with forum.app.test_request_context():
            with transaction():
                row = {"id": 1, "key_id": make_key(), "begun_at": None}
                db.session.execute(insert(PERIOD).values(row))
            yield forum
    finally:
        forum.close()


def fail_because_of(leak: Leak, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Run the test that finds this leak."""
    if leak.found_by in OF_ONE_FORUM:
        with asked_in(request, tmp_path, kind) as forum:
            _fail_in(forum, leak, request, tmp_path)
    else:
        played = player(request, tmp_path, kind)
        getattr(test_two_worlds, leak.found_by)(played)


def _fail_in(
    forum: PluginForum, leak: Leak, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if leak.found_by == ROWS:
        test_asking.test_asking_writes_two_rows_and_nothing_else(forum, tmp_path / "instance")
    elif leak.found_by == ORDER:
        test_remains.test_order_of_arrival_is_found_nowhere_after_the_fixed_time(forum)
    else:
        lines = request.getfixturevalue("caplog")
        test_door.test_asking_at_the_door_logs_nothing(forum, forum.browser("member"), lines)


@pytest.mark.parametrize(("leak", "kind"), EACH)
def test_leak_is_found(
    leak: Leak,
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leak.plant(monkeypatch, remember(monkeypatch))
    with pytest.raises(AssertionError) as found:
        fail_because_of(leak, kind, request, tmp_path)
    said = str(found.value)
    if leak.found_by in OF_ONE_FORUM:
        assert f"'{leak.where}'" in said
    else:
        assert any(line.strip().startswith(leak.where) for line in said.splitlines())


@pytest.mark.full
def test_what_the_leaks_remember_leaks_nothing_by_itself(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = remember(monkeypatch)
    played = player(request, tmp_path, SQLITE)
    test_two_worlds.test_nothing_tells_which_of_two_members_asked(played)
    assert len(memory.posts) == 3
    assert len(set(memory.asked.values())) == 2
    assert min(memory.asked.values()) > 0
    assert max(memory.times.values()) < utcnow()


def test_every_kind_of_leak_is_planted() -> None:
    names = [leak.name for leak in LEAKS]
    assert len({*names}) == len(names) >= 12
    assert {*names} >= {*KINDS, *QUICK}
    folder = Path(leaks.__file__).parent
    written = re.findall(
        r"^def (_\w+)\(patch", "".join(p.read_text("utf-8") for p in folder.glob("s*.py")), re.M
    )
    assert {leak.plant.__name__ for leak in LEAKS} == {*written}
