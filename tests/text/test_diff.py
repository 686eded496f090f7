"""The difference of two texts: true, readable, and found in a limited time."""

from __future__ import annotations

import random

import pytest

from forum.testing.pace import cpu_seconds
from forum.text.diff import Change, changes

WORDS = ("clay", "glaze", "kiln", "cone", "slow", "stoneware,", "the", "a", "of", "in", ".", "\n")


def told(earlier: str, later: str) -> list[tuple[str, str]]:
    return [(change.kind, change.text) for change in changes(earlier, later)]


def sides(found: tuple[Change, ...]) -> tuple[str, str]:
    """Both texts, put together again from what is told of them."""
    earlier = "".join(c.text for c in found if c.kind != "added")
    return earlier, "".join(c.text for c in found if c.kind != "removed")


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("same", "same", []),
        ("", "new", [("added", "new")]),
        ("old", "", [("removed", "old")]),
        ("Cool it slowly.", "Cool it very slowly.",
         [("same", "Cool it "), ("added", "very "), ("same", "slowly.")]),
        ("How fine?", "How wide?",
         [("same", "How "), ("removed", "fine"), ("added", "wide"), ("same", "?")]),
        ("Close the damper now", "Open a vent now",
         [("removed", "Close the damper"), ("added", "Open a vent"), ("same", " now")]),
        ("a\n", "a\n\nb\n", [("same", "a\n"), ("added", "\nb\n")]),
        ("我喜欢陶器", "我不喜欢瓷器",
         [("same", "我"), ("added", "不"), ("same", "喜欢"), ("removed", "陶"), ("added", "瓷"),
          ("same", "器")]),
        ("कि यह", "की यह", [("removed", "कि"), ("added", "की"), ("same", " यह")]),
        ("שלום עולם", "שלום לכם", [("same", "שלום "), ("removed", "עולם"), ("added", "לכם")]),
    ],
)  # fmt: skip
def test_difference_is_told_in_words(
    earlier: str, later: str, expected: list[tuple[str, str]]
) -> None:
    assert told(earlier, later) == expected


def test_long_unchanged_stretches_are_folded_between_words() -> None:
    middle = " ".join(f"word{n}" for n in range(100))
    found = changes(f"{middle} one {middle} x {middle}", f"{middle} two {middle} y {middle}")
    assert [(c.kind, c.words) for c in found if c.kind == "gap"] == [
        ("gap", 89),
        ("gap", 77),
        ("gap", 88),
    ]
    shown = [c.text for c in found if c.kind == "same"]
    assert all(len(text) <= 81 and "word1word" not in text for text in shown)
    assert shown[0] == f" {' '.join(f'word{n}' for n in range(89, 100))} "


def test_nothing_is_lost_or_made_up() -> None:
    chance = random.Random(7)
    for _ in range(300):
        earlier = " ".join(chance.choices(WORDS, k=chance.randrange(60)))
        later = " ".join(chance.choices(WORDS, k=chance.randrange(60)))
        if chance.random() < 0.5:
            later = earlier[: chance.randrange(len(earlier) + 1)] + later
        assert sides(changes(earlier, later)) == (earlier, later) or earlier == later


def long_texts() -> dict[str, tuple[str, str]]:
    """Pairs of 32 KiB that are hard to compare."""
    chance = random.Random(11)
    numbers = " ".join(str(chance.randrange(10**6)) for _ in range(6_000))[:32768]
    others = " ".join(str(chance.randrange(10**6)) for _ in range(6_000))[:32768]
    return {
        "all different": (numbers, others),
        "every sign": ("a" + "." * 32767, "." * 16000 + "b" + "." * 16000),
        "alike": ("a " * 16384, "a b " * 8192),
        "lines": ("x\n" * 16384, "x\ny\n" * 8192),
        "shuffled": (numbers, " ".join(chance.sample(numbers.split(), len(numbers.split())))),
        "few signs": (
            "".join(chance.choices("ab \n", k=32768)),
            "".join(chance.choices("ab \n", k=32768)),
        ),
        "moved": ("a b " * 4096 + "c d " * 4096, "c d " * 4096 + "a b " * 4096),
    }


@pytest.mark.parametrize("name", list(long_texts()))
def test_any_two_long_texts_are_compared_in_time(name: str) -> None:
    earlier, later = long_texts()[name]
    assert sides(changes(earlier, later)) == (earlier, later)
    assert cpu_seconds(lambda: changes(earlier, later), enough=0.5) < 0.5


def test_texts_with_too_little_in_common_are_compared_by_lines() -> None:
    chance = random.Random(13)
    lines = [" ".join(str(chance.randrange(10**6)) for _ in range(40)) for _ in range(30)]
    others = [line[::-1] if n % 2 else line for n, line in enumerate(lines)]
    found = changes("\n".join(lines), "\n".join(others))
    assert [c.text.strip() for c in found if c.kind == "removed"] == lines[1::2]
    assert [c.text.strip() for c in found if c.kind == "added"] == others[1::2]
