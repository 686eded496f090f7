"""A forum that is closed for a while, because somebody works on it: every page says so, status 503.

It is closed as long as there is a file ``maintenance`` in the instance folder; what stands in it
is told to everybody. That needs neither a new start nor the database.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, request
from flask_babel import gettext

from forum.config import current_settings
from forum.web.errors import error_page
from forum.web.page import without_database

RETRY_SECONDS = 300
# What the page itself needs, and what watches the forum.
STAY_OPEN = {"static", "web.theme", "health.alive", "health.ready", "metrics.figures"}


def init_maintenance(app: Flask) -> None:
    """Look for the file before anything else is done for a request."""
    app.before_request(_closed)


def note_of(instance: Path) -> Path:
    """The file that closes the forum of this instance folder."""
    return instance / "maintenance"


def _closed() -> Response | None:
    note = note_of(current_settings().instance)
    if request.endpoint in STAY_OPEN or not note.exists():
        return None
    without_database()
    answer = error_page(
        503, _words_of(note) or gettext("Somebody is working on it. Come back soon.")
    )
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _words_of(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        # It was removed in between, or is not ours to read: closed it is all the same.
        return ""
