"""``forum serve`` with a page and a plugin that crash with people's words in their mouths; and with
a line in the log that tells all of each request which asks for that.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask, Response, request

from forum import serving
from forum.app import create_app
from forum.cli import main
from forum.plugin_api import Draft, Finding, PostPublished, hookimpl

PLANTED = "X-Planted"


class Quotes:
    """Fails, and says of what."""

    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        """Quotes the draft."""
        raise ValueError(draft.source)

    @hookimpl
    def on_post_published(self, event: PostPublished) -> NoReturn:
        """Quotes the title."""
        raise LookupError(event.title)


def tell_all(response: Response) -> Response:
    """What must never be in a log."""
    if PLANTED not in request.headers:
        return response
    said = (request.full_path, request.remote_addr, request.user_agent.string, request.form)
    logging.getLogger("forum.planted").info("%s %s %s %s", *said)
    return response


def forum_that_quotes(instance: Path, **options: Any) -> Flask:
    """The forum, with what this file adds."""
    app = create_app(instance, plugins=[("quotes", Quotes())], **options)

    @app.get("/crash/<word>")
    def crash(word: str) -> NoReturn:
        raise RuntimeError(f"{word} {request.user_agent}")

    app.after_request(tell_all)
    return app


if __name__ == "__main__":
    serving.create_app = forum_that_quotes
    sys.argv = [sys.argv[0], "serve", *sys.argv[1:]]
    main()
