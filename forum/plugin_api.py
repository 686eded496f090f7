"""All that a plugin may import from the forum. What stands here changes only with notice."""

from __future__ import annotations

from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.config.keys import keys_for
from forum.db import db, reading, row, rows, transaction, value
from forum.discussion.shown_queries import shown_thread
from forum.discussion.stand_in_actions import (
    WaitingPost,
    add_stand_in,
    prepare_waiting,
    reply_waiting,
    revise_waiting,
    start_waiting,
)
from forum.discussion.unsigned import UnsignedText
from forum.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound, TooMany
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
from forum.moderation.stand_in_actions import (
    publish_waiting,
    require_publishable_waiting,
    take_back_waiting,
)
from forum.notifications.administrator_actions import tell_administrators
from forum.permissions import OPERATOR, Actor, allowed, require
from forum.phrases import Phrase
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
    "ForumError",
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
    "Phrase",
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
    "UnsignedText",
    "WaitingPost",
    "YesNo",
    "add_stand_in",
    "allowed",
    "current_actor",
    "db",
    "door_page",
    "enqueue",
    "hookimpl",
    "keys_for",
    "open_case",
    "plugin_files",
    "prepare_waiting",
    "publish_waiting",
    "reading",
    "reply_waiting",
    "require",
    "require_publishable_waiting",
    "revise_waiting",
    "row",
    "rows",
    "shown_thread",
    "start_waiting",
    "take_back_waiting",
    "tell_administrators",
    "texts_of",
    "transaction",
    "utcnow",
    "value",
    "value_of",
]
