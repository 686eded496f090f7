"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

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
}


def init_headers(app: Flask) -> None:
    """Put the headers on every answer of the application."""
    app.config.setdefault("CONTENT_SECURITY_POLICY", POLICY)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    for name, value in ALWAYS.items():
        headers[name] = value
    if policy := current_app.config["CONTENT_SECURITY_POLICY"]:
        # A file may be allowed even less than a page.
        headers.setdefault("Content-Security-Policy", policy)
    if "Cache-Control" not in headers:
        # Pages differ by reader and change at any moment; a shared cache must not keep them.
        headers["Cache-Control"] = "private, no-cache"
    if request.method not in ("GET", "HEAD"):
        headers["Cache-Control"] = "no-store"
    return response
