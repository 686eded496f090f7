"""A forum in this process, served to a browser: its settings can be changed, plugins be added."""

from __future__ import annotations

import io
import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from flask import Flask
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest
from werkzeug.serving import make_server

from forum.accounts.actions import ask_for_reset
from forum.accounts.address_actions import ask_for_address
from forum.accounts.community_actions import new_setup_token
from forum.accounts.hold_actions import place_hold
from forum.accounts.invitation_actions import invite
from forum.accounts.models import Invitation, Measure, Member
from forum.accounts.tokens import OF_MEASURES, signed
from forum.accounts.trust_rules import Thresholds
from forum.admin.import_actions import import_threads
from forum.admin.level_actions import add_level
from forum.app import create_app
from forum.clock import utcnow
from forum.community.models import Setting
from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.actions import Posting, prepare, reply
from forum.discussion.models import Post, Thread
from forum.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from forum.moderation.actions import remove_held
from forum.moderation.appeal_actions import appeal
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import mute_member, note_member, warn_member
from forum.moderation.measure_appeal_actions import appeal_against_measure
from forum.moderation.models import Case, Flag
from forum.moderation.note_actions import note_about_case
from forum.permissions import OPERATOR
from forum.plugin_api import Hold, Line, PluginSetting, PostToCheck, TimesOfDay, YesNo, hookimpl
from forum.record.actions import undo
from forum.record.queries import newest_entry_about
from forum.record.settings import PUBLIC_LOG
from forum.testing.application import close, work
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import submit
from forum.web.forms import gives_text_back
from forum.web.visit import LANGUAGE_COOKIE
from tests.files.drawing import uploaded_by
from tests.plugin_host.conftest import write_plugin

RICH = """\
The glaze came out like this. I fired it *slowly*, up to **1,240 °C**, and `cone 6` fell[^cone].

## What I did

1. Two coats, thin
2. Dried overnight
    - on a rack
    - away from the [drying cupboard](https://example.org/cupboard)

- [x] Photographs taken
- [ ] Second firing

| Hour | Temperature | Damper |
| ---: | :---------: | ------ |
| 1    | 120 °C      | open   |
| 8    | 1,240 °C    | closed |

> Crackle comes from glaze that shrinks more than the clay.

```
cone 6 = 1222 °C at 60 °C/h, and a line that is longer than any narrow screen, so that it must wrap
```

Le mot juste est [craquelure]{lang=fr}. ~~Tressaillage.~~

[^cone]: Orton's, self-supporting.
"""
RIGHT_TO_LEFT = "שלום לכולם, איך מקבלים סדקים עדינים בזיגוג?\n\n- לאט\n- בסבלנות"
LONG_WORD = "Donaudampfschifffahrt" * 40
UNMENDED = """\
PLEASE READ THIS FIRST

## Firing

#### Cooling

[click here](https://example.org/cooling "Cooling schedules") and [](https://example.org/guide)

| | |
|---|---|
| Hour | Damper |
| 1 | open |
"""


_CASES = select(Case.id, Case.post_id).order_by(Case.id)


class HoldsPitches:
    """A plugin that has a moderator read whatever mentions a discount."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Hold it or let it pass."""
        return Hold("It mentions a discount.") if "discount" in post.source else None

    @hookimpl
    def register_settings(self) -> list[PluginSetting[Any]]:
        """One of each sort of field, with words that the forum's catalogues have."""
        return [
            PluginSetting("pitches.words", Line(80), "", _("Text"), _("Markdown works.")),
            PluginSetting("pitches.key", Line(80), "", _("Password"), is_secret=True),
            PluginSetting("pitches.times", TimesOfDay(1, 4), ["07:00"], _("Until")),
            PluginSetting("pitches.mild", YesNo(), True, _("Reason")),
        ]


