"""Answers for programs that watch the forum: whether it is alive, and whether it can serve people.

They know nobody, set no cookie and write nothing. Their words are for machines, so they are the
same in every language.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from sqlalchemy.exc import SQLAlchemyError

from forum.config import current_settings
from forum.jobs.heartbeat import FRESH_SECONDS, seconds_since_beat
from forum.web.maintenance import note_of
from forum.web.proxies import IS_PROXIED, PEER, WAS_FORWARDED

pages = Blueprint("health", __name__)

READY = "ready"
# With what stands in this file of the folder `running/`, `forum doctor` asks what the forum sees.
NONCE_FILE, NONCE_HEADER = "doctor", "X-Folkmoot-Doctor"


def init_health(app: Flask, *, is_migrated: Callable[[], bool]) -> None:
    """Add the two addresses; ``is_migrated`` asks the database whether its schema is ours."""
    app.extensions["forum_is_migrated"] = is_migrated
    app.register_blueprint(pages)


@pages.get("/healthz")
def alive() -> Response:
    """This process answers. It asks nothing else, so that nobody restarts it for a slow database."""
    if NONCE_HEADER in request.headers and _is_doctor(request.headers[NONCE_HEADER]):
        return jsonify(_seen())
    return _answer({"process": READY})


@pages.get("/readyz")
def ready() -> Response:
    """Whether people can be sent here: 200, or 503 with which part cannot serve them, and why."""
    return _answer(
        {
            "maintenance": _maintenance(),
            "database": _database(),
            "worker": _worker(),
            "folder": _folder(),
        }
    )


def _answer(parts: dict[str, str]) -> Response:
    wanted = request.accept_mimetypes
    if wanted["application/json"] > wanted["text/plain"]:
        answer = jsonify(parts)
    else:
        lines = "".join(f"{part}: {state}\n" for part, state in parts.items())
        answer = Response(lines, mimetype="text/plain")
    answer.status_code = 200 if set(parts.values()) == {READY} else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_doctor(said: str) -> bool:
    try:
        nonce = (current_settings().running_folder / NONCE_FILE).read_bytes()
    except OSError:
        return False
    return bool(nonce) and hmac.compare_digest(said.encode("utf-8", "surrogateescape"), nonce)


def _seen() -> dict[str, str | bool]:
    """What reached the forum of a visitor who came through the proxy, the doctor."""
    peer = str(request.environ.get(PEER, ""))
    return {
        "host": request.host,
        "scheme": request.scheme,
        "peer": peer,
        "is_proxied": bool(request.environ.get(IS_PROXIED)),
        "forwarded": bool(request.environ.get(WAS_FORWARDED)),
    }


def _maintenance() -> str:
    return "closed" if note_of(current_settings().instance).exists() else READY


def _database() -> str:
    try:
        migrated = current_app.extensions["forum_is_migrated"]()
    except SQLAlchemyError:
        # Its words name hosts and users, and anybody may ask.
        return "does not answer"
    return READY if migrated else "not migrated"


def _worker() -> str:
    age = seconds_since_beat(current_settings().running_folder)
    # Where no worker ever was, it runs on another machine and is watched there.
    return READY if age is None or age < FRESH_SECONDS else "no heartbeat"


def _folder() -> str:
    # Asking is enough: a trial file would be a write for each look.
    return READY if os.access(current_settings().instance, os.W_OK) else "not writable"
