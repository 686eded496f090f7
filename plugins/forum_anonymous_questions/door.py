"""The door: a small WSGI application under ``/ask`` that knows nobody.

The forum's session, sign-in, limits, log and figures are not asked; what it answers depends on tickets and
claim codes alone. It logs nothing and counts nothing but tries, in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from forum.plugin_api import ForumError, NotAllowed, NotFound
from forum_anonymous_questions.pages import claiming, starting, tickets, writing
from forum_anonymous_questions.pages.asking import Answer, Asked, Page, page, refusal
from forum_anonymous_questions.texts import gettext

SHOWN: dict[str, Page] = {
    "": starting.start,
    "/write": writing.write,
    "/claim": claiming.claim,
    "/tickets": tickets.tickets,
}
DONE: dict[str, Page] = {
    "/write": writing.written,
    "/claim": claiming.shown,
    "/clarify": claiming.clarify,
    "/thank": claiming.thank,
    "/withdraw": claiming.withdraw,
    "/answer": claiming.choose,
    "/ticket": claiming.take_ticket_back,
    "/tickets": tickets.changed,
}


def door(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    return _answer(environ).send(start_response)


def _answer(environ: dict[str, Any]) -> Answer:
    try:
        asked = Asked.read(environ)
        if asked.method == "GET":
            return _shown(asked)
        if asked.method == "POST":
            return _done(asked)
    except ForumError as error:
        return refusal(error)
    return _not_that_way()


def _shown(asked: Asked) -> Answer:
    if found := SHOWN.get(asked.path):
        return found(asked)
    if asked.path in DONE:
        # A page that only a form leads to: the code is not in its address, so it is asked for again.
        return Answer(leads_to="/claim")
    raise NotFound(gettext("There is no such page."))


def _done(asked: Asked) -> Answer:
    if not asked.is_from_here:
        raise NotAllowed(gettext("This form was sent from another site, so nothing was done."))
    found = DONE.get(asked.path)
    if found is not None:
        return found(asked)
    if asked.path in SHOWN:
        return _not_that_way()
    raise NotFound(gettext("There is no such page."))


def _not_that_way() -> Answer:
    status = HTTPStatus.METHOD_NOT_ALLOWED
    message = gettext("This page cannot be used that way. Go back to where you came from.")
    shown = page("refused.html", status=status, message=message, kept=())
    return Answer(shown.html, status, headers=(("Allow", "GET, HEAD, POST"),))
