"""Members who ask another moderator to look at what was decided about them."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from forum.accounts.models import MeasureAppeal
from forum.clock import utcnow
from forum.db import rows
from forum.moderation.measure_actions import (
    mute_member,
    warn_member,
)
from forum.moderation.measure_appeal_actions import (
    appeal_against_measure,
)
from forum.record.models import LogEntry
from tests.moderation.judging import REASON, Town


class Court(Town):
    """Mo decides about Ada; Max and Olga look at it again."""

    def warn(self) -> int:
        """Mo warns Ada: the measure."""
        self.by(self.mo, warn_member, self.ada.id, reason=REASON)
        return self.newest()

    def mute(self) -> int:
        """Mo mutes Ada: the measure."""
        until = utcnow() + timedelta(days=1)
        self.by(self.mo, mute_member, self.ada.id, reason=REASON, until=until)
        return self.newest()

    def ask(self, measure: int, words: str = "I did not.") -> int:
        """Ada appeals: the appeal."""
        self.by(self.ada, appeal_against_measure, measure, words=words)
        with self.app.app_context():
            newest = select(MeasureAppeal.id).order_by(MeasureAppeal.id.desc())
            return int(rows(newest)[0].id)

    def decided(self) -> list[tuple[str, str | None]]:
        """All appeals: (kind, decision)."""
        with self.app.app_context():
            found = select(MeasureAppeal.kind, MeasureAppeal.decision).order_by(MeasureAppeal.id)
            return [tuple(row) for row in rows(found)]

    def log(self) -> list[tuple[str, bool]]:
        """What moderators did: (kind, whether it undid something)."""
        with self.app.app_context():
            found = rows(select(LogEntry.kind, LogEntry.undo_of).order_by(LogEntry.id))
            return [(row.kind, row.undo_of is not None) for row in found]

    def link(self) -> str:
        """The address in the newest letter to Ada."""
        [found] = re.findall(r"http\S+(/appeal/\S+)", self.letters()[-1][1])
        return str(found)
