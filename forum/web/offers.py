"""Cookies for plugins' doors, given to the browsers of members who are signed in.

The forum's application only ever adds them: a browser sends them to the door alone, and only the door
changes or removes them. Which browser has got them for a while stands in its session.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from forum.clock import utcnow
from forum.config import current_settings
from forum.db import transaction
from forum.hookspecs import Door, GivenCookie
from forum.plugin_host import HookFailed, current_host
from forum.plugin_host.implementation import Implementation

GOT = "got"
DAY_SECONDS = 24 * 3600


def init_offers(app: Flask) -> None:
    """Give what is due with the pages that members are shown."""
    app.after_request(_give)


def period_of(every: str, now: datetime) -> str:
    """Which week, month or quarter it is, such as ``2026-4``."""
    if every == "week":
        year, week, _ = now.isocalendar()
        return f"{year}-{week}"
    return f"{now.year}-{now.month if every == 'month' else (now.month + 2) // 3}"


def _give(response: Response) -> Response:
    offers = current_host().offers
    if not offers or not _is_members_page(response):
        return response
    got = session.get(GOT, {})
    for offer, door, deed in offers:
        period = period_of(offer.every, utcnow())
        if got.get(offer.name) != period and not deed.watch.leaves_out():
            cookies = _made(deed, g.visit.actor.id, period)
            if cookies is not None:
                session[GOT] = got = {**got, offer.name: period}
                _put(response, door, cookies)
    return response


def _is_members_page(response: Response) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype == "text/html"
        and "visit" in g
        and g.visit.actor.id is not None
        and not g.get("without_database")
    )


def _made(deed: Implementation, member: int, period: str) -> list[GivenCookie] | None:
    try:
        with transaction():
            cookies: list[GivenCookie] = deed.call(member=member, period=period)
            return cookies
    except (HookFailed, SQLAlchemyError):
        # It is told already, or the database is away; the page is there all the same.
        return None


def _put(response: Response, door: Door, cookies: list[GivenCookie]) -> None:
    secure = current_settings().has_secure_cookies
    for cookie in cookies:
        response.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.days * DAY_SECONDS,
            path=door.path,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
