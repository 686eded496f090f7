"""The files of an archive that tell of moderation: cases, flags, notes, measures, levels
of trust and the record."""

from __future__ import annotations

from forum.accounts.models import Measure, MeasureAppeal, TrustLevel, TrustStep
from forum.admin import archive_values as values
from forum.admin.archive_fields import AT, DOTTED, REASON, Field, File, by
from forum.admin.archive_values import key, moment, number, one_of, optional
from forum.moderation.models import DECISIONS, NEEDS_PERSON, Case, CaseNote, Flag
from forum.record.models import LogEntry, LogReason, LogStep

_ROW = r"[1-9][0-9]{0,15}(?:-[1-9][0-9]{0,15}){0,3}"
CASE_KIND = r"(?=.{1,40}$)[a-z_]+(?:\.[a-z_]+)*"

CASES = File(
    "cases",
    Case,
    (
        Field("post", Case.post_id, key, "posts"),
        Field("kind", Case.kind, values.pattern(CASE_KIND, "a kind of case")),
        Field("id", Case.id, key),
        Field("reason", Case.reason, values.words),
        Field("opened_at", Case.opened_at, moment),
        Field("closed_at", Case.closed_at, AT),
        by("closed_by", Case.closed_by),
        Field("decision", Case.decision, optional(one_of(*DECISIONS))),
        Field("decision_reason", Case.decision_reason, REASON),
        Field("appeal_of", Case.appeal_of, optional(key), later=True),
        Field("needs_person", Case.needs_person, optional(one_of(*NEEDS_PERSON)), later=True),
    ),
    order=3,
    unique=("id", "appeal_of"),
    alone_while_open=("post", "kind"),
)
FLAGS = File(
    "flags",
    Flag,
    (
        Field("case", Flag.case_id, key, "cases"),
        Field("member", Flag.member_id, key, "members"),
        Field("id", Flag.id, key),
        Field("words", Flag.words, values.words),
        Field("flagged_at", Flag.flagged_at, moment),
        Field("withdrawn_at", Flag.withdrawn_at, AT),
    ),
    order=2,
    unique=("id",),
    later=True,
)
CASE_NOTES = File(
    "case_notes",
    CaseNote,
    (
        Field("id", CaseNote.id, key),
        Field("case", CaseNote.case_id, key, "cases"),
        Field("member", CaseNote.member_id, optional(key), "members"),
        Field("written_at", CaseNote.written_at, moment),
        Field("words", CaseNote.words, values.words),
    ),
    later=True,
)
MEASURES = File(
    "measures",
    Measure,
    (
        Field("id", Measure.id, key),
        Field("member", Measure.member_id, key, "members"),
        Field("kind", Measure.kind, one_of("note", "warning", "mute", "suspension")),
        Field("reason", Measure.reason, REASON),
        Field("placed_at", Measure.placed_at, moment),
        by("placed_by", Measure.placed_by),
        Field("until", Measure.until, optional(values.any_moment)),
        Field("lifted_at", Measure.lifted_at, AT),
        by("lifted_by", Measure.lifted_by),
        Field("seen_at", Measure.seen_at, AT),
    ),
    later=True,
)
MEASURE_APPEALS = File(
    "measure_appeals",
    MeasureAppeal,
    (
        Field("id", MeasureAppeal.id, key),
        # The measure is gone once it was undone.
        Field("measure", MeasureAppeal.measure_id, key),
        Field("kind", MeasureAppeal.kind, one_of("warning", "mute", "suspension")),
        Field("member", MeasureAppeal.member_id, key, "members"),
        Field("reason", MeasureAppeal.reason, REASON),
        Field("opened_at", MeasureAppeal.opened_at, moment),
        Field("closed_at", MeasureAppeal.closed_at, AT),
        by("closed_by", MeasureAppeal.closed_by),
        Field("decision", MeasureAppeal.decision, optional(one_of("upheld", "overturned"))),
        Field("decision_reason", MeasureAppeal.decision_reason, REASON),
        Field("seen_at", MeasureAppeal.seen_at, AT),
    ),
    unique=("measure",),
    later=True,
)
TRUST_LEVELS = File(
    "trust_levels",
    TrustLevel,
    (
        Field("group", TrustLevel.group_id, key, "groups"),
        Field("position", TrustLevel.position, number(least=-values.LARGEST)),
        Field("days", TrustLevel.days, number(least=0)),
        Field("posts", TrustLevel.posts, number(least=0)),
        Field("answers", TrustLevel.answers, number(least=0)),
        Field("most_removed", TrustLevel.most_removed, number(least=0)),
    ),
    later=True,
)
TRUST_STEPS = File(
    "trust_steps",
    TrustStep,
    (
        Field("id", TrustStep.id, key),
        Field("member", TrustStep.member_id, key, "members"),
        Field("level", TrustStep.level_id, key, "trust_levels"),
        Field("is_reached", TrustStep.is_reached, values.yes_or_no),
        Field("because", TrustStep.because, values.pattern("[a-z ]{0,60}", "names of reasons")),
        Field("at", TrustStep.at, moment),
        Field("seen_at", TrustStep.seen_at, AT),
    ),
    later=True,
)
# What its numbers count may be gone, so only members and entries are looked for.
LOG = File(
    "moderation_log",
    LogEntry,
    (
        Field("id", LogEntry.id, key),
        Field("at", LogEntry.at, moment),
        Field("actor", LogEntry.actor_id, optional(key), "members"),
        Field("kind", LogEntry.kind, values.pattern(DOTTED, "a kind of deed")),
        Field("thread", LogEntry.thread_id, optional(key)),
        Field("post", LogEntry.post_id, optional(key)),
        Field("member", LogEntry.member_id, optional(key)),
        Field("case", LogEntry.case_id, optional(key)),
        Field("steps", LogEntry.steps, number(least=0)),
        Field("undo_of", LogEntry.undo_of, optional(key), "moderation_log"),
    ),
    unique=("undo_of",),
    later=True,
)
LOG_REASONS = File(
    "moderation_log_reasons",
    LogReason,
    (
        Field("entry", LogReason.entry_id, key, "moderation_log"),
        Field("words", LogReason.words, REASON),
        Field("member", LogReason.member_id, optional(key), "members"),
    ),
    later=True,
)
LOG_STEPS = File(
    "moderation_log_steps",
    LogStep,
    (
        Field("id", LogStep.id, key),
        Field("entry", LogStep.entry_id, key, "moderation_log"),
        Field("relation", LogStep.relation, values.pattern("[a-z_]{1,40}", "a table's name")),
        Field("row", LogStep.row, values.pattern(_ROW, "a row's number")),
        Field("before", LogStep.before, values.row_values),
        Field("after", LogStep.after, values.row_values),
        Field("member", LogStep.member_id, optional(key), "members"),
    ),
    later=True,
)
