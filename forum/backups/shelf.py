"""Where backups lie: one folder in the instance, which keeps the newest of them."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from forum.clock import utcnow
from forum.errors import Conflict, Invalid

FOLDER = "backups"
ENDING = ".folkmoot-backup"
UNFINISHED = ".unfinished-"
_LAST = "last.json"
_LOCK = ".lock"
_OURS = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}Z)(-before-[0-9A-Za-z_]+)?(?:\.\d+)?\.folkmoot-backup")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder. ``before`` is the schema to which the forum was migrated after it."""

    path: Path
    made_at: datetime
    size: int
    before: str = ""


@dataclass(frozen=True, slots=True)
class Last:
    """How the newest try to make a backup ended: ``error`` is empty when it is there."""

    at: str
    file: str
    error: str


def folder_of(instance: Path) -> Path:
    """The folder; it may not be there yet."""
    return instance / FOLDER


def backups_in(instance: Path) -> list[Kept]:
    """The backups that the forum named itself, newest first. What the clock will not reach before
    tomorrow comes last: it was made while the clock was wrong, and must push out nothing."""
    folder = folder_of(instance)
    found = []
    for path in folder.iterdir() if folder.is_dir() else []:
        match = _OURS.fullmatch(path.name)
        if match:
            made_at = datetime.strptime(match[1], "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
            before = (match[2] or "").removeprefix("-before-")
            found.append(Kept(path, made_at, path.stat().st_size, before))
    tomorrow = utcnow() + timedelta(days=1)
    return sorted(
        found,
        key=lambda kept: (kept.made_at < tomorrow, kept.made_at, kept.path.name),
        reverse=True,
    )


def new_path(instance: Path, *, before: str = "") -> Path:
    """A name in the folder that is not taken yet."""
    name = f"{utcnow():%Y-%m-%dT%H%M%SZ}{f'-before-{before}' if before else ''}"
    path, number = folder_of(instance) / f"{name}{ENDING}", 1
    while path.exists():
        number += 1
        path = folder_of(instance) / f"{name}.{number}{ENDING}"
    return path


def prune(instance: Path, kept: int) -> None:
    """Remove all but the newest ``kept``; those made before a migration are counted by themselves,
    so that nightly ones do not push out the way back."""
    found = backups_in(instance)
    for kind in (True, False):
        for old in [backup for backup in found if bool(backup.before) is kind][kept:]:
            old.path.unlink(missing_ok=True)


def last_try(instance: Path) -> Last | None:
    """How the newest try ended; ``None`` when there was none."""
    try:
        found = json.loads((folder_of(instance) / _LAST).read_text(encoding="utf-8"))
        return Last(str(found["at"]), str(found["file"]), str(found["error"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_try(instance: Path, *, file: str, error: str = "") -> None:
    """Note how a try ended, for those who watch the forum."""
    folder = folder_of(instance)
    last = Last(utcnow().isoformat(timespec="seconds"), file, error)
    with replacing(folder / _LAST) as handle:
        handle.write(json.dumps(asdict(last)).encode() + b"\n")


@contextmanager
def alone(instance: Path, *, wait: bool = False) -> Iterator[None]:
    """Nobody else makes or restores a backup of this instance meanwhile. What a killed one left is removed.

    Args:
        wait: until nobody does.

    Raises:
        Conflict: somebody does already.
    """
    folder = folder_of(instance)
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise Conflict(
                "Another backup of this forum is being made or restored. Wait until that is done."
            ) from error
        for left in folder.glob(f"{UNFINISHED}*"):
            left.unlink(missing_ok=True)
        yield


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside ``path`` that takes its place when the block ends well; else nothing is left.

    Only its owner can read it, and it is durable before it has its name.
    """
    temporary: Path | None = None
    try:
        # Made with mode 600 (tempfile.mkstemp).
        number, name = tempfile.mkstemp(prefix=UNFINISHED, suffix=f"-{path.name}", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(number, "w+b") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise Invalid("file", f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
