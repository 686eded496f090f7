"""A forum in which there is something for every moderating deed, and all these deeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from forum.accounts.models import Measure
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.actions import Posting, edit_post, prepare, start_thread
from forum.discussion.alternative_actions import change_alternatives
from forum.discussion.models import MovedNumber, Thread
from forum.hookspecs import CaseKind, CaseNeeded, Hold, PostToCheck
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation import measure_actions as measures
from forum.moderation import measure_appeal_actions as appeals
from forum.moderation.actions import open_case
from forum.moderation.appeal_actions import appeal, overturn, uphold
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.moderation.opening_actions import open_case as open_brought
from forum.permissions import Actor
from forum.plugin_host import hookimpl
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.factories import Factories, Person
from tests.evidence import everything
from tests.files.drawing import uploaded_by

LOG = ("moderation_log", "moderation_log_reasons", "moderation_log_steps")
# What leaves or is told meanwhile is no state of the forum.
APART = (*LOG, "jobs", "notifications", "sent_mail", "moved_numbers")
MARKS = (
    *(Thread.answer_number, Thread.pinned_at, Thread.featured_at, Thread.locked_at),
    *(Thread.slow_minutes, Thread.removed_at),
)


SHOP = "no_sales.shop"
UPHELD = aliased(LogEntry)


class NoSales:
    """Holds what sells."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Holds sales."""
        return Hold("It sells.") if "SALE" in post.source else None

    @hookimpl
    def register_case_kinds(self) -> list[CaseKind]:
        """Shops must be listed."""
        return [CaseKind(SHOP, "shop", "A shop", done="It is listed")]


