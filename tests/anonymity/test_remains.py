"""With the key gone, neither what was asked nor in which order is found anywhere; each safeguard that is
switched off is found out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db, wipe_deleted
from forum.discussion.models import Thread
from forum.metrics import EXTENSION
from forum.testing.application import work
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, period_actions
from forum_anonymous_questions.queries import claim_marks
from forum_anonymous_questions.sealing import Act
from forum_anonymous_questions.tests.asking import ask
from forum_anonymous_questions.tests.at_fixed_times import fixed_time
from forum_anonymous_questions.tickets import mark_of, new_ticket
from forum_anonymous_questions.time_actions import pass_fixed_time
from tests.anonymity import remains
from tests.anonymity.remains import Signs

PLUGIN = Path(__file__).resolve().parent.parent.parent / "plugins" / "forum_anonymous_questions"
# Ten come by chance in the order of arrival or its reverse once in two million times.
COUNT = 10
OF_ASKING = 'forum_request_seconds_count{method="POST",route="/ask",status="2xx"}'


@dataclass
class Asked:
    """Questions in the order of their arrival."""

    words: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    marks: list[bytes] = field(default_factory=list)

    def texts(self) -> Signs:
        """What each says, and its claim code."""
        return [[w.encode(), c.encode()] for w, c in zip(self.words, self.codes, strict=True)]

    def signs(self) -> Signs:
        """What each says, and the keyed hash of its claim code."""
        return [[w.encode(), m] for w, m in zip(self.words, self.code_marks(), strict=True)]

    def code_marks(self) -> list[bytes]:
        """The keyed hash of each claim code."""
        return [claim_marks(code)[0] for code in self.codes]


@pytest.fixture
def forum(instance: Path, database: str) -> Iterator[PluginForum]:
    remains.open_figures(instance)
    forum = PluginForum(PLUGIN, instance, database)
    forum.enable()
    with forum.app.test_request_context():
        pass_fixed_time(utcnow(), pause=0)
        yield forum
    forum.close()


def ask_some(forum: PluginForum, count: int = COUNT) -> Asked:
    """Ask, while others write."""
    asked = Asked()
    category = db.session.scalar(
        select(Thread.category_id).where(Thread.id == forum.thread.thread_id)
    )
    assert category is not None
    for number in range(count):
        word, ticket = f"quux{secrets.token_hex(6)}", new_ticket(utcnow())
        mark = mark_of(ticket)
        assert mark is not None
        code = actions.ask(
            ticket, title=f"About {word}", category_id=category, source=f"My {word}?"
        )
        asked.words.append(word)
        asked.codes.append(code)
        asked.marks.append(mark)
        if number % 4 == 0:
            forum.make.reply(forum.thread, forum.people["member"])
    return asked


def pass_time(forum: PluginForum) -> None:
    fixed_time()
    work(forum.app)


def orders(forum: PluginForum, asked: Asked) -> dict[str, list[int]]:
    """All orders in which the questions or the tickets of this period stand anywhere.

    The log of PostgreSQL keeps its own history of which ticket was spent when, until it needs the place;
    ``docs/anonymity.md`` says so. Which ticket belongs to which question it does not tell.
    """
    files = remains.files_of(forum)
    others = {name: kept for name, kept in files.items() if remains.PG_WAL not in name}
    return (
        remains.orders_of_rows(asked.code_marks(), asked.marks)
        | remains.orders_in_files(files, asked.signs())
        | remains.orders_in_files(others, [[mark] for mark in asked.marks])
    )


def test_what_waits_is_found_nowhere_without_the_key(forum: PluginForum) -> None:
    asked = ask_some(forum, 3)
    files = remains.files_of(forum)
    assert remains.files_with(files, asked.texts()) == []
    # The same files do have what was spent, so that they are the right ones.
    assert remains.files_with(files, [[mark] for mark in asked.marks]) != []


def growth(forum: PluginForum, doing: Callable[[], object]) -> dict[str, float]:
    """By how much each figure grows with it, and with looking at the figures."""
    before = remains.counts_in(remains.figures_of(forum))
    doing()
    after = remains.counts_in(remains.figures_of(forum))
    return {name: n - before.get(name, 0) for name, n in after.items() if n != before.get(name, 0)}


def test_no_figure_tells_that_somebody_asked(forum: PluginForum) -> None:
    browser = forum.browser("member")
    ask(browser)  # what is made once, such as a template
    remains.figures_of(forum)
    nothing = growth(forum, lambda: None)
    assert nothing, "nothing is counted, so nothing was looked at"
    assert growth(forum, lambda: ask(browser)) == nothing
    assert growth(forum, lambda: browser.get("/")) != nothing


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_figure_that_tells_of_asking_is_found(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that administrators see how long asking takes."""
    place = actions._placed

    def timed(act: Act) -> Act:
        current_app.extensions[EXTENSION].request_ended("/ask", "POST", 200, 0.01)
        return place(act)

    monkeypatch.setattr(actions, "_placed", timed)
    grown = growth(forum, lambda: ask_some(forum, 1))
    assert grown[OF_ASKING] == 1


