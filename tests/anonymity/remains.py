"""What is left of asking: all files of the forum and its database, and all orders in which rows lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from forum.config import current_settings
from forum.db import db
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import keys
from forum_anonymous_questions.models import QUESTIONS, SPENDING, SPENT, WAITING
from forum_anonymous_questions.sealing import unsealed

Files = dict[str, bytes]
Signs = list[list[bytes]]
"""Of each question, in the order of arrival, what it can be recognised by."""
PG_WAL = "pg_wal"
# By their ends, as Prometheus has it: seconds, their sum, how many were quick, when a figure began.
TIMES = ("_seconds", "_seconds_sum", "_seconds_total", "_seconds_bucket", "_created")


def files_of(forum: PluginForum) -> Files:
    """The content of all files: of the database with its log, and of the instance, less its keys. What
    jobs say and the figures for monitoring are beside them."""
    found = {str(path): path.read_bytes() for path in _instance() if path.suffix != ".key"}
    paths = _sqlite() if db.engine.dialect.name == "sqlite" else _postgresql()
    found |= {str(path): path.read_bytes() for path in paths if path.is_file()}
    with db.engine.connect() as connection:
        for name in ("jobs", "sent_mail"):
            rows = connection.execute(text(f"SELECT * FROM {name}")).all()
            found[f"rows of {name}"] = json.dumps([list(row) for row in rows], default=str).encode()
    found["figures"] = figures_of(forum).encode()
    return found


def open_figures(instance: Path) -> None:
    """Have a forum that is about to start count what it does: otherwise there are no figures."""
    (instance / "forum.toml").write_text('metrics_networks = ["127.0.0.0/8"]\n', "utf-8")


def figures_of(forum: PluginForum) -> str:
    """What the page for monitoring says."""
    answer = forum.app.test_client().get("/metrics")
    assert answer.status_code == 200, answer.text
    return answer.text


def counts_in(figures: str) -> dict[str, float]:
    """All figures but those that measure time: how often something was timed is one of them."""
    lines = [line.rpartition(" ") for line in figures.splitlines() if line[:1] not in ("", "#")]
    return {name: float(value) for name, _, value in lines if not _measures_time(name)}


def _measures_time(figure: str) -> bool:
    # What it is about stands in braces, and may be called anything.
    return figure.partition("{")[0].endswith(TIMES)


def _instance() -> Iterator[Path]:
    settings = current_settings()
    for folder in {settings.instance, settings.mail_folder}:
        yield from (path for path in folder.rglob("*") if path.is_file())


def _sqlite() -> list[Path]:
    path = Path(str(db.engine.url.database))
    return list(path.parent.glob(f"{path.name}*"))


def _postgresql() -> list[Path]:
    with db.engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        asked = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
        tables = connection.execute(text(asked)).scalars().all()
    paths = [folder / name for name in tables if name]
    return [*paths, *(folder / PG_WAL).iterdir()]


def files_with(files: Files, signs: Signs) -> list[str]:
    """The files in which any of the signs stands."""
    return [
        name for name, content in files.items() if any(s in content for each in signs for s in each)
    ]


def sealed_rows() -> list[bytes]:
    """What waits, as whoever copied the database has it."""
    with db.engine.connect() as connection:
        return [bytes(row.sealed) for row in connection.execute(WAITING.select())]


def can_be_read(rows: list[bytes]) -> bool:
    """Whether any key that is there now opens any of the rows."""
    found = [path.read_bytes() for path in keys.folder().glob("*.key")]
    return any(unsealed(key, row) for key in found for row in rows)


def orders_in_files(files: Files, signs: Signs) -> dict[str, list[int]]:
    """Of each file that has a sign of all, in which order they stand there: by the first place of each,
    and by the last one, as former rows may be left behind present ones."""
    found = {}
    for name, content in files.items():
        for kind in range(len(signs[0])):
            for which, find in (("first", content.find), ("last", content.rfind)):
                places = [find(each[kind]) for each in signs]
                if min(places) >= 0:
                    order = sorted(range(len(signs)), key=places.__getitem__)
                    found[f"{name}, {which} of sign {kind}"] = order
    return found


def orders_of_rows(codes: list[bytes], marks: list[bytes]) -> dict[str, list[int]]:
    """In which orders the questions stand, by whatever the database tells: as it gives them, by the
    numbers of what belongs to them, and on PostgreSQL by place and transaction."""
    joined = (
        f"SELECT q.code FROM {QUESTIONS.name} q JOIN posts p ON p.id = q.post_id "
        "JOIN threads t ON t.id = p.thread_id LEFT JOIN cases c ON c.post_id = p.id ORDER BY "
    )
    asked = {
        f"by {key}": f"{joined} {key}" for key in ("p.id", "t.id", "c.id", "p.created_at, p.id")
    }
    asked["questions"] = f"SELECT code FROM {QUESTIONS.name}"
    # Left to itself, SQLite reads codes from their index alone.
    asked["questions by id"] = f"SELECT code FROM {QUESTIONS.name} ORDER BY id"
    tables = {"spent": SPENT.name, "spending": SPENDING.name}
    spent = {name: f"SELECT mark FROM {table}" for name, table in tables.items()}
    if db.engine.dialect.name == "postgresql":
        for key in ("ctid", "xmin::text::bigint, ctid"):
            asked[f"by q {key}"] = f"SELECT code FROM {QUESTIONS.name} ORDER BY {key}"
            for name, table in tables.items():
                spent[f"{name} by {key}"] = f"SELECT mark FROM {table} ORDER BY {key}"
    return _positions(asked, codes) | _positions(spent, marks)


def _positions(asked: dict[str, str], known: list[bytes]) -> dict[str, list[int]]:
    with db.engine.connect() as connection:
        found = {
            name: [known.index(bytes(value)) for value in connection.execute(text(query)).scalars()]
            for name, query in asked.items()
        }
    # What is empty has no order.
    return {name: order for name, order in found.items() if order}


def tells(orders: dict[str, list[int]]) -> list[str]:
    """The orders that are the one of arrival, forwards or backwards."""
    return [name for name, order in orders.items() if order in (sorted(order), sorted(order)[::-1])]
