"""All that ``forum doctor`` looks at, in order; what cannot be looked at is a finding, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from forum.config import Settings, read_settings
from forum.doctor import machine, outside, stored
from forum.doctor.result import Result, wrong

CHECKS: tuple[tuple[str, Callable[[Settings], Iterator[Result]]], ...] = (
    ("files", machine.files),
    ("disk", machine.room),
    ("clock", machine.file_clock),
    ("theme", machine.theme),
    ("database", stored.stored),
    ("worker", stored.worker),
    ("mail", outside.mail),
    ("proxy", outside.proxy),
)


def examined(instance: Path) -> Iterator[Result]:
    """Each result as soon as it is known. Nothing is changed, nothing is sent to people."""
    reading = read_settings(instance)
    yield from machine.configuration(reading)
    for name, check in CHECKS:
        try:
            yield from check(reading.settings)
        except Exception as error:
            # Whatever it is, the other checks may name the reason.
            kind = type(error).__name__
            yield wrong(name, f"It could not be looked at ({kind}).", "See to what is named above.")