class Stage:
    """A forum at ``url``, with everything that its pages can show.

    Args:
        instance: its folder.
        template: a migrated database to copy.
    """

    def __init__(self, instance: Path, template: Path) -> None:
        instance.mkdir()
        shutil.copyfile(template, instance / "forum.sqlite3")
        # One that is there, and does not run.
        write_plugin(instance, "quiet", "")
        self.app: Flask = create_app(
            instance, plugins=[("pitches", HoldsPitches())], plugin_folders=[str(instance)]
        )
        with self.app.app_context(), transaction():
            db.session.add(Setting(name="quiet.hours", value="22"))
        self.factories = Factories(self.app)
        self.instance = instance
        self.url = ""
        # Signing in again for every page would meet the limits against guessing passwords.
        self._sessions: dict[int, str] = {}

    @contextmanager
    def served(self) -> Iterator[Stage]:
        """Answer on a free port of the loopback address meanwhile."""
        server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.url = f"http://127.0.0.1:{server.port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            close(self.app)

    def _answer(self, environ: Any, start_response: Any) -> list[bytes]:
        # Read and closed before it is sent: Werkzeug's server leaves a file open when a browser
        # that goes on to another page drops the connection.
        parts = self.app(environ, start_response)
        try:
            return list(parts)
        finally:
            if close_parts := getattr(parts, "close", None):
                close_parts()

    def cookies(self, person: Person) -> list[dict[str, Any]]:
        """What a browser holds in which this person has signed in."""
        if person.id not in self._sessions:
            cookie = self.factories.signed_in(person).get_cookie("forum")
            assert cookie is not None
            self._sessions[person.id] = cookie.value
        return [{"name": "forum", "value": self._sessions[person.id], "url": self.url}]

    @contextmanager
    def speaking(self, language: str) -> Iterator[None]:
        """Have all members read in this language meanwhile; guests have a cookie, ``spoken``."""
        self._have_members_read(language)
        try:
            yield
        finally:
            self._have_members_read("en")

    def _have_members_read(self, language: str) -> None:
        with self.app.app_context(), transaction():
            db.session.execute(update(Member).values(language=language))

    def spoken(self, language: str) -> dict[str, Any]:
        """What a guest's browser holds who has chosen this language."""
        return {"name": LANGUAGE_COOKIE, "value": language, "url": self.url}

    def replies(
        self, thread_id: int, author: Person, sources: Sequence[str], *, asks_for_help: bool = False
    ) -> None:
        """Add replies in one transaction; the disk need not sync for each."""
        posting = Posting(asks_for_help=asks_for_help)
        with self.app.test_request_context():
            texts, actor = [prepare(source) for source in sources], self.factories.actor(author)
            with transaction():
                for text in texts:
                    reply(actor, thread_id, text=text, posting=posting)

    def token_from_mail(self, word: str) -> str:
        """The token of the newest link in a letter whose address begins with ``/<word>/``."""
        work(self.app)
        letters = sorted((self.instance / "mail").glob("*.eml"))
        found = [
            line.rpartition("/")[2]
            for letter in letters
            for line in letter.read_text("utf-8").split()
            if f"/{word}/" in line
        ]
        return found[-1]


