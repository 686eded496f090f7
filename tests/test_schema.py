"""The comparison of models and migrations sees what it should; what it cannot see on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import IntegrityError

import forum.tables  # noqa: F401 - makes the metadata whole
from forum.db import Base, engine_options, prepare_engine
from forum.migrate import upgrade

# SQLite cannot show what an index over an expression is made of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping .* expression-based index"),
]


def engine_for(url: str) -> Engine:
    """An engine as the application has it."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    """An engine on a database without tables."""
    engine = engine_for(empty_database)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[object]:
    """What Alembic would still change to make the database what the models say."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_addresses_are_unique_whatever_their_capitals(engine: Engine) -> None:
    upgrade(engine)
    row = (
        "INSERT INTO members (name, email, password_hash, zone, language, created_at, pronouns,"
        " unit, employer, about) VALUES"
    )
    values = "('Ada', '{}', 'x', 'UTC', 'en', '2024-01-01', '', '', '', '')"
    with pytest.raises(IntegrityError, match=r"(?i)unique"), engine.begin() as connection:
        connection.exec_driver_sql(
            f"{row} {values.format('ada@example.org')}, {values.format('ADA@example.org')}"
        )


def test_comparison_sees_what_is_missing(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE jobs DROP COLUMN last_error")
        connection.exec_driver_sql("DROP INDEX ix_jobs_due")
    found = {change[0] if isinstance(change, tuple) else change for change in differences(engine)}
    assert found == {"add_column", "add_index"}
