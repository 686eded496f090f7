"""The migrations make exactly the tables that the models describe, and can take them away again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

import forum.tables  # noqa: F401 - makes the metadata whole
from forum.db import Base, engine_options, prepare_engine
from forum.migrate import alembic_config, is_current, upgrade


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    """An engine as the application has it, on a database without any table."""
    engine = create_engine(empty_database, **engine_options(empty_database))
    prepare_engine(engine)
    yield engine
    engine.dispose()


def downgrade(engine: Engine) -> None:
    with engine.connect().execution_options(forum_writes=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "base")


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


# SQLite cannot say what the index over lower(email) is about; PostgreSQL can and is asked, too.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_upgrade_makes_what_the_models_describe(engine: Engine) -> None:
    assert (is_current(engine), upgrade(engine), is_current(engine)) == (False, True, True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert tables(engine) == {*Base.metadata.tables, "alembic_version"}


def test_second_upgrade_has_nothing_to_do(engine: Engine) -> None:
    assert (upgrade(engine), upgrade(engine)) == (True, False)


def test_checks_of_the_models_stand_in_the_database(engine: Engine) -> None:
    upgrade(engine)
    wanted = {
        (table.name, str(check.name))
        for table in Base.metadata.sorted_tables
        for check in table.constraints
        if type(check).__name__ == "CheckConstraint"
    }
    found = {
        (name, str(check["name"]))
        for name in Base.metadata.tables
        for check in inspect(engine).get_check_constraints(name)
    }
    assert found == wanted


def test_downgrade_leaves_an_empty_database_that_can_be_upgraded_again(engine: Engine) -> None:
    upgrade(engine)
    downgrade(engine)
    left = tables(engine)
    assert left == {"alembic_version"}
    assert upgrade(engine)
    assert tables(engine) == {*Base.metadata.tables, "alembic_version"}


def test_programs_that_start_at_once_wait_for_each_other(engine: Engine) -> None:
    with ThreadPoolExecutor(3) as starts:
        list(starts.map(lambda _: upgrade(engine), range(3)))
    with engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert (len(versions), is_current(engine)) == (1, True)


def test_failed_upgrade_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notifications (id INTEGER)"))
    with pytest.raises(Exception, match="notifications"):
        upgrade(engine)
    assert tables(engine) == {"notifications"}
