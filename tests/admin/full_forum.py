"""A forum that has one of everything an archive holds, made through the real actions."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

from flask import Flask
from PIL import Image
from sqlalchemy import func, select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Community, Grant, Measure, Member
from forum.accounts.role_actions import give_role
from forum.accounts.trust_rules import Thresholds
from forum.admin.import_actions import import_threads
from forum.admin.level_actions import add_level
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.discussion.actions import Posting, edit_post, prepare, reply
from forum.discussion.curating_actions import (
    empty_version,
    feature_thread,
    file_thread,
    lock_thread,
    mark_answer,
    move_thread,
    pin_thread,
    remove_post,
    remove_thread,
    slow_thread,
)
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Post
from forum.discussion.moving_actions import split_thread
from forum.files.actions import add_picture, receive
from forum.moderation.actions import claim_case, finish_help, open_case, publish_held, remove_held
from forum.moderation.appeal_actions import appeal
from forum.moderation.decision_actions import label_flagged
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import (
    lift_measure,
    mute_member,
    note_member,
    suspend_member,
    warn_member,
)
from forum.moderation.measure_appeal_actions import appeal_against_measure, uphold_measure
from forum.moderation.models import Case
from forum.moderation.note_actions import note_about_case
from forum.permissions import OPERATOR, Actor
from forum.plugin_api import CaseNeeded, Hold, PostToCheck, hookimpl
from forum.record.actions import undo
from forum.record.queries import newest_entry_about
from forum.testing.factories import Factories, Person
from forum.text.pictures import picture_address

SELLS = "Buy my kiln"
ODD = "Zoë 🏺 עברית ‌نیم‌فاصله 陶芸 \u2028 end"


def _newest() -> int:
    return db.session.scalars(select(func.max(Measure.id))).one()


class NoSales:
    """A check that holds what sells."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("It sells.\x1b\n\u2028") if SELLS in post.source else None


def png(colour: str = "teal") -> bytes:
    """A small picture."""
    target = BytesIO()
    Image.new("RGB", (3, 2), colour).save(target, "PNG")
    return target.getvalue()


