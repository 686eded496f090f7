"""What signs sessions and forms: the instance's secret at this moment, and the one before it."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from forum.config.secret import Kept, Secrets


class Sessions(SecureCookieSessionInterface):
    """Sessions in cookies, which survive a change of the secret."""

    def __init__(self) -> None:
        self._made: tuple[tuple[Kept, bool], URLSafeTimedSerializer | None] | None = None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """As Flask's; who brings no cookie costs no signature."""
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        put_secrets(app)
        return self.session_class()

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
