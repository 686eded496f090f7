"""Each request has a number, by which a person and a log can speak of the same thing.

It is made anew for each request, or taken from a proxy that the settings trust. It is sent back in
``X-Request-Id``, stands on the page of an error of ours, and in each line that is logged meanwhile.
"""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, g, request

from forum.config import current_settings
from forum.metrics import current_metrics
from forum.web.proxies import IS_PROXIED

HEADER = "X-Request-Id"
# Long enough to be one of its own, short enough for a log; nothing that a log could stumble over.
WELL_FORMED = re.compile(r"[0-9A-Za-z._-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
NO_ROUTE = "none"
# Programs ask these every few seconds.
UNTOLD = {"health.alive", "health.ready", "metrics.figures"}

log = logging.getLogger("forum.requests")


def init_requests(app: Flask) -> None:
    """Number each request before anything else is done for it, and tell its end after all else."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The number of the request under way; empty outside of one."""
    return str(g.get("request_id", ""))


def _begin() -> None:
    g.request_began = perf_counter()
    g.request_id = _given() or secrets.token_hex(8)


def _given() -> str:
    said = request.headers.get(HEADER, "")
    is_believed = request.environ.get(IS_PROXIED) is True
    return said if is_believed and WELL_FORMED.fullmatch(said) else ""


def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    seconds = perf_counter() - g.request_began
    # Names of ours only: a path may be a link that opens an account, a method can be any word.
    route = request.endpoint or NO_ROUTE
    method = request.method if request.method in METHODS else "OTHER"
    if metrics := current_metrics():
        metrics.request_ended(route, method, response.status_code, seconds)
    if route not in UNTOLD and current_settings().log_requests:
        facts = {"route": route, "method": method, "status": response.status_code}
        log.info("answered", extra={"facts": facts | {"ms": round(1000 * seconds, 1)}})
    return response
