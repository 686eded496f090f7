"""Backups that cannot be used are refused in plain words, and nothing is changed."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from forum.app import create_app
from forum.backups.container import BackupReader
from forum.db import db
from forum.errors import Conflict, Invalid
from forum.testing.application import close
from forum.testing.databases import migrate
from forum.testing.factories import Factories
from tests.admin.full_forum import FullForum
from tests.backups.broken import contents_of, resealed, sealed, with_manifest, with_rows
from tests.backups.kept import (
    Forums,
    backed_up,
    bring_back,
    everything_in,
    pictures_of,
    settings_of,
    tables_in,
)

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The backup of a small forum with one picture."""
    folder = tmp_path_factory.mktemp("small")
    migrate(f"sqlite:///{folder / 'forum.sqlite3'}")
    app = create_app(folder)
    FullForum(app).fill_with_picture()
    yield backed_up(app, folder / "kept").path.read_bytes()
    close(app)


def why_refused(backup: bytes, folder: Path) -> str:
    """What reading says; the whole backup is read."""
    path = folder / "broken"
    path.write_bytes(backup)
    with path.open("rb") as handle, pytest.raises(Invalid) as refused:
        BackupReader(handle).check()
    return refused.value.message


def test_whole_one_is_read(small: bytes, tmp_path: Path) -> None:
    (tmp_path / "whole").write_bytes(small)
    with (tmp_path / "whole").open("rb") as handle:
        BackupReader(handle).check()


