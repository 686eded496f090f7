"""What askers did, sealed: of one size, and read with its key alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from forum.text.caps import MAX_BYTES
from forum_anonymous_questions import keys, sealing
from forum_anonymous_questions.sealing import Act, sealed, unsealed

KEY = bytes(range(32))
LONG = Act(sealing.ASK, "abacus " * 10, "ü" * 160, 7, '"\\\n\t' * (MAX_BYTES // 4), "de")


@pytest.mark.parametrize("act", [LONG, Act(sealing.THANK, "abacus")])
def test_act_comes_back_as_it_was_with_its_key_alone(act: Act) -> None:
    content = sealed(KEY, act)
    assert unsealed(KEY, content) == act
    assert unsealed(bytes(32), content) is None


def test_all_acts_have_one_size_and_no_two_are_alike() -> None:
    acts = [Act(kind, "abacus") for kind in sealing.KINDS]
    contents = [sealed(KEY, act) for act in [*acts, *acts, LONG]]
    assert len({len(content) for content in contents}) == 1
    assert len(set(contents)) == len(contents)


def test_nothing_of_an_act_can_be_read_in_what_is_sealed() -> None:
    content = sealed(KEY, Act(sealing.ASK, "abacus", "How do I glaze?", 1, "A first pot"))
    assert not any(word in content for word in (b"glaze", b"pot", b"abacus", b"ask"))


def test_what_was_changed_is_not_read() -> None:
    content = sealed(KEY, Act(sealing.WITHDRAW, "abacus"))
    for wrong in (content[:-1], content[:-1] + bytes([content[-1] ^ 1]), b"", content[:12]):
        assert unsealed(KEY, wrong) is None


def test_act_that_would_tell_by_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        sealed(KEY, Act(sealing.ASK, "abacus", source="x" * sealing.SIZE))


def test_key_is_kept_where_only_the_forum_reads_it(app: Flask) -> None:
    with app.app_context():
        key_id = keys.make_key()
        path = keys.folder() / f"{key_id}.key"
        key = keys.key_of(key_id)
    assert key == path.read_bytes()
    assert len(key) == 32
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.is_relative_to(app.extensions["forum_settings"].instance)


def test_deleting_leaves_one_key_and_nothing_of_the_others(app: Flask) -> None:
    with app.app_context():
        old, new = keys.make_key(), keys.make_key()
        path = keys.folder() / f"{old}.key"
        before, still_open = path.read_bytes(), path.open("rb")
        keys.delete_other_keys(new)
        keys.delete_other_keys(new)
        assert (keys.key_of(old), keys.key_of(new) is None) == (None, False)
        assert [one.name for one in keys.folder().iterdir()] == [f"{new}.key"]
    with still_open:
        # What lay there was overwritten before its name went.
        assert still_open.read() not in (before, b"")


def test_reading_a_key_is_not_noted_at_its_file(app: Flask) -> None:
    with app.app_context():
        key_id = keys.make_key()
        path = keys.folder() / f"{key_id}.key"
        # As if it was made long ago: a first look would be noted even by mounts that note few.
        os.utime(path, ns=(1, 1))
        before = path.stat()
        assert keys.key_of(key_id) is not None
        after = path.stat()
    assert (after.st_atime_ns, after.st_mtime_ns) == (before.st_atime_ns, before.st_mtime_ns)


@pytest.mark.parametrize("name", ["", "../secret", "0" * 31, "g" * 32, "0" * 32])
def test_name_of_no_key_gives_none(app: Flask, name: str) -> None:
    with app.app_context():
        assert keys.key_of(name) is None


def test_unfinished_key_is_none(app: Flask) -> None:
    with app.app_context():
        key_id = keys.make_key()
        Path(keys.folder() / f"{key_id}.key").write_bytes(b"short")
        assert keys.key_of(key_id) is None
