"""Who is asking: the visit of this request, from the session cookie, in one statement."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, Response, after_this_request, g, request, session
from flask_login import LoginManager, current_user, login_user, logout_user

from forum.accounts.actions import Browser, sign_out
from forum.accounts.checks import known_languages
from forum.accounts.queries import Visit, guest_visit, visit_by_session
from forum.accounts.tokens import known_with, token_hash
from forum.db import transaction
from forum.errors import Barred
from forum.permissions import SUSPENSION, Actor, words_of_bar
from forum.web.cookies import read_cookie, set_cookie

LANGUAGE_COOKIE = "language"
"""What guests chose for this browser; members have it in their profile."""
KNOWN_COOKIE = "known"
"""Who has signed in in this browser before, for nobody but the forum to read; it outlives sessions, so
that signing in again is nothing new."""
# Browsers keep no cookie for longer than 400 days (RFC 6265bis, 5.5).
KNOWN_SECONDS = 400 * 24 * 3600


class SignedIn:
    """What Flask-Login holds for a request: the visit and the token of its session."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, visit: Visit, token: str) -> None:
        self.visit = visit
        self.token = token

    def get_id(self) -> str:
        """The token, so that ending the session's row ends the cookie's power."""
        return self.token


def init_visits(app: Flask) -> None:
    """Connect Flask-Login to the forum's sessions."""
    manager = LoginManager()
    # Its own context processor would ask the database for every page, error pages included.
    manager.init_app(app, add_context_processor=False)
    # Its protection binds the cookie to the network address, which changes on every train ride.
    manager.session_protection = None
    manager.user_loader(_load)


def init_suspensions(app: Flask) -> None:
    """Have a suspension end a session before the request writes anything; ending it is a transaction of
    its own. Requests that only read meet it when they ask who is there."""

    @app.before_request
    def meet() -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            current_visit()


def _load(token: str) -> SignedIn | None:
    found = visit_by_session(token_hash(token))
    return None if found is None else SignedIn(found, token)


def current_visit() -> Visit:
    """The visit of this request; a guest's when nobody is signed in.

    Raises:
        Barred: whoever is signed in was suspended meanwhile; their session is over, and from now on
            the visit is a guest's.
    """
    if "visit" not in g:
        # Who brings no cookie has no session to look for.
        is_member = bool(request.cookies) and current_user.is_authenticated
        g.visit = current_user.visit if is_member else _guests()
        if is_member:
            _end_if_suspended(g.visit)
    visit: Visit = g.visit
    return visit


def _end_if_suspended(visit: Visit) -> None:
    member = visit.actor
    if member.bar is None or member.bar.kind != SUSPENSION:
        return
    # What a script sends while they write is refused, and the next page that they open says why.
    is_page = request.headers.get("Sec-Fetch-Dest") != "empty"
    if is_page:
        end_session()
    # They read why in their own language, and until when in their own time.
    found = _guests()
    reader = replace(found.actor, zone=member.zone, language=member.language)
    g.visit = replace(found, actor=reader)
    assert visit.session_id is not None
    if is_page:
        with transaction():
            sign_out(visit.session_id)
    raise Barred(words_of_bar(member.bar, member.zone, member.language))


def _guests() -> Visit:
    return in_chosen_language(guest_visit())


def in_chosen_language(visit: Visit) -> Visit:
    """A guest's visit in the language chosen for this browser, if there was one."""
    chosen = read_cookie(LANGUAGE_COOKIE)
    if chosen not in known_languages():
        return visit
    return replace(visit, actor=replace(visit.actor, language=chosen))


def current_actor() -> Actor:
    """Who is asking."""
    return current_visit().actor


def current_browser() -> Browser:
    """Where this request comes from."""
    agent = request.headers.get("User-Agent", "")
    known = read_cookie(KNOWN_COOKIE)
    return Browser(request.remote_addr, agent, current_visit().session_id, known)


def start_session(token: str) -> None:
    """Put a new session into the cookie; nothing of what was in it before survives (fixation)."""
    session.clear()
    session.permanent = True
    found = _load(token)
    assert found is not None
    login_user(found)
    g.visit = found.visit
    _remember_browser(found.visit.actor)


def _remember_browser(actor: Actor) -> None:
    assert actor.id is not None
    known = known_with(read_cookie(KNOWN_COOKIE), actor.id)

    @after_this_request
    def remember(answer: Response) -> Response:
        set_cookie(answer, KNOWN_COOKIE, known, seconds=KNOWN_SECONDS)
        return answer


def end_session() -> None:
    """Forget who was signed in."""
    logout_user()
    session.clear()
    g.pop("visit", None)
