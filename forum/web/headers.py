"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from forum.config import Settings, current_settings

# No inline script or style anywhere; pictures and fonts only from here.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Nothing here asks for any of it, so nothing that gets in may either.
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
}
DAY_SECONDS = 24 * 3600
HSTS = "Strict-Transport-Security"


def headers_of_doors() -> list[tuple[str, str]]:
    """What every answer at a plugin's door carries; stricter, as nobody may learn who was there."""
    settings = current_settings()
    headers = {**ALWAYS, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    if policy := current_app.config["CONTENT_SECURITY_POLICY"]:
        headers["Content-Security-Policy"] = policy
    if settings.is_https:
        headers[HSTS] = _hsts(settings)
    return list(headers.items())


def _hsts(settings: Settings) -> str:
    # Without the names below it and without the browsers' own list: neither can be taken back.
    return f"max-age={settings.hsts_days * DAY_SECONDS}"


def init_headers(app: Flask) -> None:
    """Put the headers on every answer of the application."""
    app.config.setdefault("CONTENT_SECURITY_POLICY", POLICY)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    # Nobody else sets these, so nothing has to be looked for and replaced.
    headers.extend(ALWAYS)
    if policy := current_app.config["CONTENT_SECURITY_POLICY"]:
        # A file may be allowed even less than a page.
        headers.setdefault("Content-Security-Policy", policy)
    settings = current_settings()
    if settings.is_https:
        headers[HSTS] = _hsts(settings)
    if "Cache-Control" not in headers:
        # Pages differ by reader and change at any moment; a shared cache must not keep them.
        headers["Cache-Control"] = "private, no-cache"
    if request.method not in ("GET", "HEAD"):
        headers["Cache-Control"] = "no-store"
    return response
