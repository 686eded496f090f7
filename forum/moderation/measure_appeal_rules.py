"""Predicates about appeals against warnings, mutes and suspensions. They query nothing."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Protocol

from flask_babel import lazy_gettext as _


class ReadableAppeal(Protocol):
    """What a moderator reads of an appeal about a measure before deciding about it."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was decided."""

    @property
    def measure_is_there(self) -> bool:
        """Whether the measure was not undone."""

    @property
    def lifted_at(self) -> datetime | None:
        """When the measure was lifted."""


def mark_of_appeal(appeal: ReadableAppeal) -> str:
    """The same as ``mark_of`` about an appeal: it was decided, or the measure lifted or undone."""
    facts = (appeal.id, appeal.closed_at, appeal.measure_is_there, appeal.lifted_at)
    return sha256(repr(facts).encode()).hexdigest()[:16]


def why_nobody(*, has_role: bool) -> str:
    """Why nobody can decide an appeal about a measure, and what helps: two sentences.

    Args:
        has_role: whether its member is a moderator or an administrator.
    """
    if has_role:
        message = _(
            "You decided this yourself, and nobody else can look at the appeal: about moderators and "
            "administrators, only another administrator decides. It waits until there is one."
        )
    else:
        message = _(
            "You decided this yourself, and nobody else can look at the appeal: only another moderator or "
            "administrator can. It waits until there is one."
        )
    return str(message)
