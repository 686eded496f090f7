"""Texts of rooms that know no language, said in the reader's."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from forum.accessibility.check import review
from forum.discussion.actions import prepare
from forum.discussion.languages import labels_in
from forum.errors import Invalid
from forum.phrases import Phrase
from forum.review import Draft
from forum.spoken import spoken
from forum.testing.pseudo import LANGUAGE, pseudo, speak_pseudo


@pytest.fixture
def made_up(app: Flask, pseudo_words: Path) -> Flask:
    """The forum with the language that nobody speaks."""
    speak_pseudo(app, pseudo_words)
    return app


def test_phrase_is_its_english_to_whoever_keeps_it() -> None:
    phrase = Phrase("There may be %(limit)s of %(what)s.", limit=32768, what="a 100 % thing")
    assert (phrase, phrase.parts["limit"]) == ("There may be 32,768 of a 100 % thing.", 32768)
    assert Phrase("100 %") == "100 %"


def test_numbers_in_it_are_written_as_the_language_does(app: Flask) -> None:
    phrase = Phrase("%(limit)s, %(what)s", limit=32768, what="x")
    with app.test_request_context(), force_locale("de"):
        assert (spoken(phrase), spoken("plain")) == ("32.768, x", "plain")


def test_findings_are_said_in_the_readers_language(made_up: Flask) -> None:
    [finding] = review(Draft("Look ![](/files/" + "0" * 64 + ".png)"))
    assert finding.repair
    with made_up.test_request_context(), force_locale(LANGUAGE):
        said = [spoken(text) for text in (finding.message, finding.help, finding.repair.label)]
    assert said == [pseudo(t) for t in (finding.message, finding.help, finding.repair.label)]


def test_limit_of_a_text_is_said_in_the_readers_language(made_up: Flask) -> None:
    with made_up.test_request_context(), force_locale(LANGUAGE), pytest.raises(Invalid) as refused:
        prepare("[a](b)" * 201)
    english = "There may be %(limit)s links and pictures; this text has %(found)s. Leave some out."
    assert refused.value.message == pseudo(english) % {"limit": 200, "found": 201}


def test_our_words_in_a_post_are_in_its_language_else_in_the_communitys(made_up: Flask) -> None:
    with made_up.app_context():
        said = {tag: labels_in(tag, "en").table for tag in ("he", "he-IL", "en", "fi")}
        backs = [labels_in("fi", "he").back % {"name": "1"}, labels_in("en", "he").back]
    assert said == {"he": pseudo("Table"), "he-IL": pseudo("Table"), "en": "Table", "fi": "Table"}
    assert backs == [
        pseudo("Back to reference %(name)s") % {"name": "1"},
        "Back to reference %(name)s",
    ]


def test_post_is_rendered_with_them(made_up: Flask) -> None:
    with made_up.test_request_context():
        html = prepare("A note[^1].\n\n[^1]: Here.", community="he").html
    assert pseudo("Back to reference %(name)s") % {"name": "1"} in html
