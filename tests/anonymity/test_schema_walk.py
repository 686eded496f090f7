"""No table can tie a member to an anonymous question but the one that revealing writes.

Whoever adds a table says here which it is. One in which a member and a question stand in one row needs a
reason why that member is not who asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from forum.db import db, transaction
from forum.testing.plugin_forum import PluginForum
from tests.anonymity.schema import Shape

PLUGIN = Path(__file__).resolve().parent.parent.parent / "plugins" / "forum_anonymous_questions"
PREFIX = "anonymous_questions__"
# All that comes of asking. Numbers and moments have no place in it.
OF_ASKERS = {
    f"{PREFIX}{name}" for name in ("waiting", "spending", "spent", "questions", "follow_ups")
}
LINK = f"{PREFIX}revealed"
# The only member that it names is the one who stands in for all askers.
PERIOD = f"{PREFIX}period"
BOTH = {
    "posts": "the author of a question is the stand-in; removed_by is whoever removed it",
    "threads": "as posts",
    "cases": "closed_by and claimed_by decide; no case has its opener",
    "case_notes": "moderators write them",
    "flags": "whoever flagged, signed in; nobody does that by asking",
    "moderation_log": "moderators' deeds; the member is who wrote, for a question the stand-in",
    "moderation_log_reasons": "as the log",
    "moderation_log_steps": "as the log",
    "notifications": "whoever is told of a post; of a question nobody is told but who follows",
    "post_findings": "kept_by is who kept a finding while editing; of a question the stand-in",
    "revisions": "the editor: the stand-in, or a moderator",
    LINK: "written by revealing alone",
}
OTHERS = {
    *(
        "alembic_version",
        "alembic_version_anonymous_questions",
        "attempts",
        "categories",
        "changes",
    ),
    *("change_values", "community", "drafts", "grants", "group_members", "groups"),
    *(
        "imported_authors",
        "imported_posts",
        "invitations",
        "jobs",
        "legal_holds",
        "measure_appeals",
    ),
    *("measures", "member_roles", "member_sessions", "members", "moved_numbers", "one_time_tokens"),
    *("pictures", "plugin_troubles", "post_pictures", "registrations", "sent_mail", "settings"),
    *("thread_tags", "trust_levels", "trust_steps", "uploads", f"{PREFIX}given"),
}


@pytest.fixture
def forum(instance: Path, database: str) -> Iterator[PluginForum]:
    forum = PluginForum(PLUGIN, instance, database)
    forum.enable()
    with forum.app.test_request_context():
        yield forum
    forum.close()


def faults() -> list[str]:
    """What in this database might tie a member to a question, and what nobody has declared."""
    shape = Shape(db.engine)
    declared = OF_ASKERS | {*BOTH} | OTHERS | {PERIOD}
    found = [f"{name} is not declared" for name in sorted(shape.tables - declared)]
    found += [f"{name} is gone" for name in sorted(declared - shape.tables)]
    found += [f"{name} has both" for name in sorted(shape.links() - {*BOTH})]
    for name in sorted(OF_ASKERS & shape.tables):
        found += [f"{name}.{column} names a member" for column in shape.of_members(name)]
        found += [f"{name}.{column} can count" for column in shape.talkative(name)]
    return found


def test_nothing_but_revealing_can_link_a_member_to_a_question(forum: PluginForum) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "ALTER TABLE {}questions ADD COLUMN member_id BIGINT",
            "questions.member_id names a member",
        ),
        ("ALTER TABLE {}spent ADD COLUMN member_id BIGINT", "spent.member_id names a member"),
        ("ALTER TABLE {}spending ADD COLUMN at TIMESTAMP", "spending.at can count"),
        ("ALTER TABLE {}questions ADD COLUMN asked_at TIMESTAMP", "questions.asked_at can count"),
        ("ALTER TABLE {}waiting ADD COLUMN place INTEGER", "waiting.place can count"),
        ("CREATE TABLE {}seen (member_id BIGINT, at TIMESTAMP)", "seen is not declared"),
        ("CREATE TABLE asked (who BIGINT REFERENCES members, post_id BIGINT)", "asked has both"),
    ],
)
def test_planted_tables_and_columns_are_found(
    forum: PluginForum, statement: str, fault: str
) -> None:
    with transaction():
        db.session.execute(text(statement.format(PREFIX)))
    try:
        assert any(found.endswith(fault) for found in faults())
    finally:
        for name in (f"{PREFIX}seen", "asked"):
            with transaction():
                db.session.execute(text(f"DROP TABLE IF EXISTS {name}"))
