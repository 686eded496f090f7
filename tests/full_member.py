"""A member of whom something stands in every column that can hold it, beside others who stay.

Everything about the member has ``MARK`` in it, so that whatever is left of them is found.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import JSON, String, func, select, update

from forum.accounts import limits
from forum.accounts.actions import Browser, open_session
from forum.accounts.address_actions import ask_for_address
from forum.accounts.hold_actions import lift_hold, place_hold
from forum.accounts.invitation_actions import invite
from forum.accounts.models import (
    ImportedAuthor,
    Measure,
    Member,
    OneTimeToken,
    Registration,
)
from forum.accounts.passwords import hash_password
from forum.accounts.profile_actions import ProfileText, change_profile
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.config import Settings
from forum.db import Base, db, transaction
from forum.discussion.actions import Posting, edit_post, prepare, reply, start_thread
from forum.discussion.curating_actions import (
    file_thread,
    mark_answer,
    remove_post,
    remove_thread,
)
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import ImportedPost, Post
from forum.events import CaseDecided, FlagsAnswered, PostCurated
from forum.files.actions import add_picture, receive
from forum.jobs.models import Job
from forum.jobs.queue import emit, enqueue
from forum.moderation.actions import publish_held, remove_held
from forum.moderation.decision_actions import label_flagged
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import warn_member
from forum.moderation.measure_appeal_actions import appeal_against_measure, uphold_measure
from forum.moderation.models import Case
from forum.moderation.note_actions import note_about_case
from forum.notifications.models import SentMail
from forum.permissions import OPERATOR
from forum.plugin_api import Hold, PostToCheck, hookimpl
from forum.plugin_host import current_host
from forum.testing.application import work
from forum.testing.factories import Factories, Person
from forum.text.pictures import picture_address
from tests.stored_data import columns_of_members

MARK = "zanzibar"
ADDRESS = "zanzibar@example.org"
FORMER = "zanzibar.of.old@example.org"
PASSWORD = f"{MARK} battery staple"
HANDLE = "zanzibar-ada"
# What must be there for each: values that cannot have the mark in them are looked up instead.
UNMARKED = {
    "attempts.key",
    "drafts.kept",
    "members.language",
    "members.password_hash",
    "members.zone",
    "pictures.hash",
    "post_findings.fingerprint",
    "post_pictures.picture",
    "registrations.language",
    "registrations.password_hash",
    "registrations.zone",
    "uploads.picture",
}


class _Waits:
    """A check that has a moderator read whatever says that it waits."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold(f"{MARK} may sell.") if "waits" in post.source else None


