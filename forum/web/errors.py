"""Errors as pages: what happened, what to do next, and everything that was written given back.

This is the one place that knows which of the forum's words is which HTTP status.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, make_response, redirect, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from forum.errors import (
    Barred,
    Conflict,
    ForumError,
    Invalid,
    Moved,
    NotAllowed,
    NotFound,
    Removed,
    TooMany,
)
from forum.permissions import allowed
from forum.spoken import spoken
from forum.traces import trace_of
from forum.web.kept import is_cut, kept_texts
from forum.web.page import without_database
from forum.web.requests import request_id
from forum.web.visit import current_actor, current_visit

log = logging.getLogger("forum.web")

_OF_POST = re.compile(r"/t/[0-9]+/[0-9]+((?:/[a-z0-9/]*)?)")

STATUS: dict[type[ForumError], int] = {
    Invalid: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
}
# How long to wait, in seconds, where the error itself does not say (RFC 9110, 10.2.3).
RETRY_AFTER = {429: 60, 503: 5}

PAGE, PROBLEM, PLAIN = "text/html", "application/problem+json", "text/plain"
FEEDS = (".atom", ".xml")


def init_errors(app: Flask) -> None:
    """Have every error answered by a page of ours."""
    app.register_error_handler(ForumError, _forum_error)
    app.register_error_handler(Moved, _moved)
    app.register_error_handler(CSRFError, _forgery)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(Exception, _crash)


def status_of(error: ForumError) -> int:
    """The HTTP status of one of the forum's errors."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def error_page(
    status: int,
    message: str = "",
    *,
    title: str = "",
    next_steps: Sequence[tuple[str, str]] | None = None,
) -> Response:
    """The answer for this status: what happened and what to do next, and all that was written.

    Programs that want no page are told the same in a few words, as JSON (RFC 9457) or plain text.

    Args:
        title, next_steps: words, and words and addresses, instead of the usual ones.
    """
    try:
        is_member = current_visit().actor.is_member
    except Barred as error:
        # Whatever else went wrong, they are to read this once, and it is only said once.
        return _forum_error(error)
    kept = kept_texts(is_member=is_member, beyond_limit=status == 413)
    usual, explanation = _words(status, is_kept=bool(kept))
    title = title or usual
    if status == 404 and message:
        # The message may tell of what was there, such as a thread that was removed.
        title = gettext("This page is not here")
    facts: dict[str, Any] = {"status": status, "title": title, "message": message or explanation}
    # By this number an administrator finds in the log what a person met; with 4xx nothing is there.
    number = request_id() if status == 500 else ""
    wanted = _wanted_kind()
    if wanted == PROBLEM:
        problem = {"title": title, "status": status, "detail": facts["message"]}
        answer = Response(json.dumps(problem | ({"request": number} if number else {})))
    elif wanted == PLAIN:
        answer = Response(f"{title}\n\n{facts['message']}\n" + (f"{number}\n" if number else ""))
    else:
        steps = _next_steps(status) if next_steps is None else next_steps
        facts |= {"kept": kept, "is_cut": not is_member and is_cut(kept)}
        page = render_template("error.html", **facts, number=number, next_steps=steps)
        answer = make_response(page)
    answer.status_code, answer.mimetype = status, wanted
    if status in RETRY_AFTER:
        answer.headers["Retry-After"] = str(RETRY_AFTER[status])
    return answer


def _wanted_kind() -> str:
    # Feed readers say that they take anything, too, so the address decides for them.
    if request.path.endswith(FEEDS):
        return PLAIN
    accepted = request.accept_mimetypes
    if accepted.accept_html or not accepted:
        return PAGE
    return PROBLEM if accepted.accept_json or accepted.quality(PROBLEM) else PLAIN


def _words(status: int, *, is_kept: bool = False) -> tuple[str, str]:
    known = {
        400: (
            gettext("This could not be understood"),
            gettext("Go back, reload the page and try again."),
        ),
        403: (gettext("You may not do this"), gettext("Ask a moderator if you think you should.")),
        404: (
            gettext("There is no such page"),
            gettext("The address may be wrong, or the page is not open to you."),
        ),
        405: (gettext("This cannot be done here"), gettext("Go back and use the page's buttons.")),
        409: (gettext("Somebody was faster"), gettext("Reload the page and look what changed.")),
        413: (
            gettext("That was too much at once"),
            gettext("Copy what you need from below, shorten it and send it again.")
            if is_kept
            else gettext(
                "Go back: your browser may still have what you wrote. Shorten it and try again."
            ),
        ),
        422: (gettext("Something is missing"), gettext("Go back and mend it.")),
        429: (gettext("Too often in a short time"), gettext("Wait a little and try again.")),
        503: (
            gettext("The forum is busy"),
            gettext("Nothing was changed. Wait a moment and try again."),
        ),
    }
    if 400 <= status < 500:
        return known.get(status, known[400])
    return known.get(
        status,
        (
            gettext("Something went wrong here"),
            gettext("It is not your fault, and it has been noted. Try again in a moment."),
        ),
    )


def _next_steps(status: int) -> list[tuple[str, str]]:
    steps = [(gettext("To the threads"), "/")]
    if status == 403 and not current_actor().is_member:
        back = quote(request.full_path.rstrip("?")) if request.method == "GET" else "/"
        steps.insert(0, (gettext("Sign in"), f"/sign-in?next={back}"))
    return steps


def _forum_error(error: ForumError) -> Response:
    message = spoken(error.message)
    if isinstance(error, Barred):
        return error_page(403, message, **_words_of_bar())
    steps = None
    if isinstance(error, Removed):
        ask = gettext("Ask another moderator to look at it")
        steps = [(ask, f"/decided/{error.post_id}"), *_next_steps(404)]
    heading = spoken(error.heading) if isinstance(error, Conflict) else ""
    response = error_page(status_of(error), message, title=heading, next_steps=steps)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _words_of_bar() -> dict[str, Any]:
    title = gettext("Moderators have decided about your account")
    return {"title": title, "next_steps": [(gettext("About this community"), "/about")]}


def _moved(error: Moved) -> Response:
    """Whoever looks for a post is led on; what was sent to the old place has to be sent anew."""
    right = "thread.curate" if error.removed else "thread.see"
    found = _OF_POST.fullmatch(request.path)
    if found and request.method == "GET" and allowed(current_actor(), right, error):
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        place = f"/t/{error.thread_id}/{error.number}{found[1]}{query}"
        return make_response(redirect(place, 303))
    return _forum_error(error)


def _forgery(error: CSRFError) -> Response:
    return error_page(
        400,
        gettext(
            "This form is too old, or did not come from this forum. Nothing was changed. "
            "Go back, reload the page and try again."
        ),
    )


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # What answered an error failed in turn, as a rule for want of the database.
        return _failed_twice(error.original_exception)
    response = error_page(code)
    for name in ("Allow", "Retry-After"):
        if value := dict(error.get_headers()).get(name):
            response.headers[name] = value
    return response


def _failed_twice(error: BaseException) -> Response:
    if isinstance(error, OperationalError):
        return _database_busy(error)
    return _crash(error)


def _database_busy(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", trace_of(error, outspoken=(OperationalError,)))
    without_database()
    return error_page(503)


def _crash(error: BaseException) -> Response:
    # Whatever it is, the person gets their text back; the log gets the trace without the text.
    log.error("%s %s crashed: %s", request.method, request.endpoint, trace_of(error))
    without_database()
    return error_page(500)
