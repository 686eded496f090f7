"""The page that says what is stored about people knows every column there is."""

from __future__ import annotations

from tests.stored_data import PAGE, all_columns, classified


def test_every_column_is_classified() -> None:
    assert set(classified()) == all_columns()


def test_column_without_a_kind_is_missed() -> None:
    assert all_columns() - set(classified(PAGE.replace("`pronouns`", ""))) == {"members.pronouns"}


def test_each_column_has_one_kind() -> None:
    named = [name for line in PAGE.splitlines() for name in classified(line)]
    assert sorted(named) == sorted(set(named))
