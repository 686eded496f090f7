"""Texts of somebody whom nobody knows: reviewed and mended as in the composer, and nothing is kept."""

from __future__ import annotations

import pytest
from flask import Flask

from forum.discussion.unsigned import UnsignedText
from forum.errors import Invalid
from forum.testing.factories import Factories
from tests.evidence import everything

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SHOUTED = "PLEASE READ THIS FIRST\n\nThen fire it.\n"
EMPTY_LINK = "A [](https://example.org/a) link that says nothing."


@pytest.fixture
def inside(app: Flask) -> Flask:
    """A forum with a community."""
    Factories(app).community()
    return app


def pressed(source: str, **fields: str) -> UnsignedText:
    """The text after a button."""
    text = UnsignedText.read({"source": source, **fields})
    text.press(fields)
    return text


def test_text_is_repaired_kept_and_taken_back(inside: Flask) -> None:
    with inside.app_context():
        first = pressed(SHOUTED, action="preview")
        [finding] = first.prepared.review.findings  # type: ignore[union-attr]
        assert (first.shows_preview, first.is_ready, first.to_see) == (
            True,
            False,
            finding.fingerprint,
        )
        # Shown once, what is only to be considered stands in nobody's way.
        assert pressed(SHOUTED, seen=first.to_see, action="submit").is_ready
        kept = pressed(SHOUTED, keep=finding.fingerprint)
        assert (kept.to_keep, kept.is_ready, len(kept.panel.kept)) == (
            finding.fingerprint,
            True,
            1,
        )
        again = UnsignedText.read({"source": SHOUTED, "kept": kept.to_keep})
        again.press({"take-back": finding.fingerprint})
        assert (again.to_keep, again.is_ready) == ("", False)
        mended = pressed(SHOUTED, repair=f"{finding.fingerprint}@0")
        assert (mended.is_ready, mended.before, mended.source != SHOUTED) == (True, SHOUTED, True)
        undone = pressed(mended.source, action="undo", before=mended.before)
        assert (undone.source, undone.before) == (SHOUTED, mended.source)
        for odd in ("zzz@0", f"{finding.fingerprint}@x", "@", "0" * 16 + "@99999999999"):
            assert pressed("Nothing is wrong.", repair=odd).message.startswith("That was mended")


def test_what_shuts_somebody_out_is_never_ready_and_cannot_be_kept(inside: Flask) -> None:
    with inside.app_context():
        first = pressed(EMPTY_LINK)
        [finding, *_] = first.prepared.review.findings  # type: ignore[union-attr]
        for fields in ({"seen": finding.fingerprint}, {"kept": finding.fingerprint}):
            assert not pressed(EMPTY_LINK, **fields).is_ready
        assert pressed(EMPTY_LINK, keep=finding.fingerprint).to_keep == ""


def test_all_safe_repairs_are_made_at_once(inside: Flask) -> None:
    with inside.app_context():
        mended = pressed(SHOUTED, action="repair-all")
        assert mended.message in (
            "1 place was mended.",
            "That was mended already; nothing was changed.",
        )
        assert pressed("Quiet.", action="repair-all").message.startswith("That was mended already")


@pytest.mark.parametrize(
    "source", ["", " \n", "a\0b", "a\ufffdb", f"![a](/files/{'a' * 64}.webp)", "a" * 40_000]
)
def test_what_cannot_be_posted_is_refused_and_stays(inside: Flask, source: str) -> None:
    with inside.app_context():
        text = UnsignedText.read({"source": source})
        with pytest.raises(Invalid) as refused:
            text.press({"action": "preview"})
        assert (refused.value.field, text.source, text.is_ready) == ("source", source, False)


def test_nothing_of_a_text_is_kept(inside: Flask) -> None:
    before = everything(inside)
    with inside.app_context():
        pressed(SHOUTED, action="preview")
        assert [tag for tag, *_ in UnsignedText.languages()] == ["en"]
    assert everything(inside) == before
