"""A forum with people of every role and things of every kind, brought back to one state at will.

``people`` are the columns of the table of roles and routes, ``places`` what stands in its addresses.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum.accounts.actions import ask_for_reset
from forum.accounts.address_actions import ask_for_address
from forum.accounts.hold_actions import place_hold
from forum.accounts.invitation_actions import invite
from forum.accounts.models import Invitation, Measure, MemberSession
from forum.accounts.queries import groups
from forum.accounts.tokens import OF_MEASURES, signed, token_hash
from forum.accounts.trust_rules import Thresholds
from forum.admin.excerpt_extent import Wish
from forum.admin.export_actions import order_export
from forum.admin.level_actions import add_level
from forum.app import create_app
from forum.categories.actions import Audiences
from forum.clock import utcnow
from forum.community.models import Change, Setting
from forum.community.setting_actions import change_settings
from forum.config import current_settings
from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.actions import Posting, edit_post, prepare, reply
from forum.discussion.articles import Articles
from forum.files.actions import add_picture, receive
from forum.jobs.models import Job
from forum.moderation import measure_actions as measures
from forum.moderation.actions import claim_case, remove_held
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_appeal_actions import appeal_against_measure
from forum.moderation.measure_appeal_queries import measure_appeal_facts
from forum.moderation.measure_appeal_rules import mark_of_appeal
from forum.moderation.models import Case, Flag
from forum.moderation.queries import case_facts
from forum.moderation.rules import mark_of
from forum.permissions import OPERATOR
from forum.plugin_api import Hold, Number, PluginSetting, PostToCheck, hookimpl
from forum.record.queries import newest_entry_about
from forum.record.settings import PUBLIC_LOG
from forum.testing.application import close, work
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import submit
from forum.text.pictures import picture_address
from forum.web.themes import stylesheet
from tests.evidence import page_of
from tests.files.drawing import drawn
from tests.plugin_host.conftest import write_plugin

SELLS = "Buy my kiln"
# Counts of tries are written whether they succeed or not.
NOT_COMPARED = ("attempts",)

State = dict[str, list[tuple[Any, ...]]]


class NoSales:
    """A check that holds what sells."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Hold it or let it pass."""
        return Hold("It sells.") if SELLS in post.source else None

    @hookimpl
    def register_settings(self) -> list[PluginSetting[int]]:
        """What an administrator may change."""
        return [PluginSetting("sales.most", Number(0, 9), 0, "So many offers")]


