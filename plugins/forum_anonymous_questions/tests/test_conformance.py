"""What the forum promises of all plugins, for this one."""

from __future__ import annotations

import secrets

from sqlalchemy import func, insert, select

from forum.db import db, transaction
from forum.testing.conformance import Conformance, PluginForum, Sample
from forum.testing.factories import Person
from forum_anonymous_questions.models import ASKED, GIVEN, QUESTIONS, SPENDING, SPENT, WAITING
from forum_anonymous_questions.tests.asking import FOLDER

PAGES = ("/ask", "/ask/write", "/ask/claim", "/ask/tickets")


class TestConformance(Conformance):
    folder = FOLDER
    pages = (
        *(Sample(page, "member") for page in (*PAGES, "/anonymous-questions/reveal")),
        Sample("/ask/write"),
        Sample("/ask"),
    )

    def fill(self, forum: PluginForum, person: Person, count: int) -> None:
        with forum.app.app_context(), transaction():
            first = db.session.scalar(select(func.count()).select_from(GIVEN)) or 0
            for number in range(first, first + count):
                mark, quarter = secrets.token_bytes(32), f"{2_000 + number}-1"
                given = {"member_id": person.id, "quarter": quarter, "browsers": 1}
                asked = {"id": mark[:16], "code": mark, "week": "2000-W01", "state": ASKED}
                db.session.execute(insert(GIVEN).values(given))
                db.session.execute(insert(QUESTIONS).values(asked))
                db.session.execute(insert(SPENT).values(mark=mark))
                db.session.execute(insert(SPENDING).values(mark=mark[::-1]))
                db.session.execute(insert(WAITING).values(id=mark, sealed=mark))