class FullForum:
    """Fills an empty forum whose application has ``NoSales`` among its plugins."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.factories = Factories(app)

    def fill(self) -> None:
        """People, places, conversations and what moderators did."""
        make = self.factories
        self.olga = make.community("Potters of " + "Å" * 9)
        self.ada = make.member("Zoë 🏺 Müller", group="Kiln masters")
        self.moderator = make.member("Mo", role="moderator")
        self.gone = make.member("Somebody")
        self.loud = make.member("Lou")
        self._conversations()
        self._imported()
        self._settings()
        self._curated()

    def fill_with_picture(self) -> None:
        """One thread, in which one post shows a picture."""
        author = self.factories.member()
        self.first = self.factories.thread(author)
        self.shown = self._with_picture(author)

    def _conversations(self) -> None:
        make = self.factories
        self.open = make.category("Glazes & ashes")
        self.closed = make.category("Masters", audiences=Audiences(see=str(self._group())))
        source = f"How? {ODD}\n\n> @{'olga'} said\n\n- [ ] one\n\n| a | b |\n|--|--|\n| 1 | 2 |"
        self.first = make.thread(
            self.ada, self.open, title="Crackle 釉 on “stoneware”", source=source
        )
        self.answer = make.reply(self.first, self.moderator, source="Ask @olga.", in_reply_to=1)
        self.late = make.reply(self.first, self.gone, source="Slowly, @mo \x7f\t\x85 …")
        self.shown = self._with_picture(self.ada)
        self.masters = make.thread(self.ada, self.closed, title="Only masters")
        self.private = make.reply(self.first, self.gone, source="My address is …")
        self._held(self.ada)
        self._edited()

    def _group(self) -> int:
        from forum.accounts.queries import groups

        with self.app.app_context():
            return groups()[0][0]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction in the application."""
        with self.app.test_request_context(), transaction():
            yield

    def _with_picture(self, author: Person) -> Post:
        actor = self.factories.actor(author)
        with self.app.test_request_context():
            received = receive(actor, png())
            with transaction():
                add_picture(actor, received)
        self.hash = received.hash
        self.picture = f"![Teal]({picture_address(received.hash, received.picture.format)})"
        return self._reply(author, self.picture)

    def _reply(self, author: Person, source: str, in_reply_to: int | None = None) -> Post:
        actor = self.factories.actor(author)
        with self.app.test_request_context():
            text = prepare(source, reader=actor)
            with transaction():
                return reply(
                    actor,
                    self.first.thread_id,
                    text=text,
                    posting=Posting(f"form {source[:20]}"),
                    in_reply_to=in_reply_to,
                )

    def _held(self, author: Person) -> None:
        for words in ("cheaply", "used", "new", "again"):
            self._reply(author, f"{SELLS} {words}, [here](https://a.example)", in_reply_to=2)

    def _edited(self) -> None:
        actor = self.factories.actor(self.ada)
        with self.app.test_request_context():
            for version, words in enumerate(
                ("See [here](https://b.example).", f"# Words\n\n### x\n\n{self.picture}"), 1
            ):
                text = prepare(words, reader=actor)
                kept = {finding.fingerprint for finding in text.review.findings}
                with transaction():
                    edit_post(actor, self.shown.id, text=text, based_on=version, kept=kept)
            with transaction():
                save_draft(actor, "new", DraftText("A secret draft"))
                open_case(CaseNeeded(self.answer.id, "help", "Help, please."))

    def _imported(self) -> None:
        line = {
            "site": "pots.example", "id": "q1", "title": "From elsewhere", "author": "user-3",
            "author_name": "Cy", "created": "2012-01-01T00:00:00", "edited": "2012-02-01T00:00:00",
            "body_html": "<p>It cracks, @olga</p>", "url": "https://pots.example/q/1",
            "licence": "CC-BY-SA-3.0", "accepted_answer": "q2", "tags": ["kiln", "Glühen"],
            "replies": [{
                "id": "q2", "author": "user-4", "created": "2012-01-02", "body_html": "<p>Ok</p>",
                "comments": [{"text": "Why?", "created": "2012-01-03", "author": "user-3"}],
            }],
        }  # fmt: skip
        with self.app.test_request_context():
            report = import_threads(OPERATOR, io.BytesIO(json.dumps(line).encode() + b"\n"))
        assert report.refused == []

    def _settings(self) -> None:
        leaver = self.factories.actor(self.gone)
        with self.app.test_request_context():
            close_account(leaver, password=self.gone.password, empty_posts=False)
        with self.writing():
            give_role(OPERATOR, self.ada.email, "moderator")
            change_settings(OPERATOR, {"contact": "Room 釉, ext. 7", "session_days": "30"})
            db.session.execute(
                update(Community).values(
                    registration="domain", email_domains="a.example", edit_minutes=30
                )
            )
            member = db.session.get_one(Member, self.ada.id)
            member.pronouns, member.unit, member.employer = "they", "Bau 3", "Self"
            member.about, member.zone = f"I throw.\n\n{ODD}", "Europe/Berlin"
            deny = Grant(permission="thread.reply", effect="deny", group_id=1, category_id=2)
            db.session.add(deny)

    def _curated(self) -> None:
        by, thread = self.factories.actor(self.moderator), self.first.thread_id
        with self.writing():
            add_level(OPERATOR, "Regulars 釉", Thresholds(posts=1, most_removed=1), position=-2)
            add_level(OPERATOR, "Old hands", Thresholds(30, 10, 2))
            self._judged(by)
            mark_answer(by, thread, 2)
            file_thread(by, thread, title="Crackle, 釉 & “ash”", tags="Cone-6, Glühen")
            pin_thread(by, thread)
            remove_post(by, thread, 3, reason="Off topic, sorry")
            remove_post(self.factories.actor(self.ada), thread, 1)
            empty_version(by, thread, 4, 1)
            empty_version(by, thread, 5, 1)
            move_thread(by, self.masters.thread_id, self.open.id)
            remove_thread(by, self.masters.thread_id, reason="Twice")
            self._decided(by)
            locked = lock_thread(by, thread, reason="Said.")
            assert locked is not None
            undo(by, locked, reason="Not by all.")
            lock_thread(by, thread, reason="Said.", until=utcnow() + timedelta(days=300))
            slow_thread(by, thread, 10)
            feature_thread(by, thread)
            split = split_thread(by, thread, [6], title="Ash", category_id=self.open.id)
            assert split.entry_id is not None
            undo(by, split.entry_id)

    def _judged(self, by: Actor) -> None:
        tomorrow = utcnow() + timedelta(days=1)
        note_member(by, self.loud.id, reason=f"Look again. {ODD}")
        warn_member(by, self.loud.id, reason="Say it\nkindly.")
        loud = self.factories.actor(self.loud)
        asked = appeal_against_measure(loud, _newest(), words="I was\nkind, 釉.")
        uphold_measure(OPERATOR, asked.id, words="Not to all.")
        mute_member(by, self.loud.id, reason="Not kind.", until=tomorrow)
        appeal_against_measure(loud, _newest(), words="I was not.")
        lift_measure(by, self.loud.id, _newest())
        suspend_member(by, self.loud.id, reason="Never kind.")

    def _decided(self, by: Actor) -> None:
        helped, _, published, removed, again = db.session.scalars(
            select(Case.id).order_by(Case.kind, Case.id)
        )
        finish_help(by, helped, words="Mended")
        publish_held(by, published, words="It is fine.")
        remove_held(by, removed, reason="Still sells.")
        publish_held(by, again, words="It is fine, too.")
        (waiting,) = db.session.scalars(select(Case.id).where(Case.closed_at.is_(None)))
        claim_case(by, waiting)
        self._flagged(by, waiting)
        early = newest_entry_about(again)
        assert early is not None
        undo(by, early, reason="Too early.")

    def _flagged(self, by: Actor, waiting: int) -> None:
        """A flag that was answered with a label, one that waits, notes, and an appeal."""
        olga, number = self.factories.actor(self.olga), self.shown.number
        assert number is not None
        note_about_case(by, waiting, words="Ask Olga, 釉.")
        flag_post(olga, self.first.thread_id, number, words="What is it?\n\nI do not know.")
        flagged = db.session.scalars(select(Case.id).where(Case.kind == "flag")).one()
        label_flagged(by, flagged, label="Teal is a colour", words="Now it says so.")
        db.session.flush()
        flag_post(olga, self.first.thread_id, number, words="Still unclear.")
        entry = newest_entry_about(flagged)
        assert entry is not None
        appeal(self.factories.actor(self.ada), entry, words="It was clear.")