class Town:
    """The forum.

    Attributes:
        people: member, author (whose the things are), insider (in the group of the closed
            category), moderator, admin, and closed, whose account is.
        places: by the names that stand in braces in addresses.
    """

    def __init__(self, folder: Path, template: Path) -> None:
        folder.mkdir()
        self._file, self._kept = folder / "forum.sqlite3", folder / "kept.sqlite3"
        shutil.copyfile(template, self._file)
        write_plugin(folder, "quiet", "")
        self.app: Flask = create_app(
            folder, plugins=[("sales", NoSales())], plugin_folders=[str(folder)]
        )
        with self.app.app_context(), transaction():
            db.session.add(Setting(name="quiet.hours", value="22"))
        self.make = Factories(self.app)
        self._cookies: dict[str, str] = {}
        self._form_tokens: dict[str, str] = {}
        self._settle_people()
        self._settle_things()
        self.places = {**self._numbers(), **self._tokens()}
        work(self.app)
        self.places |= self._exports()
        self._sign_in()
        self.keep()

    def _settle_people(self) -> None:
        make = self.make
        admin = make.community()
        self.people: dict[str, Person] = {
            "author": make.member("Ada"),
            "member": make.member("Bo"),
            "insider": make.member("Kim", group="Masters"),
            "moderator": make.member("Mo", role="moderator"),
            "admin": admin,
            "closed": make.member("Cleo"),
        }
        # A second one, since the last administrator may not leave.
        make.member("Otto", role="admin")
        self._muted = make.member("Mia")

    def _settle_things(self) -> None:
        make, author, member = self.make, self.people["author"], self.people["member"]
        with self.app.app_context():
            masters = str(groups()[0][0])
        self._open = make.category("Glazes")
        self._closed = make.category("Masters", audiences=Audiences(masters, masters, masters))
        self._threads = {
            name: make.thread(author, self._open, title=name.title())
            for name in ("thread", "locked", "pinned", "removed", "answered")
        }
        for post in self._threads.values():
            make.reply(post, member)
        self._threads["inside"] = make.thread(
            self.people["moderator"], self._closed, title="For masters only"
        )
        self._curate()
        self._author_writes()

    def _curate(self) -> None:
        moderator, author = (self.make.actor(self.people[who]) for who in ("moderator", "author"))
        number = {name: post.thread_id for name, post in self._threads.items()}
        with self.app.test_request_context(), transaction():
            self._entry = curating.lock_thread(moderator, number["locked"], reason="Said.")
            curating.pin_thread(moderator, number["pinned"])
            curating.mark_answer(author, number["answered"], 2)
            curating.remove_post(author, number["answered"], 1)
            curating.file_thread(author, number["thread"], title=None, tags="ash")
            curating.remove_thread(moderator, number["removed"], reason="Twice.")
            change_settings(OPERATOR, {PUBLIC_LOG.name: "yes"})

    def _author_writes(self) -> None:
        author, thread = self.people["author"], self._threads["thread"].thread_id
        actor = self.make.actor(author)
        self._picture = self._uploaded(author, 40)
        insider = self.people["insider"]
        self._inside_picture = self._uploaded(insider, 50)
        self.make.reply(self._threads["inside"], insider, source=f"![Kiln]({self._inside_picture})")
        with self.app.test_request_context():
            texts = [prepare(f"{SELLS} {n}") for n in ("now", "later", "never")]
            changed, asks = prepare("More finely."), prepare("Help me to say it.")
            with transaction():
                edit_post(actor, self._threads["thread"].id, text=changed, based_on=1)
                for number, text in enumerate(texts):
                    reply(actor, thread, text=text, posting=Posting(f"held {number}"))
                reply(actor, thread, text=asks, posting=Posting(asks_for_help=True))
        submit(
            self.make.signed_in(author),
            f"/t/{self._threads['pinned'].thread_id}/reply",
            button="Preview",
            source="Perhaps on Monday.",
        )
        work(self.app)

    def _uploaded(self, person: Person, width: int) -> str:
        actor = self.make.actor(person)
        with self.app.test_request_context():
            received = receive(actor, drawn("png", width))
            with transaction():
                picture = add_picture(actor, received)
            return picture_address(picture.hash, picture.format)

    def _numbers(self) -> dict[str, Any]:
        found = {name: post.thread_id for name, post in self._threads.items()}
        with self.app.test_request_context():
            cases = db.session.execute(select(Case.id, Case.post_id, Case.kind)).all()
            held = [case for case in cases if case.kind == "hold"]
            [help_case] = [case.id for case in cases if case.kind == "help"]
            with transaction():
                moderator = self.make.actor(self.people["moderator"])
                claim_case(moderator, held[1].id)
                remove_held(moderator, held[2].id, reason="It sells.")
                author = self.make.actor(self.people["author"])
                flag_post(author, self._threads["thread"].thread_id, 2, words="It shouts.")
                level = add_level(OPERATOR, "Regulars", Thresholds(posts=1))
            refusal = newest_entry_about(held[2].id)
            flag = db.session.execute(select(Flag.id, Flag.case_id)).one()
            with transaction():
                change_settings(OPERATOR, {"session_days": "30"})
                until = utcnow() + timedelta(days=1)
                member = self.people["member"].id
                measures.warn_member(moderator, member, reason="Be kind.")
                warning = db.session.scalar(select(func.max(Measure.id))) or 0
                measures.mute_member(
                    moderator, self._muted.id, reason="It was not kind.", until=until
                )
                mute = db.session.scalar(select(func.max(Measure.id))) or 0
                mia = self.make.actor(self._muted)
                appeal = appeal_against_measure(mia, mute, words="It was a joke.").id
                hold = place_hold(OPERATOR, self.people["insider"].id, reason="A lawsuit.")
                waits = Job(name="nothing", arguments={}, state="set aside")
                db.session.add(waits)
            read = {
                "case": held[0].id,
                "claimed": held[1].id,
                "help": help_case,
                "flagged": flag.case_id,
            }
            # What whoever decides was shown.
            marks = {f"{name}_mark": mark_of(case_facts(moderator, read[name])) for name in read}
            marks["appeal_mark"] = mark_of_appeal(measure_appeal_facts(moderator, appeal))
            theme = current_settings().theme
            return {
                **found,
                **read,
                **marks,
                "slug": self._open.slug,
                "inside_slug": self._closed.slug,
                "category": self._open.id,
                "inside_category": self._closed.id,
                "picture": self._picture.rpartition("/")[2],
                "inside_picture": self._inside_picture.rpartition("/")[2],
                "held": held[0].post_id,
                "refused": held[2].post_id,
                "flag": flag.id,
                "refusal": refusal,
                "job": waits.id,
                "hold": hold.id,
                "tomorrow": f"{until:%Y-%m-%dT%H:%M}",
                "muted": self._muted.id,
                "warning": warning,
                "appeal": appeal,
                "appeal_link": signed(OF_MEASURES, warning, int(utcnow().timestamp()) + 86_400),
                "mute": db.session.scalar(select(func.max(Measure.id))),
                "group": groups()[0][0],
                "level": level,
                "entry": self._entry,
                "change": db.session.scalar(select(func.min(Change.id))),
                "insider": self.people["insider"].id,
                "member": self.people["member"].id,
                "author": self.people["author"].id,
                "admin": self.people["admin"].id,
                "closed": self.people["closed"].id,
                "member_email": self.people["member"].email,
                "theme": f"{theme}-{stylesheet(theme).version}",
            }

    def _tokens(self) -> dict[str, Any]:
        author, newcomer = self.people["author"], "nadia@example.org"
        submit(self.app.test_client(), "/register", name="Nadia", email=newcomer, password=PASSWORD)
        with self.app.test_request_context():
            ask_for_reset(author.email, address="127.0.0.1")
            asking = self.make.actor(author)
            ask_for_address(asking, "ada@example.net", password=PASSWORD, address="127.0.0.1")
            with transaction():
                invitation = invite(OPERATOR, "nuria@example.org")
            row = select(Invitation.id).where(Invitation.token_hash == token_hash(invitation))
            invitation_id = db.session.scalar(row)
        work(self.app)
        return {
            "invitation": invitation,
            "invitation_id": invitation_id,
            "confirm": self.token_in_mail("confirm"),
            "reset": self.token_in_mail("reset"),
            "address": self.token_in_mail("account/address"),
        }

    def _exports(self) -> dict[str, Any]:
        """One that the worker has made, and one that it has not begun."""
        words, admin = [], self.make.actor(self.people["admin"])
        for _ in range(2):
            work(self.app)
            with self.app.test_request_context(), transaction():
                words.append(order_export(admin, "excerpt", Wish()))
        return {"export": words[0], "ordered": words[1]}

    def token_in_mail(self, word: str) -> str:
        """The token of the link in the newest letter that leads below this address."""
        letters = sorted((Path(self.app.instance_path) / "mail").glob("*.eml"))
        words = [w for letter in letters for w in letter.read_text("utf-8").split()]
        paths = [urlsplit(w).path for w in words if f"/{word}/" in w]
        return paths[-1].rpartition("/")[2]

    def _sign_in(self) -> None:
        """Keep each person's cookie: hundreds of visits are made with it."""
        for name, person in self.people.items():
            client = self.make.signed_in(person)
            self._cookies[name] = self._cookie_of(client)
        with self.app.app_context(), transaction():
            own = MemberSession.member_id == self.people["author"].id
            sessions = db.session.scalars(select(MemberSession.id).where(own)).all()
            self.places["session"] = sessions[0]
        self._cookies["ended"] = self._ended()
        self._cookies["guest"] = self._cookie_of(self.app.test_client())
        submit(self.browser("closed"), "/account/close", password=PASSWORD, posts="keep")

    def _ended(self) -> str:
        client = self.make.signed_in(self.people["admin"])
        kept = self._cookie_of(client)
        assert submit(client, "/sign-out").status_code == 303
        return kept

    def _cookie_of(self, client: FlaskClient) -> str:
        # The page has a form, so that the cookie has what its token is checked against.
        client.get("/appearance")
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return cookie.value

    def browser(self, who: str) -> FlaskClient:
        """A browser in which somebody is signed in, or in which a session has ``ended``."""
        client = self.app.test_client()
        client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._cookies[who])
        return client

    def token_of(self, who: str) -> str:
        """What this browser's forms send to show that they are ours."""
        if who not in self._form_tokens:
            page = self.browser(who).get("/appearance")
            self._form_tokens[who] = str(page_of(page).select_one("[name=csrf_token]")["value"])  # type: ignore[index]
        return self._form_tokens[who]

    def keep(self) -> None:
        """Take this state for the one that ``restore`` brings back."""
        with self.app.app_context():
            db.engine.dispose()
        with closing(sqlite3.connect(self._file)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self._file, self._kept)
        self._look()
        self.state = self.rows()

    def _look(self) -> None:
        self._watch = sqlite3.connect(self._file, isolation_level=None)
        self._seen = self._version()

    def restore(self) -> None:
        """Bring the kept state back."""
        self._watch.close()
        with self.app.app_context():
            db.engine.dispose()
        for tail in ("-wal", "-shm"):
            self._file.with_name(self._file.name + tail).unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._file)
        # Articles are kept in memory by numbers that may now be given anew.
        self.app.extensions["forum_articles"] = Articles()
        self._look()

    def changed(self) -> set[str]:
        """The tables in which something is other than it was kept."""
        version = self._version()
        if version == self._seen:
            return set()
        self._seen = version
        now = self.rows()
        return {name for name in self.state if now[name] != self.state[name]}

    def _version(self) -> int:
        # Other connections' writes move it (https://www.sqlite.org/pragma.html#pragma_data_version).
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def rows(self) -> State:
        """All rows of all tables, less what is written in any case."""
        names = self._watch.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = sorted(name for (name,) in names.fetchall() if name not in NOT_COMPARED)
        return {t: self._watch.execute(f"SELECT * FROM {t}").fetchall() for t in tables}

    def close(self) -> None:
        """Let go of the database."""
        self._watch.close()
        close(self.app)


@contextmanager
def built(folder: Path, template: Path) -> Iterator[Town]:
    """A town for a while."""
    town = Town(folder, template)
    try:
        yield town
    finally:
        town.close()
