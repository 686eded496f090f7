"""Leaks into what is stored: tables, jobs, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, text

from forum.accounts import limits
from forum.db import db
from forum.plugin_api import WaitingPost, add_stand_in, utcnow
from forum.record import actions as record
from forum_anonymous_questions import actions, opening_actions, period_actions, time_actions
from forum_anonymous_questions.models import PREFIX, QUESTIONS, SPENDING, SPENT
from forum_anonymous_questions.sealing import Act
from tests.anonymity.leaks.kinds import ORDER, ROWS, WHEN, WHETHER_ONE, WHO, Leak, Memory

SEEN = f"{PREFIX}seen"


def _author_in_a_job(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that a later job could tell them."""
    enqueue = time_actions.enqueue

    def promised(name: str, **arguments: Any) -> Any:
        return enqueue(name, **arguments, askers=sorted(memory.asked.values()))

    patch.setattr(time_actions, "enqueue", promised)


def _time_in_a_case(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that moderators see what has waited longest."""
    open_case = opening_actions.open_case

    def opened(actor: Any, post_id: int, kind: str, reason: str) -> Any:
        since = memory.times.get(memory.opening, "")
        return open_case(actor, post_id, kind, f"{reason} Asked at {since}.")

    patch.setattr(opening_actions, "open_case", opened)


def _numbers_in_order(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """Because numbers that grow make a smaller index."""
    new_id = opening_actions.new_id

    def numbered() -> bytes:
        if not memory.opening:
            return new_id()
        return [*memory.asked].index(memory.opening).to_bytes(16, "big")

    patch.setattr(opening_actions, "new_id", numbered)


def _label_of_a_member(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that readers know one asker from another, wherever they write."""
    start, labels = opening_actions.start_waiting, dict[int, int]()

    def started(asker_id: int, *rest: Any, **words: Any) -> WaitingPost:
        member = memory.asked[memory.opening]
        if member not in labels:
            labels[member] = add_stand_in("Asker") if labels else asker_id
        return start(labels[member], *rest, **words)

    patch.setattr(opening_actions, "start_waiting", started)


def _edit_that_names(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that the record says whose post a moderator changed."""
    note = record._note

    def noted(entry: Any, steps: Any, reason: str) -> int:
        entry.member_id = memory.asker_of(entry.post_id) or entry.member_id
        return note(entry, steps, reason)

    patch.setattr(record, "_note", noted)


def _last_seen(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that members see when they were last at the door."""
    place = actions._placed

    def seen(act: Act) -> Act:
        for statement in (
            f"CREATE TABLE IF NOT EXISTS {SEEN} (member_id INTEGER PRIMARY KEY, at TEXT)",
            f"DELETE FROM {SEEN} WHERE member_id = :member",
            f"INSERT INTO {SEEN} VALUES (:member, :at)",
        ):
            values = {"member": memory.spender, "at": utcnow().isoformat()}
            db.session.execute(text(statement), values if ":" in statement else {})
        return place(act)

    patch.setattr(actions, "_placed", seen)


def _limit_that_is_kept(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that nobody asks too often, whichever process answers: by a hash, but with its time."""
    placed = actions._placed

    def limited(act: Act) -> Act:
        limits.note_attempt(limits.SIGN_IN_BY_ADDRESS, "198.51.100.7")
        return placed(act)

    patch.setattr(actions, "_placed", limited)


def _member_among_bytes(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that a number of 16 bytes can be looked up by its member."""
    new_id = opening_actions.new_id

    def of_member() -> bytes:
        if not memory.opening:
            return new_id()
        # Not by posts: a question that was taken back in time has none.
        count = db.session.scalar(select(func.count()).select_from(QUESTIONS)) or 0
        return memory.asked[memory.opening].to_bytes(8, "big") + count.to_bytes(8, "big")

    patch.setattr(opening_actions, "new_id", of_member)


def _opened_as_they_came(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """Because whoever asked first should be answered first."""
    shuffled = period_actions.shuffled

    def in_turn(items: Iterable[Any]) -> list[Any]:
        drawn, codes = shuffled(items), [*memory.asked]
        of_acts = all(isinstance(item, list) for item in drawn)
        return sorted(drawn, key=lambda item: codes.index(item[0][1].code)) if of_acts else drawn

    patch.setattr(period_actions, "shuffled", in_turn)


def _marks_as_they_came(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """Because one statement moves them quicker than many."""

    def moved() -> None:
        db.session.execute(insert(SPENT).from_select(["mark"], select(SPENDING.c.mark)))
        db.session.execute(delete(SPENDING))

    patch.setattr(period_actions, "rewrite_spent", moved)


LEAKS = (
    Leak("author's number in a job", WHO, "jobs:", _author_in_a_job),
    Leak("exact time in a case", WHEN, "table cases", _time_in_a_case),
    Leak("numbers in order of arrival", ORDER, "questions by id", _numbers_in_order),
    Leak("label used again in another thread", WHETHER_ONE, "table posts", _label_of_a_member),
    Leak("moderator's edit that names", WHO, "table moderation_log", _edit_that_names),
    Leak("last seen at the door", WHO, f"table {SEEN}", _last_seen),
    Leak("member's number among bytes", WHO, f"table {QUESTIONS.name}", _member_among_bytes),
    Leak("limit in the database", ROWS, "attempts", _limit_that_is_kept),
    Leak("opened in order of arrival", ORDER, "by p.id", _opened_as_they_came),
    # SQLite has them in the order of their keys, however they came.
    Leak("marks in order of arrival", ORDER, "spent", _marks_as_they_came, ("postgresql",)),
)
