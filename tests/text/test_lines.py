"""What may stand in names and titles."""

from __future__ import annotations

import pytest

from forum.text.lines import is_readable_line


@pytest.mark.parametrize(
    "line", ["Ada", "می\u200cخواهم", "👩\u200d💻 at work", "Hand\u00adbuch", "日本語", ""]
)
def test_words_and_emoji_of_any_script_are_readable(line: str) -> None:
    assert is_readable_line(line)


@pytest.mark.parametrize(
    "line", ["a\u202eb", "a\u2066b", "a\x00b", "a\x1bb", "a\u200eb", "a\ud800b"]
)
def test_hidden_and_turning_characters_are_not(line: str) -> None:
    assert not is_readable_line(line)
