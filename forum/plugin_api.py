"""All that a plugin may import from the forum. What stands here changes only with notice."""

from __future__ import annotations

from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db, reading, row, rows, transaction, value
from forum.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from forum.events import CaseDecided, FlagsAnswered, PostCurated, PostEdited, PostPublished
from forum.hookspecs import (
    AccountClosing,
    ArchivedTable,
    CaseKind,
    CaseNeeded,
    CookieOffer,
    DeedRecorded,
    Door,
    GivenCookie,
    Hold,
    JobCall,
    LetterText,
    NavigationEntry,
    PeriodicWork,
    Permission,
    PersonalData,
    PluginJob,
    PluginSetting,
    PostToCheck,
    PublishedPost,
    Reader,
    ShownThread,
    hookimpl,
)
from forum.jobs.queue import enqueue
from forum.moderation.opening_actions import open_case
from forum.permissions import OPERATOR, Actor, allowed, require
from forum.plugin_host.kept_files import plugin_files
from forum.review import Draft, Finding, Repair, Severity, Span
from forum.setting_kinds import (
    Choice,
    Days,
    DaysOrEver,
    Line,
    Number,
    Pairs,
    Phrases,
    TimesOfDay,
    YesNo,
)
from forum.web.door_page import door_page
from forum.web.plugin_words import texts_of
from forum.web.visit import current_actor

__all__ = [
    "OPERATOR",
    "AccountClosing",
    "Actor",
    "ArchivedTable",
    "CaseDecided",
    "CaseKind",
    "CaseNeeded",
    "Choice",
    "Conflict",
    "CookieOffer",
    "Days",
    "DaysOrEver",
    "DeedRecorded",
    "Door",
    "Draft",
    "Finding",
    "FlagsAnswered",
    "GivenCookie",
    "Hold",
    "Invalid",
    "JobCall",
    "LetterText",
    "Line",
    "NavigationEntry",
    "NotAllowed",
    "NotFound",
    "Number",
    "Pairs",
    "PeriodicWork",
    "Permission",
    "PersonalData",
    "Phrases",
    "PluginJob",
    "PluginSetting",
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
    "TimesOfDay",
    "TooMany",
    "YesNo",
    "allowed",
    "current_actor",
    "db",
    "door_page",
    "enqueue",
    "hookimpl",
    "open_case",
    "plugin_files",
    "reading",
    "require",
    "row",
    "rows",
    "texts_of",
    "transaction",
    "utcnow",
    "value",
    "value_of",
]
