"""All that a plugin may import from the forum. What stands here changes only with notice."""

from __future__ import annotations

from forum.db import reading, row, rows, value
from forum.errors import Invalid, NotAllowed
from forum.hookspecs import (
    CaseNeeded,
    Hold,
    PostEdited,
    PostPublished,
    PostToCheck,
    PublishedPost,
    hookimpl,
)
from forum.review import Draft, Finding, Repair, Severity, Span

__all__ = [
    "CaseNeeded",
    "Draft",
    "Finding",
    "Hold",
    "Invalid",
    "NotAllowed",
    "PostEdited",
    "PostPublished",
    "PostToCheck",
    "PublishedPost",
    "Repair",
    "Severity",
    "Span",
    "hookimpl",
    "reading",
    "row",
    "rows",
    "value",
]
