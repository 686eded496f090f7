"""Where pictures lie: in the instance folder, each under the SHA-256 of its own bytes.

A file never changes, so it can be read without a lock, and the same picture twice is one file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

from forum.config import current_settings

FOLDER = "files"
UNFINISHED = ".unfinished-"
DAY_SECONDS = 24 * 3600


def files_folder() -> Path:
    """The folder that holds all pictures of this forum; it may not be there yet."""
    return current_settings().instance / FOLDER


def path_of(hash_: str, format_: str) -> Path:
    """Where the picture with this hash lies, or would lie."""
    return files_folder() / hash_[:2] / f"{hash_}.{format_}"


def store_bytes(data: bytes, format_: str) -> str:
    """Keep a picture's bytes: their hash. When this returns, a power cut cannot take them back.

    What is there already is left as it is, unless it was damaged. Call it before the row that names
    the picture is committed.
    """
    hash_ = hashlib.sha256(data).hexdigest()
    path = path_of(hash_, format_)
    _make_folder(path.parent)
    if not path.exists() or path.read_bytes() != data:
        _write(path, data)
    # Also for a file that another process has just put there: its name may not be on the disk yet.
    _sync_folder(path.parent)
    return hash_


def stored_files() -> Iterator[Path]:
    """Every file in the folders of pictures, unfinished ones of a crash included."""
    folders = sorted(files_folder().iterdir()) if files_folder().is_dir() else []
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.is_file())


def stray_files(known: Callable[[list[str]], Collection[str]]) -> list[tuple[str, str]]:
    """Hash and format of files that are older than a day and belong to no picture; unfinished ones
    of a crash are removed on the way.

    Args:
        known: says which of some hashes belong to a picture.
    """
    old = [path for path in stored_files() if time.time() - path.stat().st_mtime > DAY_SECONDS]
    for path in old:
        if path.name.startswith(UNFINISHED):
            path.unlink(missing_ok=True)
    named = [path for path in old if not path.name.startswith(UNFINISHED)]
    strays: list[tuple[str, str]] = []
    for batch in (named[at : at + 500] for at in range(0, len(named), 500)):
        ours = known([path.stem for path in batch])
        strays += [(path.stem, path.suffix[1:]) for path in batch if path.stem not in ours]
    return strays


def _make_folder(folder: Path) -> None:
    # The parents' entries have to be on the disk, too, or the file is there and cannot be found.
    for made in (folder.parent, folder):
        if not made.is_dir():
            with suppress(FileExistsError):
                made.mkdir(mode=0o700)
            _sync_folder(made.parent)


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
