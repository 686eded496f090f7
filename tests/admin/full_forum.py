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
from sqlalchemy import update

from forum.accounts.group_actions import give_role
from forum.accounts.models import Community, Grant, Member
from forum.admin.import_actions import import_threads
from forum.categories.actions import Audiences
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.actions import DraftText, Posting, edit_post, prepare, reply, save_draft
from forum.discussion.models import EMPTIED, Post, PostPicture, Revision, Thread, ThreadTag
from forum.files.models import Picture, Upload
from forum.files.storage import store_bytes
from forum.moderation.actions import open_case
from forum.moderation.models import Case
from forum.permissions import OPERATOR
from forum.plugin_api import CaseNeeded, Hold, PostToCheck, hookimpl
from forum.testing.factories import Factories, Person
from forum.text.pictures import picture_address
from forum.text.pipeline import html_of

SELLS = "Buy my kiln"
ODD = "Zoë 🏺 עברית ‌نیم‌فاصله 陶芸 \u2028 end"


class NoSales:
    """A check that holds what sells."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("It sells.") if SELLS in post.source else None


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
        self.late = make.reply(self.first, self.gone, source="Slowly, @mo")
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
        content = png()
        with self.writing():
            hash_ = store_bytes(content, "png")
            db.session.add(Picture(hash=hash_, format="png", width=3, height=2, size=len(content)))
            db.session.flush()
            db.session.add(Upload(picture=hash_, member_id=author.id))
        self.picture = f"![Teal](/files/{hash_}.png)"
        post = self.factories.reply(self.first, author, source=self.picture)
        with self.writing():
            db.session.merge(PostPicture(post_id=post.id, picture=hash_))
            self.hash = hash_
        return post

    def _held(self, author: Person) -> None:
        with self.app.test_request_context():
            text, actor = (
                prepare(f"{SELLS}, [here](https://a.example)"),
                self.factories.actor(author),
            )
            with transaction():
                reply(
                    actor, self.first.thread_id, text=text, posting=Posting("once"), in_reply_to=2
                )

    def _edited(self) -> None:
        actor = self.factories.actor(self.ada)
        with self.app.test_request_context():
            for version, words in enumerate(
                ("See [here](https://b.example).", f"# Words\n\n### x\n\n{self.picture}"), 1
            ):
                text = prepare(words)
                with transaction():
                    edit_post(actor, self.shown.id, text=text, based_on=version)
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
        with self.writing():
            give_role(OPERATOR, self.ada.email, "moderator")
            db.session.execute(
                update(Community).values(
                    registration="domain", email_domains="a.example", edit_minutes=30
                )
            )
            member = db.session.get_one(Member, self.ada.id)
            member.pronouns, member.unit, member.employer = "they", "Bau 3", "Self"
            member.about, member.zone = f"I throw.\n\n{ODD}", "Europe/Berlin"
            gone = db.session.get_one(Member, self.gone.id)
            gone.name, gone.email, gone.password_hash = "Former member", None, None
            gone.handle, gone.closed_at = None, utcnow()
            deny = Grant(permission="thread.reply", effect="deny", group_id=1, category_id=2)
            db.session.add(deny)

    def _curated(self) -> None:
        now, by = utcnow(), self.moderator.id
        with self.writing():
            thread = db.session.get_one(Thread, self.first.thread_id)
            thread.answer_number, thread.pinned_at, thread.locked_at = 2, now, now
            thread.locked_by, thread.lock_reason = by, "Said."
            masters = db.session.get_one(Thread, self.masters.thread_id)
            masters.category_id = self.open.id
            masters.removed_at, masters.removed_by, masters.removal_reason = now, by, "Twice"
            db.session.add(ThreadTag(thread_id=thread.id, tag="cone-6"))
            sizes = {picture_address(self.hash, "png"): (3, 2)}
            shown = db.session.get_one(Post, self.shown.id)
            source = db.session.get_one(Revision, (shown.id, 3)).source
            shown.html = html_of(source, post_id=shown.id, pictures=sizes)
            late = db.session.get_one(Post, self.late.id)
            late.removed_at, late.removed_by, late.removal = now, by, "moderator"
            late.removal_reason = "Off topic\n\nSorry"
            revision = db.session.get_one(Revision, (self.shown.id, 1))
            revision.source, revision.emptied_at, revision.emptied_by = "", now, by
            private = db.session.get_one(Post, self.private.id)
            private.html, private.excerpt, private.pipeline = "", "", EMPTIED
            words = db.session.get_one(Revision, (private.id, 1))
            words.source, words.emptied_at, words.emptied_by = "", now, by
            case = db.session.query(Case).filter_by(kind="help").one()
            case.closed_at, case.closed_by, case.decision = now, by, "done"
            case.decision_reason = "Mended"
            held = db.session.query(Case).filter_by(kind="hold").one()
            held.claimed_by, held.claimed_until = by, now + timedelta(minutes=30)
