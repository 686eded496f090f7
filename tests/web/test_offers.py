"""Which week, month or quarter it is, for what browsers are given once in each."""

from __future__ import annotations

from datetime import datetime

import pytest

from forum.web.offers import period_of


@pytest.mark.parametrize(
    ("every", "day", "period"),
    [
        ("quarter", "2026-03-31", "2026-1"),
        ("quarter", "2026-10-01", "2026-4"),
        ("month", "2026-10-01", "2026-10"),
        ("week", "2027-01-01", "2026-53"),
    ],
)
def test_periods_are_of_the_calendar(every: str, day: str, period: str) -> None:
    assert period_of(every, datetime.fromisoformat(day)) == period
