"""``forum serve`` with a check that holds posts; with ``--planted``, and with a fault: what was held
gets its case in a transaction of its own, a little later.

The kill harness must see held posts without a case with it; otherwise the harness proves nothing.
"""

from __future__ import annotations

import sys
import threading
from functools import partial

from flask import Flask, current_app

from forum import serving
from forum.app import create_app
from forum.cli import main
from forum.db import transaction
from forum.hookspecs import CaseNeeded
from forum.moderation import listeners
from forum.moderation.actions import open_case
from forum.plugin_api import Hold, PostToCheck, hookimpl
from forum.testing.killing import HOLD_WORD

# Long enough that nearly every kill falls between a held post and its case.
LATE_SECONDS = 0.3


class Holds:
    """A check that has a moderator read what has a certain word in it."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Hold it or let it pass."""
        return Hold("It has a certain word.") if HOLD_WORD in post.source else None


def open_late(needed: CaseNeeded) -> None:
    """Instead of opening the case, have it opened when the transaction is over."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Timer(LATE_SECONDS, open_apart, [app, needed]).start()


def open_apart(app: Flask, needed: CaseNeeded) -> None:
    """What should have happened in the transaction that held the post."""
    with app.app_context(), transaction():
        open_case(needed)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--planted" in arguments:
        arguments.remove("--planted")
        listeners.open_case = open_late  # type: ignore[attr-defined]
    serving.create_app = partial(create_app, plugins=[("holds", Holds())])
    sys.argv = [sys.argv[0], "serve", *arguments]
    main()