class FullMember:
    """Fills a forum: ``ada`` is the member, ``bo`` quotes and mentions her, ``olga`` administers."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.app, self.make = app, factories
        self.olga = factories.community()
        self.mo = factories.member("Mo", role="moderator")
        self.bo = factories.member("Bo")
        self.ada = factories.member("Zanzibar Ada", role="admin", group="Kiln masters")
        with app.app_context():
            current_host().register(_Waits(), "waits")
        self._account()
        self._pictures()
        self._conversation()
        self._decisions()
        work(app)
        self._kept_in_passing()

    def _in(self) -> Any:
        return self.app.test_request_context()

    def _account(self) -> None:
        with self._in(), transaction():
            invite(OPERATOR, ADDRESS)
            invite(OPERATOR, "stays@example.org")
            theirs = update(Member).where(Member.id == self.ada.id)
            # Of her own: the factories give everybody the same.
            hashed = hash_password(PASSWORD)
            db.session.execute(theirs.values(email=ADDRESS, password_hash=hashed))
        self.ada = Person(self.ada.id, self.ada.name, ADDRESS, PASSWORD)
        actor = self.make.actor(self.ada)
        words = {name: f"{MARK} {name}" for name in ("pronouns", "unit", "employer", "about")}
        with self._in():
            with transaction():
                profile = ProfileText("Zanzibar Ada", HANDLE, "Africa/Nairobi", **words)
                change_profile(actor, profile)
                open_session(self.ada.id, Browser(agent=f"Browser of {MARK}"))
                place_hold(self.make.actor(self.olga), self.ada.id, reason=f"{MARK} v. Pots")
                invite(actor, "friend@example.org")
                db.session.add(ImportedAuthor(site=MARK, external_id=MARK, member_id=self.ada.id))
                db.session.add(_registration(ADDRESS))
            with transaction():
                lift_hold(self.make.actor(self.olga), self.ada.id)
            ask_for_address(
                actor, f"{MARK}@example.net", password=self.ada.password, address="127.0.0.1"
            )

    def _pictures(self) -> None:
        actor, target = self.make.actor(self.ada), BytesIO()
        Image.new("RGB", (3, 2), "teal").save(target, "PNG")
        with self._in():
            received = receive(actor, target.getvalue())
            with transaction():
                add_picture(actor, received)
        self.picture = picture_address(received.hash, "png")

    def _conversation(self) -> None:
        glazes = self.make.category("Glazes")
        self.thread = self.make.thread(self.bo, glazes, source="How?").thread_id
        self.lonely = self._start(glazes, f"Only {MARK}", f"{MARK} alone")
        self.removed = self._start(glazes, f"Twice {MARK}", f"{MARK} twice")
        self.answer = self._reply(
            self.ada,
            f"{MARK} knows. ![A {MARK}]({self.picture})\n\n[click here](https://a.example)",
        )
        self._edit(self.ada, self.answer, f"{MARK} mended. ![A {MARK}]({self.picture})")
        self._edit(self.ada, self.answer, f"{MARK} again, [click here](https://b.example).")
        quoting = (
            f"> [Zanzibar Ada wrote in #2](/t/{self.thread}/2):\n>\n> Quoted words.\n\n"
            f"Thank you, @{HANDLE} and @bo! `@{HANDLE}`"
        )
        self.quote = self._reply(self.bo, quoting)
        self._edit(self.bo, self.quote, f"{quoting} Really.")
        self.other = self._reply(self.bo, "Nothing of hers.")
        with self._in(), transaction():
            olga, bo = self.make.actor(self.olga), self.make.actor(self.bo)
            mark_answer(olga, self.thread, 2)
            file_thread(olga, self.lonely, title=f"Only {MARK} here", tags=MARK)
            remove_thread(olga, self.removed, reason=f"{MARK} posted twice.")
            save_draft(bo, f"reply:{self.thread}", DraftText(f"And @{HANDLE}?"))
            draft = DraftText(f"{MARK} source", f"{MARK} title", MARK, kept="0123456789abcdef")
            save_draft(self.make.actor(self.ada), "new", draft)
            url = f"https://{MARK}.example/1"
            db.session.add(
                ImportedPost(post_id=self.answer.id, site="pots", external_id="1", url=url)
            )

    def _start(self, category: Any, title: str, source: str) -> int:
        actor = self.make.actor(self.ada)
        with self._in():
            text = prepare(source)
            with transaction():
                return start_thread(
                    actor, category, title=title, text=text, posting=Posting()
                ).thread_id

    def _reply(self, person: Person, source: str, in_reply_to: int | None = 1) -> Post:
        actor = self.make.actor(person)
        with self._in():
            text = prepare(source, reader=actor)
            with transaction():
                return reply(
                    actor, self.thread, text=text, posting=Posting(), in_reply_to=in_reply_to
                )

    def _edit(self, person: Person, post: Post, source: str) -> None:
        actor = self.make.actor(person)
        with self._in():
            text = prepare(source, reader=actor)
            with transaction():
                version = db.session.get_one(Post, post.id).version
                edit_post(actor, post.id, text=text, based_on=version)

    def _decisions(self) -> None:
        """One post that a moderator let pass, one that they did not, one that still waits."""
        for words in ("well", "badly", "still"):
            self._reply(self.ada, f"{MARK} waits {words}")
        mo = self.make.actor(self.mo)
        with self._in(), transaction():
            passed, failed, _ = db.session.scalars(select(Case.id).order_by(Case.id))
            publish_held(mo, passed, words=f"{MARK} may.")
            remove_held(mo, failed, reason=f"{MARK} may not.")
            warn_member(self.make.actor(self.olga), self.ada.id, reason=f"{MARK} was loud.")
            warned = db.session.scalars(select(func.max(Measure.id))).one()
            ada = self.make.actor(self.ada)
            asked = appeal_against_measure(ada, warned, words=f"{MARK} was not.")
            uphold_measure(OPERATOR, asked.id, words=f"{MARK} was.")
        self._flags()
        removed = self._reply(self.ada, f"{MARK} rambles")
        shown = self._reply(self.ada, f"![{MARK}]({self.picture})")
        with self._in(), transaction():
            assert removed.number is not None
            remove_post(mo, self.thread, removed.number, reason=f"{MARK} rambles")
        self.shown = shown

    def _flags(self) -> None:
        """Bo flagged a post of hers, which a moderator labelled; she flagged one of his."""
        bo, mo, ada = (self.make.actor(person) for person in (self.bo, self.mo, self.ada))
        with self._in(), transaction():
            assert self.other.number is not None
            flag_post(bo, self.thread, 2, words=f"{MARK} shouts.")
            case = db.session.scalars(select(Case.id).where(Case.kind == "flag")).one()
            note_about_case(mo, case, words=f"{MARK} again.")
            label_flagged(mo, case, label=f"{MARK} shouts here.", words=f"{MARK} shouts.")
            flag_post(ada, self.thread, self.other.number, words=f"{MARK} minds.")

    def _kept_in_passing(self) -> None:
        """What waits, and what is only kept for a while."""
        with self._in(), transaction():
            limits.note_attempt(limits.MAIL_BY_ACCOUNT, ADDRESS)
            limits.count_password_try(ADDRESS, "192.0.2.77")
            self.attempt = limits.keyed_hash(ADDRESS)
            for number, recipient in enumerate((ADDRESS, self.bo.email), 10_001):
                db.session.add(SentMail(job_id=number, recipient=recipient, kind="reply"))
            former = SentMail(
                job_id=10_003, recipient=FORMER, kind="address_changed", member_id=self.ada.id
            )
            db.session.add(former)
            enqueue("mail", kind="reset", to=ADDRESS, name="Zanzibar", language="en", seed=MARK)
            enqueue("mail", kind="reply", notification=1, member=self.ada.id)
            enqueue("reset_requested", email=ADDRESS.upper())
            enqueue("of_others", email=self.bo.email)
            emit(CaseDecided(self.answer.id, "hold", "published", f"{MARK} may."))
            emit(PostCurated(self.answer.id, "restored", f"{MARK} was right."))
            emit(FlagsAnswered(self.answer.id, "labelled", f"{MARK} shouts.", [self.bo.id]))
            db.session.execute(
                update(Job).values(run_at=utcnow() + timedelta(hours=1), state="set aside")
            )
            note_change(
                OPERATOR, "member.rename", whose=self.ada.id,
                before={"name": f"{MARK} before"}, after={"name": f"{MARK} after"},
            )  # fmt: skip
            token = OneTimeToken.member_id == self.ada.id
            assert db.session.scalar(select(OneTimeToken.email).where(token)) is not None

    def unmarked(self) -> list[str]:
        """Values of hers without the mark: hashes. Read them before they are erased."""
        with self.app.app_context():
            return [self.attempt] + [
                str(value)
                for name in sorted(UNMARKED - {"attempts.key"})
                if name.endswith((".password_hash", ".fingerprint", ".hash", ".kept", ".picture"))
                for value in self._values(name)
            ]

    def _values(self, name: str) -> list[Any]:
        table, column = name.split(".")
        found = Base.metadata.tables[table]
        statement = select(found.c[column])
        if table == "members":
            statement = statement.where(found.c.id == self.ada.id)
        return [value for value in db.session.scalars(statement) if value not in (None, "", {})]

    def columns_without(self) -> list[str]:
        """The columns that can hold something of a member and hold nothing of her."""
        with self.app.app_context():
            return [
                name
                for name in columns_of_members()
                if not self._values(name)
                or (name not in UNMARKED and MARK not in repr(self._values(name)).lower())
            ]


def _registration(email: str) -> Registration:
    return Registration(
        token_hash="0" * 64,
        name=f"{MARK} again",
        email=email,
        password_hash="hash of hers",
        expires_at=utcnow() + timedelta(hours=1),
    )


def traces(app: Flask, marks: list[str]) -> list[str]:
    """Where any of the marks stands: columns of the database, and files, read as bytes."""
    wanted = [mark.lower() for mark in marks]
    found = []
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String | JSON):
                    values = repr(db.session.scalars(select(column)).all()).lower()
                    found += [f"{table.name}.{column.name}" for m in wanted if m in values]
    settings: Settings = app.extensions["forum_settings"]
    with app.app_context():
        database = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    files = [path for path in settings.instance.rglob("*") if path.is_file()]
    if database:
        files += [p for p in Path(database).parent.glob("*") if p.name.startswith("forum.sqlite3")]
    for path in sorted(set(files)):
        raw = path.read_bytes().lower()
        found += [f"{path.name} of {len(raw)} bytes" for m in wanted if m.encode() in raw]
        found += [f"name of {path.name}" for m in wanted if m in path.name]
    return sorted(set(found))