class Cast:
    """The people and things that stand on a full stage.

    Attributes:
        people: by the name of what they are: guest, member, moderator, admin.
        places: what stands for the variable parts of addresses.
    """

    def __init__(self, stage: Stage) -> None:
        make = stage.factories
        admin = make.community()
        member = make.member("Amira Haddad")
        moderator = make.member("Bo", role="moderator", group="Kiln masters")
        held = make.member("Hanna")
        self.people = {"guest": None, "member": member, "moderator": moderator, "admin": admin}
        self.people["held"] = held
        with stage.app.test_request_context(), transaction():
            place_hold(OPERATOR, held.id, reason="Court of pots, file 17")
        glazes = make.category("Glazes and slips")
        with stage.app.test_request_context():
            slug, category_id = glazes.slug, glazes.id
        for number in range(26):
            thread = make.thread(moderator, glazes, title=f"Firing {number}")
        thread = make.thread(member, glazes, title="Crackle on stoneware: how fine can it be?")
        others = [RICH, RIGHT_TO_LEFT, LONG_WORD, *(f"Mine took {n} hours." for n in range(20))]
        stage.replies(thread.thread_id, moderator, others)
        make.reply(thread, admin, source="Slower.", in_reply_to=1)
        make.reply(thread, member, source="How slowly?", in_reply_to=2)
        with stage.app.test_request_context(), transaction():
            self._level = add_level(OPERATOR, "Regulars", Thresholds(posts=1, most_removed=1))
            add_level(OPERATOR, "Old hands", Thresholds(30, 50, 3), position=1)
        self._judge(stage, moderator)
        self._curate(stage, make, moderator)
        self._wait(stage, make)
        self._finish(stage, thread.thread_id)
        self.places = {
            "slug": slug,
            "category": category_id,
            "thread": thread.thread_id,
            "member": member.id,
            "held_member": held.id,
            "moderator": moderator.id,
            "edited": 26,
            "level": self._level,
            "entry": self._locked,
            "undone_entry": self._unpinned,
            "muted": self._muted.id,
            "mute": self._mute,
            "warned": self._warned,
            "measure_appeal": self._measure_appeal,
            "appeal_link": self._appeal_link,
            **self._cases(stage, thread.thread_id),
            **self._tokens(stage),
        }

    def _judge(self, stage: Stage, moderator: Person) -> None:
        """A member who was warned and is muted."""
        self._muted = muted = stage.factories.member("Lou")
        self.people["muted"] = muted
        with stage.app.test_request_context():
            actor = stage.factories.actor(moderator)
            with transaction():
                note_member(actor, muted.id, reason="Was loud on Monday, too.")
                warn_member(actor, muted.id, reason="You called others fools.\nSay what is wrong.")
                self._warned = db.session.scalar(select(func.max(Measure.id))) or 0
                lou = stage.factories.actor(muted)
                appeal = appeal_against_measure(lou, self._warned, words="I said it of a kiln.")
                self._measure_appeal = appeal.id
                end = utcnow() + timedelta(days=3)
                mute_member(actor, muted.id, reason="And again.", until=end)
                self._mute = db.session.scalar(select(func.max(Measure.id))) or 0
            until = int(utcnow().timestamp()) + 86_400
            self._appeal_link = signed(OF_MEASURES, self._mute, until)

    def _curate(self, stage: Stage, make: Factories, moderator: Person) -> None:
        make.reply(Post(thread_id=1), self._member, source="Buy my kiln!")
        with stage.app.test_request_context():
            actor = make.actor(moderator)
            with transaction():
                curating.remove_post(actor, 1, 2, reason="An advertisement, not an answer.")
                curating.file_thread(actor, 1, title=None, tags="glaze, cone 6, " + "w" * 40)
                reason = "This is settled; see the other thread."
                self._locked = curating.lock_thread(actor, 1, reason=reason)
                curating.pin_thread(actor, 1)
                self._unpinned = curating.unpin_thread(actor, 1)
                assert self._unpinned is not None
                undo(actor, self._unpinned, reason="It is still asked every week.")
                curating.remove_thread(actor, 2, reason="It was posted twice.")
                change_settings(OPERATOR, {PUBLIC_LOG.name: "yes"})

    def _wait(self, stage: Stage, make: Factories) -> None:
        """Something for each list of what would gladly be looked after."""
        new, quiet = self.people["held"], make.member("Ines")
        waiting = {
            5: (Post.thread_id == 5, 4),
            7: (Post.id == make.reply(Post(thread_id=7), new, source="Hello!").id, 2),
            8: (Post.id == make.reply(Post(thread_id=8), quiet, source="I try that.").id, 30),
        }
        with stage.app.app_context(), transaction():
            for thread, (these, days) in waiting.items():
                at = utcnow() - timedelta(days=days)
                db.session.execute(update(Post).where(these).values(created_at=at))
                there = update(Thread).where(Thread.id == thread)
                db.session.execute(there.values(last_posted_at=at))

    def _finish(self, stage: Stage, thread_id: int) -> None:
        client = stage.factories.signed_in(self._member)
        reply_page = f"/t/{thread_id}/reply"
        submit(client, reply_page, button="Publish", source="A discount, only today!")
        submit(client, f"/t/{thread_id}/26/edit", button="Publish", source="As slowly as it goes.")
        stage.replies(thread_id, self._member, [UNMENDED], asks_for_help=True)
        submit(client, "/new", button="Preview", title="Slower?", source="What if it cools slower?")
        shown = uploaded_by(stage.factories, self._member)
        stage.replies(3, self._member, [f"Look: ![A bowl]({shown})"])
        # A draft that no test throws away.
        submit(client, "/t/3/reply", button="Preview", source="Perhaps on Monday.")
        work(stage.app)
        with stage.app.test_request_context():
            import_threads(OPERATOR, io.BytesIO(json.dumps(IMPORTED).encode()))

    def _cases(self, stage: Stage, thread_id: int) -> dict[str, int | None]:
        """Another pitch that a moderator removes; then all cases, and the posts that are held."""
        moderator = self.people["moderator"]
        assert moderator is not None
        author = stage.factories.signed_in(self._member)
        submit(author, f"/t/{thread_id}/reply", button="Publish", source="Again: a discount!")
        with stage.app.test_request_context():
            held, removed = (row.post_id for row in rows(_CASES.where(Case.kind == "hold")))
            ids = {row.post_id: row.id for row in rows(_CASES)}
            with transaction():
                reason = "This sells.\nTell us what you learned with it."
                remove_held(stage.factories.actor(moderator), ids[removed], reason=reason)
            case_entry = newest_entry_about(ids[removed])
        flag, flag_case, appeal_case = self._flags(stage, thread_id, case_entry)
        work(stage.app)
        [helped] = set(ids) - {held, removed}
        return {
            "flag": flag,
            "flag_case": flag_case,
            "appeal_case": appeal_case,
            "held_post": held,
            "held_case": ids[held],
            "removed_post": removed,
            "removed_case": ids[removed],
            "help_case": ids[helped],
            "case_entry": case_entry,
        }

    def _flags(self, stage: Stage, thread_id: int, entry: int | None) -> tuple[int, int, int]:
        """The member flags a post and appeals; a moderator notes something: flag and cases."""
        moderator = self.people["moderator"]
        assert moderator is not None
        assert entry is not None
        actor = stage.factories.actor(self._member)
        with stage.app.test_request_context(), transaction():
            flag_post(actor, thread_id, 25, words="It is loud.\nAnd it is off topic.")
            flag = db.session.execute(select(Flag.id, Flag.case_id)).one()
            note_about_case(
                stage.factories.actor(moderator), flag.case_id, words="I do not think so."
            )
            return flag.id, flag.case_id, appeal(actor, entry, words="I sell nothing.").id

    @property
    def _member(self) -> Person:
        member = self.people["member"]
        assert member is not None
        return member

    def _tokens(self, stage: Stage) -> dict[str, str]:
        client = stage.app.test_client()
        new = {"name": "Nadia", "email": "nadia@example.org", "password": PASSWORD}
        submit(client, "/register", **new)
        confirm = stage.token_from_mail("confirm")
        with stage.app.test_request_context():
            ask_for_reset(self._member.email, address="127.0.0.1")
            asking = stage.factories.actor(self._member)
            ask_for_address(asking, "amira@example.net", password=PASSWORD, address="127.0.0.1")
            for email in ("nuria@example.org", "", "ada@example.org"):
                with transaction():
                    invited = invite(OPERATOR, email)
        return {
            "confirm": confirm,
            "invitation": invited,
            **self._invitations(stage),
            "reset": stage.token_from_mail("reset"),
            "address": stage.token_from_mail("address"),
        }

    def _invitations(self, stage: Stage) -> dict[str, str]:
        with stage.app.app_context():
            found = [row.id for row in rows(select(Invitation.id).order_by(Invitation.id))]
        return {"mailed_number": str(found[0]), "invitation_number": str(found[1])}


