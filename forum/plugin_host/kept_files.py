"""The files that plugins keep: a folder for each in the instance folder, of which no backup has anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from forum.config import current_settings
from forum.plugin_host.registration import is_name

FOLDER = "plugin-files"
_PIECE = 1024 * 1024


def plugin_files(name: str) -> Path:
    """The folder for what the plugin of this name keeps in files; it is made when it is missing, and only
    the forum's user can enter it. No backup and no archive has it; a purge removes it."""
    if not is_name(name):
        raise ValueError(f"{name!r} is not the name of a plugin")
    above = _above()
    for folder in (above, above / name):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return above / name


def kept_files(name: str) -> list[Path]:
    """Every file that a plugin keeps, whether it runs or is gone."""
    return sorted(path for folder in _folders_of(name) for path in _files_in(folder))


def names_with_files() -> set[str]:
    """The plugins that keep files, as their tables spell them: with ``_`` for ``-``."""
    return {_spelt(folder.name) for folder in _folders() if any(_files_in(folder))}


def remove_files(name: str) -> None:
    """Remove what a plugin keeps in files. Each is overwritten first: it may be a key, and what was locked
    with it is to stay locked. (On most disks that holds; one that writes elsewhere each time may keep it.)"""
    for folder in _folders_of(name):
        for path in _files_in(folder):
            if not path.is_symlink():
                _overwrite(path)
        shutil.rmtree(folder)


def _above() -> Path:
    return current_settings().instance / FOLDER


def _folders() -> list[Path]:
    above = _above()
    found = above.iterdir() if above.is_dir() else ()
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _folders_of(name: str) -> list[Path]:
    # Of one that is gone only the tables may be left, and they have `_` for `-`.
    return [folder for folder in _folders() if _spelt(folder.name) == _spelt(name)]


def _spelt(name: str) -> str:
    return name.replace("-", "_")


def _files_in(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _overwrite(path: Path) -> None:
    if not path.is_file():
        return
    with path.open("r+b") as handle:
        left = path.stat().st_size
        while left > 0:
            left -= handle.write(bytes(min(left, _PIECE)))
        handle.flush()
        os.fsync(handle.fileno())
