"""Handles: what they may be, and which one a name gives."""

from __future__ import annotations

import re

import pytest

from forum.text.handles import HANDLE, handle_from, is_handle


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Ada", "ada"),
        ("Ada Lovelace", "ada-lovelace"),
        ("Zoë Müller-Groß", "zoe-muller-gross"),
        ("Søren Ærø", "soren-aero"),
        ("Łukasz Żak", "lukasz-zak"),
        ("Sinéad O'Connor", "sinead-oconnor"),
        ("İbrahim Işık", "ibrahim-isik"),
        ("Наталья Щукина", "natalya-shchukina"),
        ("Αλέξης Παπαδόπουλος", "alexis-papadopoylos"),
        ("J. R. Hartley", "j-r-hartley"),
        ("n" * 60, "n" * 34),
        (f"{'n' * 33} and more", "n" * 33),
        ("מרים", "someone"),
        ("林", "someone"),
        ("🙂", "someone"),
    ],
)
def test_handle_of_a_name(name: str, handle: str) -> None:
    assert handle_from(name) == handle
    assert is_handle(f"{handle}-9999"), "there is room to tell people apart"


@pytest.mark.parametrize("word", ["a", "ada", "ada.l", "a_b-c.d", "7", "a" * 40])
def test_what_a_handle_may_be(word: str) -> None:
    assert is_handle(word)


@pytest.mark.parametrize(
    "word",
    ["", "-ada", "ada.", "Ada", "ada lovelace", "adá", "a" * 41, "ada\n", "@ada", "all", "admin"],
)
def test_what_a_handle_may_not_be(word: str) -> None:
    assert not is_handle(word)


def test_pattern_has_no_groups_of_its_own() -> None:
    assert re.compile(HANDLE).groups == 0
