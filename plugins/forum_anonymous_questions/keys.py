"""The keys under which waits what askers did: files that no backup has.

The worker makes and deletes them, at fixed times. Who reads one leaves no trace of that at the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from forum.config import current_settings
from forum.plugin_api import plugin_files

SIZE = 32
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
# Reading would otherwise note its time at the file once a period. Linux knows how to leave it out.
_UNNOTICED = getattr(os, "O_NOATIME", 0)


def folder() -> Path:
    """Where they lie; it may not be there yet."""
    return current_settings().instance / "plugin-files" / "anonymous-questions"


def make_key() -> str:
    """Make a key and keep it: its name, which says nothing."""
    holder = plugin_files("anonymous-questions")
    key_id = secrets.token_hex(16)
    handle = os.open(_path(key_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(SIZE))
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync(holder)
    return key_id


def key_of(key_id: str) -> bytes | None:
    """The key of this name, ``None`` when it is gone."""
    if not _ID.fullmatch(key_id):
        return None
    try:
        handle = _open(_path(key_id))
    except FileNotFoundError:
        return None
    try:
        key = os.read(handle, SIZE)
    finally:
        os.close(handle)
    return key if len(key) == SIZE else None


def delete_other_keys(key_id: str) -> None:
    """Overwrite and delete all keys but this one; what is sealed under them nobody can read again."""
    holder = folder()
    others = [path for path in holder.glob("*.key") if path != _path(key_id)]
    for path in others:
        with contextlib.suppress(FileNotFoundError):
            _overwrite(path)
            path.unlink()
    if others:
        _sync(holder)


def _path(key_id: str) -> Path:
    return folder() / f"{key_id}.key"


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | _UNNOTICED)
    except PermissionError:
        # Only a file's owner may leave it out.
        return os.open(path, os.O_RDONLY)


def _overwrite(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, secrets.token_bytes(max(SIZE, path.stat().st_size)))
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(holder: Path) -> None:
    handle = os.open(holder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
