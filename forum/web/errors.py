"""Errors as pages: what happened, what to do next, and everything that was written given back.

This is the one place that knows which of the forum's words is which HTTP status.
"""

from __future__ import annotations

import logging
from urllib.parse import quote

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from forum.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound, TooMany
from forum.traces import trace_of
from forum.web.page import without_database
from forum.web.visit import current_actor

log = logging.getLogger("forum.web")

STATUS: dict[type[ForumError], int] = {
    Invalid: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
}
# What a person may have written, in every form of the forum.
TEXT_FIELDS = ("title", "tags", "source", "reason", "description", "for_whom", "not_for_whom")


def init_errors(app: Flask) -> None:
    """Have every error answered by a page of ours."""
    app.register_error_handler(ForumError, _forum_error)
    app.register_error_handler(CSRFError, _forgery)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(Exception, _crash)


def status_of(error: ForumError) -> int:
    """The HTTP status of one of the forum's errors."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def error_page(status: int, message: str = "") -> Response:
    """The page for this status. What the request wrote is on it, ready to be copied."""
    title, explanation = _words(status)
    page = render_template(
        "error.html",
        status=status,
        title=title,
        message=message or explanation,
        next_steps=_next_steps(status),
        kept=_kept(),
    )
    return make_response(page, status)


def _words(status: int) -> tuple[str, str]:
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
            gettext("Go back; your text should still be there. Shorten it and try again."),
        ),
        422: (gettext("Something is missing"), gettext("Go back and mend it.")),
        429: (gettext("Too often in a short time"), gettext("Wait a little and try again.")),
        503: (
            gettext("The forum is busy"),
            gettext("Nothing was changed. Wait a moment and try again."),
        ),
    }
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


def _kept() -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    try:
        form = request.form
    except Exception:  # A form that cannot be read is often what the error is about.
        return []
    labels = {"title": gettext("Title"), "source": gettext("Text")}
    return [
        (labels.get(name, gettext("What you wrote")), form[name])
        for name in TEXT_FIELDS
        if form.get(name, "").strip()
    ]


def _forum_error(error: ForumError) -> Response:
    response = error_page(status_of(error), error.message)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


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
    response = error_page(code)
    if allow := dict(error.get_headers()).get("Allow"):
        response.headers["Allow"] = allow
    return response


def _database_busy(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", trace_of(error, outspoken=(OperationalError,)))
    without_database()
    response = error_page(503)
    response.headers["Retry-After"] = "5"
    return response


def _crash(error: Exception) -> Response:
    # Whatever it is, the person gets their text back; the log gets the trace without the text.
    log.error("%s %s crashed: %s", request.method, request.endpoint, trace_of(error))
    without_database()
    return error_page(500)
