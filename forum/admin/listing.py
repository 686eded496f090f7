"""Lists for administrators, each described once: what a page shows, a file holds, a command prints."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select

from forum import db as database
from forum.clock import utcnow
from forum.db import Statement
from forum.errors import Invalid, NotFound

ROWS_A_PAGE = 50
# Counting further would cost more than anybody learns from it.
MOST_COUNTED = 1_000
ROWS_A_BATCH = 500
LONGEST_SEARCH = 200
# With these a table calculation takes a text for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``name`` heads it in files and commands, ``label`` on the page.

    ``words`` says for a person what a value means; files keep the value. What is not ``on_page`` is
    for programs, such as a number that tells two of one name apart.
    """

    name: str
    label: Any
    value: ColumnElement[Any]
    searched: bool = False
    words: Mapping[str, Any] = field(default_factory=dict)
    on_page: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """Only rows whose ``value`` is the chosen one of ``choices`` (value and words); or for which
    the condition holds that ``value`` makes of the choice."""

    name: str
    label: Any
    value: ColumnElement[Any] | Callable[[str], ColumnElement[bool]]
    choices: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, highest ``key`` first; the key is a unique number. Values may use the parameter
    ``now``. ``name`` names its files; ``address`` leads to the page of a key, if they have one. Only rows of
    which ``condition`` is true are in it, such as those that whoever asks may see."""

    name: str
    title: Any
    empty: Any
    source: FromClause
    key: ColumnElement[int]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    address: str = ""
    condition: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for: words that each stand in a searched column, and filters' choices."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of a list: the key and the values of each row; keys to go on from, or None."""

    rows: list[tuple[Any, ...]]
    count: int
    older: int | None
    newer: int | None


def page_of(
    listing: Listing, wanted: Wanted, *, after: int | None = None, before: int | None = None
) -> Rows:
    """The page after or before a key, and how many there are, at most ``MOST_COUNTED`` + 1.

    Raises:
        Invalid: the search is too long.
        NotFound: a filter has no such choice.
    """
    statement = _statement(listing, wanted)
    count = database.value(
        select(func.count()).select_from(
            statement.with_only_columns(listing.key).limit(MOST_COUNTED + 1).subquery()
        ),
        {"now": utcnow()},
    )
    backwards = before is not None
    found = _some(listing, statement, after, before, ROWS_A_PAGE + 1)
    goes_on = len(found) > ROWS_A_PAGE
    shown = found[:ROWS_A_PAGE]
    if backwards:
        shown.reverse()
    first, last = (shown[0][0], shown[-1][0]) if shown else (None, None)
    return Rows(
        shown,
        count,
        older=last if goes_on or backwards else None,
        newer=first if (goes_on if backwards else after is not None) else None,
    )


def all_rows(listing: Listing, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """The values of every row, read in batches so that memory does not grow with them.

    Raises:
        Invalid, NotFound: as ``page_of``, before the first row.
    """
    return _batches(listing, _statement(listing, wanted))


def _batches(listing: Listing, statement: Statement) -> Iterator[tuple[Any, ...]]:
    after = None
    while found := _some(listing, statement, after, None, ROWS_A_BATCH):
        for key, *values in found:
            after = key
            yield tuple(values)


def _some(
    listing: Listing, statement: Statement, after: int | None, before: int | None, most: int
) -> list[tuple[Any, ...]]:
    if before is not None:
        statement = statement.where(listing.key > before).order_by(listing.key.asc())
    else:
        statement = statement.order_by(listing.key.desc())
        if after is not None:
            statement = statement.where(listing.key < after)
    return [tuple(row) for row in database.rows(statement.limit(most), {"now": utcnow()})]


def _statement(listing: Listing, wanted: Wanted) -> Statement:
    if len(wanted.search) > LONGEST_SEARCH:
        raise Invalid(
            "search",
            gettext("Search for at most %(num)s characters.", num=LONGEST_SEARCH),
        )
    columns = [column.value.label(column.name) for column in listing.columns]
    statement: Statement = select(listing.key.label("list_key"), *columns)
    statement = statement.select_from(listing.source)
    conditions = [*_found(listing, wanted.search), *_chosen(listing, wanted.filters)]
    if listing.condition is not None:
        conditions.append(listing.condition)
    return statement.where(and_(*conditions)) if conditions else statement


def _found(listing: Listing, search: str) -> Iterator[ColumnElement[bool]]:
    searched = [column.value for column in listing.columns if column.searched]
    # PostgreSQL keeps no NUL, so that it is found nowhere.
    for word in search.replace("\0", "\N{REPLACEMENT CHARACTER}").split():
        yield or_(*(value.icontains(word, autoescape=True) for value in searched))


def _chosen(listing: Listing, filters: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    for one in listing.filters:
        chosen = filters.get(one.name, "")
        if chosen and chosen not in one.choices:
            # Showing everything instead would be mistaken for what was asked.
            raise NotFound("")
        if chosen:
            yield (
                one.value == chosen if isinstance(one.value, ColumnElement) else one.value(chosen)
            )


def as_csv(listing: Listing, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """The lines of a CSV file (RFC 4180). Texts that a table calculation would take for a formula
    begin with an apostrophe."""
    yield _csv_line([column.name for column in listing.columns])
    for row in rows:
        yield _csv_line([_defused(value) for value in row])


def as_json_lines(listing: Listing, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """One JSON object a line, as each value is."""
    names = [column.name for column in listing.columns]
    for row in rows:
        fields = dict(zip(names, map(_plain, row), strict=True))
        yield json.dumps(fields, ensure_ascii=False) + "\n"


def _csv_line(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _defused(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value