class Scene:
    """Ada's thread 1 in Glazes, with Bo's replies 2 and 3, and things that wait; Mo moderates. Ada's
    other thread shows a picture."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.factories = app, factories
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        self.mo, self.max = (factories.member(n, role="moderator") for n in ("Mo", "Max"))
        self.glazes, self.kilns = factories.category("Glazes"), factories.category("Kilns")
        self.first = factories.thread(self.ada, self.glazes, title="Crackle")
        self.second = factories.reply(self.first, self.bo, source="Cool it slowly.")
        self.third = factories.reply(self.first, self.bo, source="Or fast.")
        held = factories.reply(self.first, self.bo, source="SALE of kilns!")
        other = factories.reply(self.first, self.bo, source="SALE of clay!")
        with app.test_request_context():
            with transaction():
                open_case(CaseNeeded(post_id=self.second.id, kind="help", reason="Please help."))
            found = {r.post_id: r.id for r in rows(select(Case.id, Case.post_id))}
        self.kiln = factories.thread(self.ada, self.kilns, title="Kiln").thread_id
        self.held, self.other = found[held.id], found[other.id]
        self.help = found[self.second.id]
        bowl = f"Look:\n\n![Old]({uploaded_by(factories, self.ada)})"
        self.shown = factories.thread(self.ada, self.kilns, title="Bowls", source=bowl)
        with app.test_request_context():
            self.bowl = prepare(
                bowl.replace("![Old]", "![A bowl]"), reader=factories.actor(self.ada)
            )
            self.better = prepare("Cool it very slowly.")
            self.sale = prepare("SALE of glazes!")
        self.flagged = self._flagged()
        with app.test_request_context(), transaction():
            self.shop = open_brought(None, self.shown.id, SHOP, "It sells bowls.")
            open_case(CaseNeeded(post_id=self.shown.id, kind="welcome", reason="Somebody new."))
            newest = select(Case.id).where(Case.kind == "welcome")
            self.welcome = db.session.scalars(newest).one()
        self.moderator, self.colleague = factories.actor(self.mo), factories.actor(self.max)

    def _flagged(self) -> list[int]:
        """The cases of five posts of Bo in a thread, which Ada has flagged."""
        slips = self.factories.category("Slips")
        slip = self.factories.thread(self.ada, slips, title="Slip")
        ada = self.factories.actor(self.ada)
        for number in range(2, 7):
            self.factories.reply(slip, self.bo, source=f"Loud words {number}.")
            with self.app.test_request_context(), transaction():
                flag_post(ada, slip.thread_id, number, words="It is loud.")
        with self.app.app_context():
            flags = rows(select(Case.id).where(Case.kind == "flag").order_by(Case.id))
            return [row.id for row in flags]

    def appeal(self, number: int) -> int:
        """Max removes Bo's post in thread 1, and Bo appeals: the case."""
        curating.remove_post(self.colleague, 1, number, reason="Off topic.")
        db.session.flush()
        entry = db.session.scalars(select(LogEntry.id).order_by(LogEntry.id.desc())).first()
        assert entry is not None
        return appeal(self.factories.actor(self.bo), entry, words="It is not.").id

    def appeal_about_measure(self, reason: str) -> int:
        """Max warns Bo, and Bo appeals: the appeal."""
        measures.warn_member(self.colleague, self.bo.id, reason=reason)
        db.session.flush()
        bo = self.factories.actor(self.bo)
        return appeals.appeal_against_measure(bo, self.measure, words="I was not.").id

    def starting(self) -> int:
        """Bo starts a thread that is held: its case."""
        bo = self.factories.actor(self.bo)
        post = start_thread(bo, self.glazes, title="Sale", text=self.sale, posting=Posting())
        return db.session.scalars(select(Case.id).where(Case.post_id == post.id)).one()

    def overdue(self) -> int:
        """Bo writes a reply that is held, and for four days nobody decides about it: its case."""
        post = self.factories.reply(self.first, self.bo, source="SALE of lamps!")
        with self.app.app_context(), transaction():
            case = db.session.scalars(select(Case).where(Case.post_id == post.id)).one()
            case.opened_at -= timedelta(days=4)
            return case.id

    def do(self, deed: Deed, actor: Actor | None = None) -> None:
        """A deed of Mo, or of somebody else, in a transaction of its own."""
        with self.app.test_request_context(), transaction():
            deed(self, actor or self.moderator)

    def undo(self, entry_id: int, actor: Actor | None = None, *, reason: str = "") -> int:
        """Undo an entry: the number of the one that did. Mo does, if nobody is named; where Max upheld what
        Mo had decided, Max."""
        with self.app.test_request_context(), transaction():
            return undo(actor or self._undoing(entry_id), entry_id, reason=reason).id

    def _undoing(self, entry_id: int) -> Actor:
        first = (
            select(LogEntry.actor_id)
            .join(Case, Case.appeal_of == LogEntry.id)
            .where(Case.id == select(UPHELD.case_id).where(UPHELD.id == entry_id).scalar_subquery())
        )
        is_of_mo = db.session.scalar(first) == self.moderator.id
        return self.colleague if is_of_mo else self.moderator

    def by(
        self, person: Person, action: Callable[..., object], *values: Any, **options: Any
    ) -> None:
        """An action of somebody in a transaction of its own."""
        actor = self.factories.actor(person)
        with self.app.test_request_context(), transaction():
            action(actor, *values, **options)

    @property
    def newest(self) -> int:
        """The newest entry of the log; 0 before the first."""
        with self.app.app_context():
            found = db.session.scalar(select(LogEntry.id).order_by(LogEntry.id.desc()).limit(1))
            return found or 0

    @property
    def measure(self) -> int:
        """The newest measure about anybody; 0 before the first. For a deed."""
        return db.session.scalar(select(func.max(Measure.id))) or 0

    @property
    def newest_case(self) -> int:
        """The case that was opened last."""
        with self.app.app_context():
            return db.session.scalar(select(func.max(Case.id))) or 0

    @property
    def thread(self) -> Thread:
        """The thread as it is now."""
        with self.app.app_context():
            return db.session.get_one(Thread, self.first.thread_id)

    @property
    def newest_thread(self) -> int:
        """The thread that was made last."""
        with self.app.app_context():
            return db.session.scalar(select(Thread.id).order_by(Thread.id.desc()).limit(1)) or 0

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows, log and notices apart, the lines about moved posts, and threads as far as they have
        posts or anything else that a deed gave them."""
        state = everything(self.app, less=APART)
        bare = select(Thread.id).where(Thread.last_number == 0, *(m.is_(None) for m in MARKS))
        lines = select(MovedNumber.__table__).where(MovedNumber.is_line)
        with self.app.app_context():
            left = set(db.session.scalars(bare))
            state["lines"] = sorted(tuple(row) for row in db.session.execute(lines))
        state["threads"] = [row for row in state["threads"] if row[0] not in left]
        return state


Deed = Callable[[Scene, Actor], object]
# Done in this order, each finds what it needs; each alone, after those that ``NEEDS`` names.
DEEDS: dict[str, Deed] = {
    "curating_actions.lock_thread": lambda s, a: curating.lock_thread(
        a, 1, reason="Settled.", until=utcnow() + timedelta(days=1)
    ),
    "curating_actions.unlock_thread": lambda s, a: curating.unlock_thread(a, 1),
    "curating_actions.slow_thread": lambda s, a: curating.slow_thread(a, 1, 10),
    "curating_actions.feature_thread": lambda s, a: curating.feature_thread(a, 1),
    "curating_actions.unfeature_thread": lambda s, a: curating.unfeature_thread(a, 1),
    "curating_actions.pin_thread": lambda s, a: curating.pin_thread(a, 1),
    "curating_actions.unpin_thread": lambda s, a: curating.unpin_thread(a, 1),
    "curating_actions.mark_answer": lambda s, a: curating.mark_answer(a, 1, 3),
    "curating_actions.unmark_answer": lambda s, a: curating.unmark_answer(a, 1, 3),
    "curating_actions.file_thread": lambda s, a: curating.file_thread(
        a, 1, title="Crackle, fine", tags="ash, cone-6"
    ),
    "curating_actions.remove_post": lambda s, a: curating.remove_post(a, 1, 3, reason="Loud."),
    "curating_actions.restore_post": lambda s, a: curating.restore_post(a, 1, 3),
    "curating_actions.move_thread": lambda s, a: curating.move_thread(a, 1, s.kilns.id),
    "curating_actions.remove_thread": lambda s, a: curating.remove_thread(a, 1, reason="Twice."),
    "curating_actions.restore_thread": lambda s, a: curating.restore_thread(a, 1),
    "actions.remove_held": lambda s, a: moderation.remove_held(a, s.held, reason="It sells."),
    "actions.publish_held": lambda s, a: moderation.publish_held(a, s.other, words="Fine."),
    "actions.publish_elsewhere": lambda s, a: moderation.publish_elsewhere(
        a, s.starting(), category_id=s.kilns.id, words="It fits there."
    ),
    "actions.edit_post": lambda s, a: edit_post(a, s.third.id, text=s.better, based_on=1),
    "actions.mend_post": lambda s, a: moderation.mend_post(a, s.help, text=s.better, based_on=1),
    "alternative_actions.change_alternatives": lambda s, a: change_alternatives(
        a, s.shown.id, text=s.bowl, based_on=1
    ),
    "actions.finish_help": lambda s, a: moderation.finish_help(a, s.help, words="Mended."),
    "measure_actions.note_member": lambda s, a: measures.note_member(a, s.bo.id, reason="Odd."),
    "measure_actions.warn_member": lambda s, a: measures.warn_member(a, s.bo.id, reason="Loud."),
    "measure_actions.mute_member": lambda s, a: measures.mute_member(
        a, s.bo.id, reason="Again.", until=utcnow() + timedelta(days=1)
    ),
    "measure_actions.suspend_member": lambda s, a: measures.suspend_member(
        a, s.bo.id, reason="And again."
    ),
    "measure_actions.lift_measure": lambda s, a: measures.lift_measure(a, s.bo.id, s.measure),
    "measure_appeal_actions.uphold_measure": lambda s, a: appeals.uphold_measure(
        a, s.appeal_about_measure("Loud once."), words="Rightly so."
    ),
    "measure_appeal_actions.overturn_measure": lambda s, a: appeals.overturn_measure(
        a, s.appeal_about_measure("Loud twice."), words="It was not so."
    ),
    "decision_actions.find_nothing_wrong": lambda s, a: flagged.find_nothing_wrong(
        a, s.flagged[0], words="It is fine."
    ),
    "decision_actions.label_flagged": lambda s, a: flagged.label_flagged(
        a, s.flagged[1], label="Read with care.", words="It is old."
    ),
    "decision_actions.ask_for_changes": lambda s, a: flagged.ask_for_changes(
        a, s.flagged[2], words="Less loud, please."
    ),
    "decision_actions.remove_flagged": lambda s, a: flagged.remove_flagged(
        a, s.flagged[3], words="Too loud."
    ),
    "decision_actions.move_flagged": lambda s, a: flagged.move_flagged(
        a, s.flagged[4], category_id=s.kilns.id, words="It is about kilns."
    ),
    "decision_actions.settle_brought": lambda s, a: flagged.settle_brought(
        a, s.shop, words="It is listed."
    ),
    "decision_actions.find_it_right": lambda s, a: flagged.find_it_right(
        a, s.welcome, words="Welcome!"
    ),
    "appeal_actions.uphold": lambda s, a: uphold(a, s.appeal(2), words="Rightly so."),
    "appeal_actions.overturn": lambda s, a: overturn(a, s.appeal(3), words="It was on topic."),
    "curating_actions.empty_version": lambda s, a: curating.empty_version(a, 1, 2, 1),
    "moving_actions.split_thread": lambda s, a: moving.split_thread(
        a, 1, [3], title="Ash", category_id=s.glazes.id
    ),
    "moving_actions.move_posts": lambda s, a: moving.move_posts(a, 1, [2], into=s.kiln),
    "moving_actions.merge_thread": lambda s, a: moving.merge_thread(a, 1, into=s.kiln),
}
NEEDS = {
    "curating_actions.unlock_thread": "curating_actions.lock_thread",
    "curating_actions.unpin_thread": "curating_actions.pin_thread",
    "curating_actions.unfeature_thread": "curating_actions.feature_thread",
    "curating_actions.unmark_answer": "curating_actions.mark_answer",
    "curating_actions.restore_post": "curating_actions.remove_post",
    "curating_actions.restore_thread": "curating_actions.remove_thread",
    "measure_actions.lift_measure": "measure_actions.suspend_member",
}
FINAL = {
    *("appeal_actions.overturn", "measure_appeal_actions.overturn_measure"),
    *("curating_actions.empty_version", "actions.edit_post"),
    *("actions.mend_post", "alternative_actions.change_alternatives"),
}
# Undoing these does not lead to the forum as it was before: a number that was given stays, and what
# somebody appealed against was decided before.
LEAVES_SOMETHING = {
    *("actions.publish_held", "actions.publish_elsewhere", "appeal_actions.uphold"),
    "measure_appeal_actions.uphold_measure",
}
