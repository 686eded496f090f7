"""``forum serve`` with one fault planted: a reply is committed after its answer.

The kill harness must see posts vanish with it; otherwise the harness proves nothing.
"""

from __future__ import annotations

import sys
import threading

from flask import has_request_context, request

from forum.cli import main
from forum.db import db

# Long enough that nearly every kill falls between an answer and its commit.
LATE_SECONDS = 0.3


def commit_late() -> None:
    """Instead of committing, flush, hand the session to a timer, and let the answer go out."""
    session = db.session()
    if not has_request_context() or request.endpoint != "discussion.reply":
        session.commit()
        return
    session.flush()
    # Out of the registry, so that the end of the request does not roll it back.
    db.session.registry.clear()
    threading.Timer(LATE_SECONDS, finish, [session]).start()


def finish(session: object) -> None:
    """What should have happened before the answer."""
    session.commit()  # type: ignore[attr-defined]
    session.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    db.session.commit = commit_late  # type: ignore[method-assign]
    sys.argv = [sys.argv[0], "serve", *sys.argv[1:]]
    main()
