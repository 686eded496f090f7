"""Where exports wait to be fetched: one folder in the instance, for a day.

What was ordered is a job; what was made is a file and a few facts beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from forum.backups.shelf import UNFINISHED, replacing
from forum.clock import utcnow
from forum.config import current_settings

FOLDER = "exports"
KEPT = timedelta(days=1)
_WORD = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Made:
    """How an order ended. ``error`` tells a person why there is no file; with it ``size`` is 0.

    ``missing`` counts pictures that are not in it, because their files are not as they should be.
    """

    word: str
    kind: str
    order: dict[str, Any]
    made_at: str
    size: int = 0
    seal: str = ""
    missing: int = 0
    error: str = ""

    @property
    def at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)


def file_of(word: str) -> Path:
    """Where the file of this order lies, or would lie."""
    return _folder() / f"{word}.zip"


def keep(made: Made) -> None:
    """Note how an order ended."""
    with replacing(_folder() / f"{made.word}.json") as handle:
        handle.write(json.dumps(asdict(made)).encode() + b"\n")


def made_exports() -> list[Made]:
    """What ended within a day, newest first."""
    found = [made for word in _words() if (made := made_export(word))]
    return sorted(found, key=lambda made: (made.at, made.word), reverse=True)


def made_export(word: str) -> Made | None:
    """How this order ended; ``None`` when it has not, or its time is over."""
    if not _WORD.fullmatch(word):
        return None
    try:
        made = Made(**json.loads((_folder() / f"{word}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return made if utcnow() - made.at < KEPT else None


def take_away(word: str) -> None:
    """Remove what there is of an order."""
    if _WORD.fullmatch(word):
        for path in (file_of(word), _folder() / f"{word}.json"):
            path.unlink(missing_ok=True)


def make_folder() -> None:
    """See to it that the folder is there; nobody else may look into it."""
    _folder().mkdir(mode=0o700, exist_ok=True)


def take_away_old() -> None:
    """Remove what nobody may fetch any more, and what a killed worker left."""
    oldest = (utcnow() - KEPT).timestamp()
    for path in _folder().iterdir() if _folder().is_dir() else ():
        if path.stat().st_mtime < oldest or _is_left_over(path):
            path.unlink(missing_ok=True)


def _is_left_over(path: Path) -> bool:
    # Whoever still writes into it wrote within the hour.
    hour_ago = (utcnow() - timedelta(hours=1)).timestamp()
    return path.name.startswith(UNFINISHED) and path.stat().st_mtime < hour_ago


def _words() -> Iterator[str]:
    for path in _folder().glob("*.json"):
        yield path.stem


def _folder() -> Path:
    return current_settings().instance / FOLDER
