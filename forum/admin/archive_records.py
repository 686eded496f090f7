"""The lines of an archive, understood: every field of its kind, every reference to something that is there.

What is wrong is named with file, line and field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import String

from forum.admin.archive_container import ArchiveReader, unfit
from forum.admin.archive_fields import Appendix, Field, File
from forum.admin.archive_format import FILES
from forum.discussion.models import WAITING, WITHDRAWN

Record = dict[str, Any]

_POINTED_TO = frozenset(field.refers for file in FILES for field in file.fields) - {"", "posts"}
"""Files whose keys are kept in memory. Posts are too many: what belongs to a post is read
beside it, in the same order."""


class ArchiveRecords:
    """Reads the files of an archive; those that others refer to must be read before these.

    Args:
        progress: called with each line.
    """

    def __init__(self, archive: ArchiveReader, *, progress: Callable[[], object]) -> None:
        self._archive = archive
        self._progress = progress
        self._ids: dict[str, set[Any]] = {name: set() for name in _POINTED_TO}

    def of(self, file: File) -> Iterator[tuple[int, Record]]:
        """The lines of a file with their numbers.

        Raises:
            Invalid: a line cannot be taken, or there are not as many as the manifest says.
        """
        number, last = 0, None
        taken: dict[str, set[Any]] = {name: set() for name in file.unique}
        open_: set[tuple[Any, ...]] = set()
        ids = self._ids.get(file.name)
        for number, line in enumerate(self._archive.lines(file), start=1):
            record = self._understood(file, number, line)
            place = _place(file, record)
            if last is not None and (place < last or (place == last and not file.repeats)):
                raise wrong(file, number, "stands twice, or before the line above it")
            last = place
            _take(file, number, record, taken)
            if file.alone_while_open and record["closed_at"] is None:
                _take_open(file, number, record, open_)
            if ids is not None:
                ids.add(record[file.pointed_to])
            self._progress()
            yield number, record
        if number != self._archive.counts[file.name]:
            raise unfit(f"{file.name}.jsonl has {number} lines, but its manifest says otherwise.")

    def _understood(self, file: File, number: int, line: bytes) -> Record:
        found = object_in(file, number, line)
        names = {field.name for field in file.fields}
        needed = {field.name for field in file.fields if not field.later}
        if not needed <= set(found) <= names:
            raise wrong(file, number, f"must have these fields: {', '.join(sorted(names))}")
        record = {field.name: self._value(file, number, field, found) for field in file.fields}
        if problem := _CONTRADICTIONS.get(file.name, _none)(record):
            raise wrong(file, number, problem)
        return record

    def _value(self, file: File, number: int, field: Field, found: Record) -> Any:
        try:
            value = field.kind(found.get(field.name))
        except ValueError as error:
            raise wrong(file, number, f"{field.name} {error}") from error
        ids = self._ids.get(field.refers)
        if ids is not None and value is not None and value not in ids:
            raise wrong(file, number, f"{field.name} names what is not in {field.refers}.jsonl")
        return value


def object_in(file: File | Appendix, number: int, line: bytes) -> Record:
    """The object that a line says.

    Raises:
        Invalid: it says none.
    """
    try:
        # Bytes would be taken in other encodings, too.
        found = json.loads(line.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise wrong(file, number, "is not a JSON object with each field once") from error
    if not isinstance(found, dict):
        raise wrong(file, number, "is not a JSON object with each field once")
    return found


def wrong(file: File | Appendix, number: int, problem: str) -> Exception:
    """The refusal of a line."""
    return unfit(f"{file.name}.jsonl, line {number}: {problem}.")


def _once_each(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands there twice")
    return found


def _place(file: File, record: Record) -> tuple[Any, ...]:
    # As the export sorts: nothing first.
    return tuple(_sortable(field, record[field.name]) for field in file.ordered_by)


def _sortable(field: Field, value: Any) -> Any:
    if value is not None:
        return value
    return "" if isinstance(field.column.type, String) else -1


def _take(file: File, number: int, record: Record, taken: dict[str, set[Any]]) -> None:
    for name, values in taken.items():
        value = record[name]
        # Addresses are the same whatever their capitals.
        value = value.lower() if isinstance(value, str) else value
        if value is not None and value in values:
            raise wrong(file, number, f"{name} stands in an earlier line already")
        values.add(value)


def _take_open(file: File, number: int, record: Record, taken: set[tuple[Any, ...]]) -> None:
    values = tuple(record[name] for name in file.alone_while_open)
    if values in taken:
        names = " and ".join(file.alone_while_open)
        raise wrong(file, number, f"{names} stand in an earlier line that is open, too")
    taken.add(values)


def _of_member(member: Record) -> str:
    is_both = member["closed_at"] is not None and member["email"] is not None
    return "an account that was closed has no email" if is_both else ""


def _of_grant(grant: Record) -> str:
    is_one = (grant["role"] is None) != (grant["group"] is None)
    return "" if is_one else "either role or group must be there"


def _of_thread(thread: Record) -> str:
    if (thread["last_number"] > 0) != (thread["last_posted_at"] is not None):
        return "last_posted_at must be there when a post is published, and only then"
    if (thread["answer"] or 0) > thread["last_number"]:
        return "answer is no number of a post in this thread"
    return ""


def _of_post(post: Record) -> str:
    if (post["removal"] is None) != (post["removed_at"] is None):
        return "removal and removed_at must both be there, or neither"
    if post["removal"] in (WAITING, WITHDRAWN) and post["number"] is None:
        return f"removal is {post['removal']}, and there is no number"
    if (post["reply_thread"] is None) != (post["reply_number"] is None):
        return "reply_thread and reply_number must both be there, or neither"
    to, number = post["in_reply_to"], post["number"]
    is_late = to is not None and number is not None and to >= number
    return "in_reply_to is not the number of an earlier post" if is_late else ""


def _of_revision(revision: Record) -> str:
    is_empty = revision["emptied_at"] is None or not revision["source"]
    return "" if is_empty else "a version that was emptied has no source"


def _of_appeal(appeal: Record) -> str:
    is_half = (appeal["closed_at"] is None) != (appeal["decision"] is None)
    return "what is closed has a decision, and nothing else" if is_half else ""


def _of_measure(measure: Record) -> str:
    is_endless = measure["kind"] == "mute" and measure["until"] is None
    return "a mute has an end" if is_endless else ""


def _none(_record: Record) -> str:
    return ""


_CONTRADICTIONS: dict[str, Callable[[Record], str]] = {
    "members": _of_member,
    "grants": _of_grant,
    "threads": _of_thread,
    "posts": _of_post,
    "revisions": _of_revision,
    "measures": _of_measure,
    "measure_appeals": _of_appeal,
}
