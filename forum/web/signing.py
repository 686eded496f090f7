"""What signs sessions and forms: the instance's secret at this moment, and the one before it."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from forum.config.secret import Secrets


class Sessions(SecureCookieSessionInterface):
    """Sessions in cookies, which survive a change of the secret."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """As Flask's, with the secrets of this moment."""
        put_secrets(app)
        return super().get_signing_serializer(app)


def init_signing(app: Flask, secrets: Secrets) -> None:
    """Sign sessions and forms with these secrets."""
    app.extensions["forum_secrets"] = secrets
    app.session_interface = Sessions()
    put_secrets(app)


def put_secrets(app: Flask) -> None:
    """Tell Flask and Flask-WTF which secrets hold now; the older ones first, so that none is missing."""
    secrets: Secrets = app.extensions["forum_secrets"]
    before, current = secrets.before(), secrets.current()
    app.config["SECRET_KEY_FALLBACKS"] = before
    # itsdangerous signs with the last.
    app.config["WTF_CSRF_SECRET_KEY"] = [*before, current]
    app.config["SECRET_KEY"] = current