def test_only_what_measures_time_is_left_out_of_figures() -> None:
    kept = {
        'forum_request_seconds_count{route="/ask"}': 2.0,
        'forum_hook_calls_total{hook="slot_seconds"}': 1.0,
        "forum_seconds_asked_total": 3.0,
    }
    times = {
        'forum_request_seconds_sum{route="/ask"}': 0.2,
        'forum_request_seconds_bucket{route="/ask",le="0.1"}': 2.0,
        'forum_job_seconds_total{job="mail"}': 0.1,
        "forum_backup_age_seconds": 60.0,
        'forum_hook_calls_created{hook="slot_seconds"}': 1.7e9,
    }
    figures = "\n".join(f"{name} {value}" for name, value in (kept | times).items())
    assert remains.counts_in(f"# HELP what it is\n{figures}\n") == kept


def test_what_waits_is_found_where_it_is_not_sealed(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_clear(_key: bytes, act: Act) -> bytes:
        return json.dumps(asdict(act)).encode()

    monkeypatch.setattr(actions, "sealed", in_clear)
    asked = ask_some(forum, 3)
    assert remains.files_with(remains.files_of(forum), asked.texts()) != []


def test_a_copy_of_what_waited_cannot_be_read_after_the_fixed_time(forum: PluginForum) -> None:
    ask_some(forum, 3)
    copied = remains.sealed_rows()
    assert remains.can_be_read(copied)
    pass_time(forum)
    assert len(copied) == 3
    assert not remains.can_be_read(copied)


def test_a_copy_could_be_read_if_keys_stayed(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_actions, "delete_other_keys", lambda _key: None)
    ask_some(forum, 3)
    copied = remains.sealed_rows()
    pass_time(forum)
    assert remains.can_be_read(copied)


def test_what_was_withdrawn_in_time_was_never_anywhere(forum: PluginForum) -> None:
    asked = ask_some(forum, 3)
    actions.withdraw(asked.codes[0])
    pass_time(forum)
    files = remains.files_of(forum)
    assert remains.files_with(files, asked.texts()[:1]) == []
    assert remains.files_with(files, [[word.encode()] for word in asked.words[1:]]) != []


def test_order_of_arrival_is_found_nowhere_after_the_fixed_time(forum: PluginForum) -> None:
    asked = ask_some(forum)
    pass_time(forum)
    found = orders(forum, asked)
    # Rows, and files with the words: what was looked at is really there.
    assert {"by p.id", "questions", "spent"} <= {*found}
    assert any("of sign 0" in name for name in found)
    assert remains.tells(found) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_log_of_postgresql_still_has_when_a_ticket_was_spent(forum: PluginForum) -> None:
    """What cannot be helped from within, and is said where the promise is."""
    asked = ask_some(forum, 3)
    pass_time(forum)
    log = {k: v for k, v in remains.files_of(forum).items() if remains.PG_WAL in k}
    assert remains.files_with(log, [[mark] for mark in asked.marks]) != []


def _keep_log(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(period_actions, "rewrite_spent", lambda: None)
    patch.setattr(period_actions, "wipe_deleted", lambda *_: None)


def test_order_of_arrival_is_found_where_nothing_is_rewritten(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep_log(monkeypatch)
    asked = ask_some(forum)
    pass_time(forum)
    assert remains.tells(orders(forum, asked)) != []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_order_of_arrival_is_found_where_an_emptied_table_keeps_its_files(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index has its entries in the order in which they came; VACUUM does not overwrite them."""
    monkeypatch.setattr(period_actions, "wipe_deleted", lambda *_: wipe_deleted())
    asked = ask_some(forum)
    pass_time(forum)
    assert remains.tells(orders(forum, asked)) != []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_order_of_arrival_is_found_where_nothing_is_shuffled(
    forum: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On SQLite what waits lies in the order of random ids anyway.
    monkeypatch.setattr(period_actions, "shuffled", list)
    asked = ask_some(forum)
    pass_time(forum)
    assert "by p.id" in remains.tells(orders(forum, asked))


Shuffle = Callable[[list[int]], list[int]]


def first_places(shuffle: Shuffle, rounds: int = 1_000, count: int = 5) -> list[int]:
    """How often each of some came first."""
    came = [shuffle(list(range(count)))[0] for _ in range(rounds)]
    return [came.count(one) for one in range(count)]


def is_even(counts: list[int]) -> bool:
    """Whether this is chance: chi squared with four degrees of freedom, once in a million times more."""
    mean = sum(counts) / len(counts)
    return sum((count - mean) ** 2 / mean for count in counts) < 33.4


def test_order_of_publication_is_independent_of_arrival_over_1000_batches() -> None:
    assert is_even(first_places(period_actions.shuffled))
    assert not is_even(first_places(list))
    assert not is_even(first_places(lambda batch: batch[::-1]))
