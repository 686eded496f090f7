"""What may stand in names and titles."""

from __future__ import annotations

import pytest

from forum.text.lines import has_mixed_word, is_readable_line


@pytest.mark.parametrize(
    "line",
    [
        "Ada",
        "می\u200cخواهم",
        "👩\u200d💻 at work",
        "❤\ufe0f\u200d🔥",
        "Hand\u00adbuch",
        "日本語",
        "葛\U000e0100城",
        "",
    ],
)
def test_words_and_emoji_of_any_script_are_readable(line: str) -> None:
    assert is_readable_line(line)


@pytest.mark.parametrize(
    "line",
    [
        *("a\u202eb", "a\u2066b", "a\x00b", "a\x1bb", "a\u200eb", "a\ud800b"),
        *("\u3164", "\u115f", "\uffa0", "\u2800", "a \u17b4"),
        *("\u200d", "\ufe0f", "a \u200cb", "a\u200d\u200d\u200db", "\xada"),
    ],
)
def test_hidden_and_turning_characters_are_not(line: str) -> None:
    assert not is_readable_line(line)


@pytest.mark.parametrize("line", ["\u0410da", "Olg\u0430", "Al\u03bfis Meier", "x\u0416"])
def test_word_of_two_scripts_that_look_alike_is_found(line: str) -> None:
    assert has_mixed_word(line)


@pytest.mark.parametrize(
    "line", ["Ольга Müller", "Ada 林", "O’Neil-Łuć", "µm", "Ω and A", "", "1 2"]
)
def test_names_of_any_script_are_not(line: str) -> None:
    assert not has_mixed_word(line)
