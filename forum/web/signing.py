"""What signs sessions and forms: the instance's secret at this moment, and the one before it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

from forum.clock import utcnow
from forum.config.secret import Kept, Secrets

MOST_COOKIES = 4_000


class Sessions(SecureCookieSessionInterface):
    """Sessions in cookies, which survive a change of the secret."""

    def __init__(self) -> None:
        self._made: tuple[tuple[Kept, bool], URLSafeTimedSerializer | None] | None = None
        # A browser shows the same cookie for weeks. What was signed by other secrets than those of
        # this moment is not found, as they have another serializer; what is forged is never kept.
        self._content = lru_cache(maxsize=MOST_COOKIES)(self._read)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask's; who brings no cookie costs no signature, and each cookie is checked once."""
        cookie = request.cookies.get(self.get_cookie_name(app)) if request.cookies else None
        serializer = self.get_signing_serializer(app)
        if not cookie or serializer is None:
            return self.session_class()
        try:
            content, signed_at = self._content(serializer, cookie)
        except BadSignature:
            return self.session_class()
        is_over = utcnow() - signed_at > app.permanent_session_lifetime
        return self.session_class(None if is_over else self.serializer.loads(content))

    def _read(self, serializer: URLSafeTimedSerializer, cookie: str) -> tuple[str, datetime]:
        # As text: each request gets content of its own, which it may change.
        content, signed_at = serializer.loads(cookie, return_timestamp=True)
        return self.serializer.dumps(content), signed_at

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """As Flask's, with the secrets of this moment."""
        present = put_secrets(app)
        made = self._made
        if made is None or made[0] != present:
            made = self._made = (present, super().get_signing_serializer(app))
        return made[1]


def init_signing(app: Flask, secrets: Secrets) -> None:
    """Sign sessions and forms with these secrets."""
    app.extensions["forum_secrets"] = secrets
    app.session_interface = Sessions()
    put_secrets(app)


def put_secrets(app: Flask) -> tuple[Kept, bool]:
    """Tell Flask and Flask-WTF which secrets hold now: those, and whether the older one does.

    The older ones go first, so that none is missing meanwhile.
    """
    secrets: Secrets = app.extensions["forum_secrets"]
    kept, has_before = secrets.present()
    before = [kept.before] if has_before else []
    app.config["SECRET_KEY_FALLBACKS"] = before
    # itsdangerous signs with the last.
    app.config["WTF_CSRF_SECRET_KEY"] = [*before, kept.current]
    app.config["SECRET_KEY"] = kept.current
    return kept, has_before