@given(data=st.data())
def test_cut_off_anywhere_it_is_refused(
    small: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    length = data.draw(st.integers(0, len(small) - 1))
    words = why_refused(small[:length], tmp_path_factory.getbasetemp())
    assert "its end is missing" in words


@given(data=st.data())
def test_one_flipped_bit_anywhere_is_seen(
    small: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place, bit = data.draw(st.integers(0, len(small) - 1)), data.draw(st.integers(0, 7))
    why_refused(flipped(small, place, bit), tmp_path_factory.getbasetemp())


def test_flipped_bit_in_each_part_is_seen(small: bytes, tmp_path: Path) -> None:
    for name in contents_of(small):
        place = small.index(name.encode()) + len(name)
        assert "was damaged or changed" in why_refused(flipped(small, place, 0), tmp_path)


@pytest.mark.full
def test_every_byte_counts(small: bytes, tmp_path: Path) -> None:
    for place in range(len(small)):
        why_refused(flipped(small, place, place % 8), tmp_path)


def flipped(backup: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(backup)
    changed[place] ^= 1 << bit
    return bytes(changed)


def test_something_added_at_its_end_is_seen(small: bytes, tmp_path: Path) -> None:
    assert "its end is missing" in why_refused(small + b"\n", tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"a" * 500, b"PK\x05\x06" + bytes(18)])
def test_other_files_are_refused(content: bytes, tmp_path: Path) -> None:
    assert "it is not a backup" in why_refused(content, tmp_path)


def forged(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    return lambda backup: with_manifest(backup, change)


FORGERIES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another format": (forged(lambda m: m.update(format="x")), "it is something else"),
    "no version": (forged(lambda m: m.update(version="1")), "which version of the format"),
    "counts that are none": (forged(lambda m: m.update(pictures=-1)), "does not say what"),
    "tables that are none": (forged(lambda m: m.update(tables=[1])), "does not say what"),
    "a table twice": (forged(lambda m: m["tables"].append(m["tables"][0])), "does not say what"),
    "a name that steers": (
        forged(lambda m: m["tables"][0].update(name="x; DROP TABLE members")),
        "does not say what",
    ),
    "a column of no kind": (
        forged(lambda m: m["tables"][0]["columns"][0].update(kind="pickle")),
        "does not say what",
    ),
    "more pictures than there are": (forged(lambda m: m.update(pictures=9)), "has not the tables"),
    "rows that are not there": (
        forged(lambda m: m["tables"][2].update(rows=9)),
        "are not those that its manifest tells of",
    ),
    "manifest that is no JSON": (
        lambda b: sealed({**contents_of(b), "manifest.json": b"{"}),
        "is not JSON",
    ),
    "manifest too deep": (
        lambda b: sealed({**contents_of(b), "manifest.json": b"[" * 100_000}),
        "is not JSON",
    ),
    "no manifest": (
        lambda b: sealed({n: c for n, c in contents_of(b).items() if n != "manifest.json"}),
        "manifest.json is not in it",
    ),
    "a path": (
        lambda b: sealed({**contents_of(b), "../../etc/passwd": b"x"}),
        "an entry '../../etc/passwd' that no backup has",
    ),
    "another picture's bytes": (
        lambda b: sealed(
            {n: b"other" if n.startswith("files/") else c for n, c in contents_of(b).items()}
        ),
        "is damaged",
    ),
    "a line without end": (
        lambda b: sealed({**contents_of(b), "tables/posts.jsonl": b"[" * 100}),
        "does not end",
    ),
    "a line of 20 MiB": (
        lambda b: with_rows(b, "posts", [b"[" + b" " * 20 * 2**20 + b"]\n"]),
        "too long",
    ),
    "larger than it can be": (
        lambda b: claiming(b, "tables/posts.jsonl", 2**31),
        "claims to be larger than it can be",
    ),
}


def claiming(backup: bytes, name: str, size: int) -> bytes:
    """The backup whose list says that an entry has so many bytes."""
    place = backup.rindex(name.encode()) - 46
    assert backup[place : place + 4] == b"PK\x01\x02"
    return resealed(backup[: place + 24] + size.to_bytes(4, "little") + backup[place + 28 :])


@pytest.mark.parametrize("kind", FORGERIES)
def test_forged_ones_are_refused(small: bytes, kind: str, tmp_path: Path) -> None:
    forge, words = FORGERIES[kind]
    assert words in why_refused(forge(small), tmp_path)


@pytest.fixture
def empty(forums: Forums, empty_database: str) -> Flask:
    """A forum without tables, on either database."""
    return forums.on(empty_database)


def test_newer_format_is_refused_with_the_version_that_reads_it(
    small: bytes, tmp_path: Path
) -> None:
    newer = with_manifest(small, lambda m: m.update(version=2, software="Folkmoot 9.1"))
    words = why_refused(newer, tmp_path)
    assert "Folkmoot 9.1 wrote it, in version 2 of the format" in words
    assert "Install that version" in words


# Those that only the database can tell, and what it says of them.
UNFIT_ROWS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "of a newer schema": (
        lambda b: with_manifest(b, lambda m: m.update(schema="0999", software="Folkmoot 9.1")),
        "Folkmoot 9.1 wrote it with the schema 0999",
    ),
    "of no forum": (lambda b: with_manifest(b, lambda m: m.update(schema="")), "of no forum"),
    "without a table": (
        lambda b: sealed_without(b, "posts"),
        "the table posts is not in it",
    ),
    "other columns": (
        forged(lambda m: next(t for t in m["tables"] if t["name"] == "posts")["columns"].pop()),
        "has other columns than its schema says",
    ),
    "row that is none": (lambda b: with_rows(b, "groups", [b"{}\n"]), "a row that cannot be one"),
    "row with too few values": (lambda b: with_rows(b, "groups", [b"[1]\n"]), "cannot be one"),
    "number that is none": (
        lambda b: with_rows(b, "groups", [b'["1","A"]\n']),
        "the table groups has a row that cannot be one",
    ),
    "number too large": (
        lambda b: with_rows(b, "groups", [b'[9223372036854775808,"A"]\n']),
        "the table groups has a row that cannot be one",
    ),
    "two of one number": (
        lambda b: with_rows(b, "groups", [b'[1,"A"]\n', b'[1,"B"]\n']),
        "the database refuses what is in the backup",
    ),
    "members nobody has": (
        lambda b: with_rows(b, "members", []),
        "",
    ),
    "against a check": (
        lambda b: with_rows(b, "member_roles", [b'[1,"king"]\n']),
        "the database refuses what is in the backup",
    ),
}


def sealed_without(backup: bytes, name: str) -> bytes:
    contents = contents_of(backup)
    del contents[f"tables/{name}.jsonl"]
    return with_manifest(
        sealed(contents),
        lambda m: m.update(tables=[t for t in m["tables"] if t["name"] != name]),
    )


@pytest.mark.parametrize("kind", UNFIT_ROWS)
def test_rows_that_cannot_be_leave_nothing_behind(
    small: bytes, kind: str, empty: Flask, tmp_path: Path
) -> None:
    change, words = UNFIT_ROWS[kind]
    (tmp_path / "unfit").write_bytes(change(small))
    with pytest.raises(Invalid) as refused:
        bring_back(empty, tmp_path / "unfit")
    assert words in refused.value.message
    assert (tables_in(empty), pictures_of(empty)) == ([], {})


@ON_SQLITE
def test_forum_that_has_something_is_left_as_it_is(
    app: Flask, factories: Factories, small: bytes, tmp_path: Path
) -> None:
    factories.community()
    before = everything_in(app)
    (tmp_path / "small").write_bytes(small)
    with pytest.raises(Conflict, match=r"move .* aside") as refused:
        bring_back(app, tmp_path / "small")
    assert "there is a forum here already" in refused.value.message
    assert (everything_in(app), pictures_of(app)) == (before, {})


def test_database_of_something_else_is_left_as_it_is(
    small: bytes, empty: Flask, tmp_path: Path
) -> None:
    with empty.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE wages (id INTEGER)"))
    (tmp_path / "small").write_bytes(small)
    with pytest.raises(Conflict, match="tables that are not a forum's, such as wages"):
        bring_back(empty, tmp_path / "small")
    assert tables_in(empty) == ["wages"]


@ON_SQLITE
def test_backup_of_another_community_is_refused_unless_meant(
    full: FullForum, small: bytes, forums: Forums, tmp_path: Path
) -> None:
    made = backed_up(full.app)
    empty = forums.on()
    shutil.copytree(made.path.parent, settings_of(empty).instance / "backups")
    other = with_manifest(small, lambda m: m.update(community="another", name="Weavers"))
    (tmp_path / "other").write_bytes(other)
    with pytest.raises(Conflict, match=r"a backup of “Weavers”, .* are of “Potters"):
        bring_back(empty, tmp_path / "other")
    assert tables_in(empty) == []
    bring_back(empty, tmp_path / "other", other_community=True)
    assert len(everything_in(empty)["posts"]) == 2


@pytest.mark.full
@pytest.mark.parametrize("what", ["backup", "restore"])
def test_full_disk_leaves_nothing_half_done(what: str, small: bytes, tmp_path: Path) -> None:
    """The system refuses to let any file grow beyond a limit, as a full disk does."""
    instance, source = tmp_path / "instance", tmp_path / "small"
    source.write_bytes(small)
    if what == "backup":
        assert run(instance, "restore", source)[0] == 0
    status, said = run(instance, what, *([source] if what == "restore" else []), limit=30_000)
    assert status == 1
    assert "Traceback" not in said
    assert "too large" in said or "disk" in said, said
    if what == "backup":
        assert [p.name for p in (instance / "backups").iterdir() if "unfinished" in p.name] == []
        assert list((instance / "backups").glob("*.folkmoot-backup")) == []
        again = run(instance, "backup")
    else:
        assert not instance.exists()
        again = run(instance, "restore", source)
    assert again[0] == 0, again


def run(instance: Path, *words: object, limit: int | None = None) -> tuple[int, str]:
    """The command in a process of its own, no file of which grows beyond ``limit`` bytes."""

    def limit_files() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", "from forum.cli import main; main()",
         "--instance", str(instance), *map(str, words)],
        capture_output=True,
        text=True,
        preexec_fn=limit_files,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
