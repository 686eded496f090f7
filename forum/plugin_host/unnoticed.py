"""Calls of which nothing is noted: what runs behind a door would tell when somebody was there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_IS_UNNOTICED: ContextVar[bool] = ContextVar("is_unnoticed", default=False)


def is_unnoticed() -> bool:
    """Whether calls are neither noted as under way nor measured now, nor is what fails."""
    return _IS_UNNOTICED.get()


@contextmanager
def unnoticed() -> Iterator[None]:
    """Have nothing be noted of the calls meanwhile, also not of those that fail."""
    before = _IS_UNNOTICED.set(True)
    try:
        yield
    finally:
        _IS_UNNOTICED.reset(before)
