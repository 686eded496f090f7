"""Where pictures lie, and that they lie there safely."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import filemode

import pytest
from flask import Flask

from forum.files.storage import files_folder, path_of, store_bytes, stored_files

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DATA = b"the bytes of a picture"
HASH = hashlib.sha256(DATA).hexdigest()
pytestmark = ONE_DATABASE


def test_bytes_lie_under_their_hash_for_the_forum_alone(app: Flask, instance: Path) -> None:
    with app.app_context():
        before = os.umask(0o022)
        try:
            assert store_bytes(DATA, "png") == HASH
        finally:
            os.umask(before)
        path = path_of(HASH, "png")
        assert (path, path.read_bytes()) == (instance / "files" / HASH[:2] / f"{HASH}.png", DATA)
        modes = [filemode(p.stat().st_mode) for p in (files_folder(), path.parent, path)]
    assert modes == ["drwx------", "drwx------", "-rw-------"]


def test_same_bytes_twice_are_one_file(app: Flask) -> None:
    with app.app_context():
        store_bytes(DATA, "png")
        first = path_of(HASH, "png").stat()
        store_bytes(DATA, "png")
        assert (path_of(HASH, "png").stat().st_ino, list(stored_files())) == (
            first.st_ino,
            [path_of(HASH, "png")],
        )


def test_many_at_once_leave_nothing_unfinished(app: Flask) -> None:
    def store(number: int) -> str:
        with app.app_context():
            return store_bytes(DATA + bytes([number % 3]), "png")

    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(store, range(24)))
    with app.app_context():
        assert {path.stem for path in stored_files()} == hashes
        assert len(hashes) == 3


def test_bytes_and_names_are_synced_before_it_returns(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noted(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    with app.app_context():
        store_bytes(DATA, "png")
        folder = files_folder()
    names = [str(folder.parent), str(folder), "unfinished", str(folder / HASH[:2])]
    assert ["unfinished" if ".unfinished-" in name else name for name in synced] == names


def test_damaged_file_is_mended_by_the_same_picture(app: Flask) -> None:
    with app.app_context():
        store_bytes(DATA, "png")
        (path,) = stored_files()
        path.write_bytes(DATA[:-1])
        store_bytes(DATA, "png")
        assert path.read_bytes() == DATA


def test_nothing_is_there_before_the_first_picture(app: Flask) -> None:
    with app.app_context():
        assert list(stored_files()) == []


def test_failed_write_leaves_nothing_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with app.app_context():
        store_bytes(b"another", "png")
        before = list(stored_files())
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store_bytes(DATA, "png")
        assert list(stored_files()) == before
