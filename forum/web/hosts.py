"""By which names the forum answers. Who asks for another one is told which is right."""

from __future__ import annotations

import re

from flask import Flask, Response, current_app, request
from flask_babel import gettext

from forum.config import Settings, current_settings
from forum.config.checks import UNIX
from forum.web.errors import error_page
from forum.web.page import without_database

# Programs that watch the forum ask it by its address; the others are the same for everybody.
ANY_HOST = {"static", "web.theme", "health.alive", "health.ready"}
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?", re.ASCII)


def init_hosts(app: Flask) -> None:
    """Refuse requests for other hosts, before anything else is done for them."""
    app.extensions["forum_hosts"] = hosts_of(app.extensions["forum_settings"])
    app.before_request(_refuse_others)


def hosts_of(settings: Settings) -> frozenset[str]:
    """The names by which the forum answers, in small letters, without ports and brackets."""
    further = {host_in(name) or host_in(f"[{name}]") for name in settings.hosts}
    bound = "" if settings.bind.startswith(UNIX) else host_in(settings.bind)
    return (OWN_NAMES | {settings.public_host, bound} | further) - {""}


def host_in(header: str) -> str:
    """The name in a ``Host`` header, in small letters; empty if there is none (RFC 9110, 7.2)."""
    found = _HOST.fullmatch(header.strip().lower())
    # The dot at the end says that nothing is to be added to the name; it is the same host.
    return "" if found is None else (found[1] or found[2]).rstrip(".")


def _refuse_others() -> Response | None:
    known: frozenset[str] = current_app.extensions["forum_hosts"]
    if request.endpoint in ANY_HOST or host_in(request.environ.get("HTTP_HOST", "")) in known:
        return None
    # It is nobody's page, so nobody needs to be looked up for it.
    without_database()
    settings = current_settings()
    right = settings.base_url if settings.public_url else ""
    return error_page(400, _words(right), next_steps=[(right, f"{right}/")] if right else [])


def _words(right: str) -> str:
    if not right:
        return str(
            gettext(
                "The forum does not answer to the name in this address. If you run it: set "
                "“public_url” in its settings to the address that people use."
            )
        )
    return str(
        gettext(
            "The forum does not answer to the name in this address. It is at %(address)s. If you "
            "run it: further names go into “hosts” in its settings.",
            address=right,
        )
    )