IMPORTED: dict[str, Any] = {
    "site": "pottery",
    "id": "1",
    "title": "Which clay for a first pot?",
    "tags": ["clay", "beginners"],
    "author": "user-17",
    "created": "2020-03-04T10:11:12Z",
    "body_html": "<p>I have <em>never</em> thrown. <a href='https://example.org/clay'>This clay"
    "</a> is sold here.</p><img src='https://example.org/clay.jpg' alt='Red clay'>",
    "url": "https://pottery.example.org/q/1",
    "licence": "CC BY-SA 4.0",
    "accepted_answer": "2",
    "comments": [{"author": "user-3", "created": "2020-03-04T11:00:00Z", "text": "Which wheel?"}],
    "replies": [
        {
            "id": "2",
            "author": "user-18",
            "created": "2020-03-05T10:11:12Z",
            "body_html": "<p>Smooth stoneware.</p>",
            "url": "https://pottery.example.org/a/2",
        }
    ],
}


def setup_token(app: Flask) -> str:
    """The token of the link with which a forum that nobody has set up yet is set up."""
    with app.test_request_context(), transaction():
        token = new_setup_token()
    assert token is not None
    return token


ERRORS = {
    400: BadRequest(),
    403: NotAllowed("You may change only your own posts."),
    404: NotFound("This thread has only 2 pages."),
    409: Conflict("This post was changed meanwhile."),
    422: Invalid("title", "Give the thread a title."),
    429: TooMany("That was too often in a short time.", retry_after=60),
    500: RuntimeError("planted"),
    503: OperationalError("planted", None, Exception("planted")),
}


@gives_text_back
def fail(status: int) -> NoReturn:
    """Whatever ends in this status. It takes a form without a token, which a page of ours has."""
    raise ERRORS[status]
