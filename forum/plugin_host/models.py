"""The plugin host's own table: what an administrator should look at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, UtcDateTime
from forum.plugin_host.watch import LONGEST_ERROR

NAME_LENGTH = 60


class PluginTrouble(Base):
    """An implementation that failed, until an administrator has looked.

    ``is_off`` switches it off in every process; ``last_error`` is only the kind of it.
    """

    __tablename__ = "plugin_troubles"

    plugin: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    hook: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    is_off: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(LONGEST_ERROR), default="")
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    __table_args__ = (CheckConstraint("failures >= 0", name="counted"),)
