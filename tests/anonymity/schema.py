"""What in a database can tie a member to a question: tables, columns, keys and types, as it says itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, inspect

MEMBERS = {"members"}
QUESTIONS = {
    "posts",
    "threads",
    "cases",
    "flags",
    "moderation_log",
    "anonymous_questions__questions",
}
OF_MEMBERS = ("member_id", "author_id", "actor_id", "editor_id", "asker_id", "_by")
OF_QUESTIONS = ("post_id", "thread_id", "case_id", "question_id", "entry_id")
SILENT = {"BOOLEAN", "BLOB", "BYTEA", "VARCHAR"}
"""Types that can hold no moment and no number that counts."""


class Shape:
    """The tables of a database."""

    def __init__(self, engine: Engine) -> None:
        self._found = inspect(engine)
        self.tables = set(self._found.get_table_names())

    def of_members(self, table: str) -> list[str]:
        """The columns that may say which member."""
        return [*self._naming(table, MEMBERS, OF_MEMBERS)]

    def of_questions(self, table: str) -> list[str]:
        """The columns that may say which question."""
        return [*self._naming(table, QUESTIONS, OF_QUESTIONS)]

    def _naming(self, table: str, targets: set[str], ends: tuple[str, ...]) -> Iterator[str]:
        pointing = {
            column
            for key in self._found.get_foreign_keys(table)
            if key["referred_table"] in targets
            for column in key["constrained_columns"]
        }
        for column in self._columns(table):
            is_itself = column["name"] == "id" and table in targets
            if column["name"] in pointing or column["name"].endswith(ends) or is_itself:
                yield column["name"]

    def talkative(self, table: str) -> list[str]:
        """The columns of types that can hold a moment or a number, keys to other rows left out."""
        keys = {
            column
            for key in self._found.get_foreign_keys(table)
            for column in key["constrained_columns"]
        }
        return [
            column["name"]
            for column in self._columns(table)
            if column["name"] not in keys and _kind(column["type"]) not in SILENT
        ]

    def links(self) -> set[str]:
        """The tables in which a member and a question stand in one row."""
        return {t for t in self.tables if self.of_members(t) and self.of_questions(t)}

    def _columns(self, table: str) -> list[Any]:
        return list(self._found.get_columns(table))


def _kind(type_: Any) -> str:
    return str(type_).partition("(")[0].upper()
