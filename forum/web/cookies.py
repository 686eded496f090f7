"""The forum's cookies: what they are called, and who may have them.

Where cookies are for HTTPS only, their names begin with ``__Host-``: browsers then take them only
from this host itself over HTTPS, so that no neighbour below the same domain can plant one (RFC
6265bis, 4.1.3.2). A cookie that had the name without it is not looked at any more.
"""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from forum.config import Settings, current_settings

SESSION = "forum"


def cookie_name(plain: str, settings: Settings | None = None) -> str:
    """What the cookie is called in this installation."""
    settings = settings or current_settings()
    return f"__Host-{plain}" if settings.has_secure_cookies else plain


def read_cookie(plain: str) -> str:
    """What the browser sent; empty if nothing."""
    # Many visitors bring none, and each look is dear.
    cookies = request.cookies
    return cookies.get(cookie_name(plain), "") if cookies else ""


def set_cookie(answer: Response, plain: str, value: str, *, seconds: int) -> None:
    """Have the browser keep ``value`` for so long, away from scripts and from other sites' forms."""
    answer.set_cookie(cookie_name(plain), value, max_age=seconds, **_kept_from_others())


def forget_cookie(answer: Response, plain: str) -> None:
    """Have the browser forget it."""
    answer.delete_cookie(cookie_name(plain), **_kept_from_others())


def _kept_from_others() -> dict[str, Any]:
    secure = current_settings().has_secure_cookies
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "Lax"}
