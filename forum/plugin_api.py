"""All that a plugin may import from the forum. What stands here changes only with notice."""

from __future__ import annotations

from forum.clock import utcnow
from forum.db import reading, row, rows, transaction, value
from forum.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from forum.events import CaseDecided, FlagsAnswered, PostCurated, PostEdited, PostPublished
from forum.hookspecs import (
    AccountClosing,
    CaseKind,
    CaseNeeded,
    DeedRecorded,
    Hold,
    LetterText,
    NavigationEntry,
    Permission,
    PersonalData,
    PostToCheck,
    PublishedPost,
    Reader,
    ShownThread,
    hookimpl,
)
from forum.moderation.opening_actions import open_case
from forum.permissions import Actor, allowed, require
from forum.review import Draft, Finding, Repair, Severity, Span
from forum.web.visit import current_actor

__all__ = [
    "AccountClosing",
    "Actor",
    "CaseDecided",
    "CaseKind",
    "CaseNeeded",
    "Conflict",
    "DeedRecorded",
    "Draft",
    "Finding",
    "FlagsAnswered",
    "Hold",
    "Invalid",
    "LetterText",
    "NavigationEntry",
    "NotAllowed",
    "NotFound",
    "Permission",
    "PersonalData",
    "PostCurated",
    "PostEdited",
    "PostPublished",
    "PostToCheck",
    "PublishedPost",
    "Reader",
    "Repair",
    "Severity",
    "ShownThread",
    "Span",
    "TooMany",
    "allowed",
    "current_actor",
    "hookimpl",
    "open_case",
    "reading",
    "require",
    "row",
    "rows",
    "transaction",
    "utcnow",
    "value",
]
