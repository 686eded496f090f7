"""Bytes and codes as words: what people type is forgiven, what is wrong is not."""

from __future__ import annotations

import hashlib
import secrets
from itertools import pairwise

import pytest

from forum_anonymous_questions import codes, words


def test_list_has_enough_words_and_none_begins_another() -> None:
    found = words.word_list()
    assert len(set(found)) == len(found) == words.WORDS >= 7_200
    assert not any(after.startswith(before) for before, after in pairwise(sorted(found)))
    assert {min(map(len, found)), max(map(len, found))} == {3, 9}


def test_list_is_in_the_order_in_which_it_was_when_tickets_were_written_down() -> None:
    listed = "\n".join(words.word_list()).encode()
    assert hashlib.sha256(listed).hexdigest() == (
        "76e3348ad957cad7d9c5c68873e89410ed998c19f4956367ab52d9aec4eee884"
    )


@pytest.mark.parametrize("size", [1, 16, 34])
def test_bytes_come_back_from_their_words(size: int) -> None:
    for content in (bytes(size), b"\xff" * size, secrets.token_bytes(size)):
        said = words.in_words(content)
        assert len(said.split()) == words.count_for(size)
        assert words.from_words(said, size) == content


def test_what_stands_between_words_and_how_they_are_written_does_not_matter() -> None:
    content = bytes(range(16))
    said = words.in_words(content)
    for typed in (
        said.upper(),
        said.replace(" ", ""),
        said.replace(" ", " – "),
        "\n".join(f"{number}. {word}" for number, word in enumerate(said.split(), 1)),
        said.translate({ord("a"): "ａ", ord(" "): "\u00a0"}),
    ):
        assert words.from_words(typed, 16) == content


def test_words_that_say_nothing_are_refused() -> None:
    said = words.in_words(bytes(range(16)))
    for wrong in ("", "zzz", f"{said} abacus", said.rpartition(" ")[0], said + "é", "abacu"):
        assert words.from_words(wrong, 16) is None
    # Ten words can say a little more than 16 bytes.
    assert words.from_words(" ".join(["zoom"] * 10), 16) is None


def test_endless_text_is_not_read_to_its_end() -> None:
    assert words.places_in("abacus " * 1_000_000) is None


def test_code_has_ten_words_and_is_found_as_typed() -> None:
    code = codes.new_code()
    assert len(code.split(" ")) == codes.COUNT
    assert codes.normal_code(f"  {code.upper().replace(' ', ', ')}.\n") == code
    assert codes.new_code() != code


def test_no_code_is_of_other_words() -> None:
    code = codes.new_code()
    for wrong in ("", "abacus", f"{code} abacus", code.rpartition(" ")[0], "x" * 10_000):
        assert codes.normal_code(wrong) == ""


def test_code_has_at_least_128_bits() -> None:
    assert words.WORDS**codes.COUNT >= 2**128


def test_code_from_a_seed_is_always_the_same() -> None:
    seed = bytes(range(32))
    assert codes.code_from(seed) == codes.code_from(seed) != codes.code_from(bytes(32))


def test_rows_of_a_code_differ_by_slot_period_and_code() -> None:
    key, other = bytes(32), bytes(31) + b"1"
    ids = [
        *codes.row_ids("abacus", key),
        *codes.row_ids("abacus", other),
        *codes.row_ids("zoom", key),
    ]
    assert len(set(ids)) == 3 * (2 + codes.MOST_ACTS)
    assert {len(one) for one in ids} == {32}
