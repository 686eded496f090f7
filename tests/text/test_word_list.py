"""Listed words are found as whole words, however they are written, and nothing else is."""

from __future__ import annotations

import time

import pytest

from forum.text.word_list import listed_in, words_in


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("casino", "The CASINO is open."),
        ("casino", "ｃａｓｉｎｏ"),
        ("casino", "cas\u00adi\u200bno"),
        ("casino", "**cas**ino and `code`"),
        ("casino", "&#99;asino"),
        ("casino", "https://casino.example/offer"),
        ("limited offer", "A _limited_\noffer!"),
        ("straße", "STRASSE"),
        ("café", "cafe\u0301"),
        ("赌场", "澳门赌场开门"),
        ("example.org", "see www.example.org/a"),
        ("100 %", "100% sure"),
    ],
)
def test_listed_words_are_found(phrase: str, text: str) -> None:
    assert listed_in(text, ["other", phrase]) == (phrase,)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cap", "capital recap"),
        ("limited offer", "limited by the offer"),
        ("offer limited", "a limited offer"),
        ("a+", "ab aa"),
        (".*", "anything"),
    ],
)
def test_nothing_else_is_found(phrase: str, text: str) -> None:
    assert listed_in(text, [phrase]) == () or not words_in(phrase)


def test_hostile_text_takes_no_time() -> None:
    phrases = [f"{'a ' * 35}{number}" for number in range(200)]
    for text in ("a " * 16_000, "*" * 32_000, "&" * 32_000, "\u0345" * 16_000):
        began = time.process_time()
        assert listed_in(text, phrases) == ()
        assert time.process_time() - began < 1
