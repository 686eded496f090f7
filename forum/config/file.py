"""Reading ``forum.toml`` line by line, so that every fault in it has its line.

Python's TOML parser stops at the first error and does not say where a value stood. Our file is
flat, one ``name = value`` after the other, so it can be given to the parser piece by piece.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forum.config.faults import Fault

# A value that goes over more lines is a mistake; looking on would take the square of their number.
LONGEST_VALUE = 100
_BEGINS = re.compile(r"""\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*(?:\.[^=]*)?=|\s*\[""")
_WHERE = re.compile(r" \(at (?:line \d+, (column \d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Found:
    """One value in the file, and its line."""

    name: str
    value: Any
    line: int


def read_file(path: Path) -> tuple[list[Found], list[Fault]]:
    """What stands in the file, and what is wrong with it. Without a file, nothing is set.

    Names and values are not judged here.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return [], []
    except OSError as error:
        message = f"cannot be read: {error.strerror}. Let the forum's user read it."
        return [], [Fault(str(path), message)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return [], [_fault(path, line, "this is not UTF-8. Save the file as UTF-8.")]
    return _parsed(path, text.replace("\r\n", "\n").split("\n"))


def _parsed(path: Path, lines: list[str]) -> tuple[list[Found], list[Fault]]:
    found: dict[str, Found] = {}
    faults: list[Fault] = []
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        if not line or line.startswith("#"):
            at += 1
        elif line.startswith("["):
            message = f"settings stand in no section. Remove the line {line[:40]}"
            faults.append(_fault(path, at + 1, message))
            at += 1
        elif (piece := _piece(lines, at)) is None:
            faults.append(_fault(path, at + 1, _unreadable(lines[at])))
            at = _next_beginning(lines, at)
        else:
            values, taken = piece
            for name, value in values.items():
                _take(path, Found(name, value, at + 1), found, faults)
            at += taken
    return list(found.values()), faults


def _piece(lines: list[str], at: int) -> tuple[dict[str, Any], int] | None:
    """The value that begins in this line, and how many lines it takes."""
    for taken in range(1, LONGEST_VALUE + 1):
        if at + taken > len(lines):
            return None
        try:
            return tomllib.loads("\n".join(lines[at : at + taken])), taken
        except tomllib.TOMLDecodeError:
            continue
    return None


def _unreadable(line: str) -> str:
    try:
        tomllib.loads(line)
        reason = ""
    except tomllib.TOMLDecodeError as error:
        reason = _WHERE.sub(lambda where: f", {where[1]}" if where[1] else "", str(error))
    return (
        f"this cannot be read ({reason}). Write name = value; texts stand in quotation marks, "
        "lists in square brackets with commas between."
    )


def _next_beginning(lines: list[str], at: int) -> int:
    # The rest of a broken value would give one more fault for each of its lines.
    after = range(at + 1, len(lines))
    return next((line for line in after if _BEGINS.match(lines[line])), len(lines))


def _take(path: Path, new: Found, found: dict[str, Found], faults: list[Fault]) -> None:
    if new.name in found:
        message = f"{new.name} stands in line {found[new.name].line} already. Keep one of the two."
        faults.append(_fault(path, new.line, message))
    else:
        found[new.name] = new


def _fault(path: Path, line: int, message: str) -> Fault:
    return Fault(str(path), message, line=line)
