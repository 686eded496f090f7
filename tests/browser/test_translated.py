"""Every page in a language made up from the English: nothing on it is left in English."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.testing.forms import submit
from forum.testing.pseudo import LANGUAGE, pseudo, speak_pseudo, untranslated
from tests.browser.stage import ERRORS, RICH, UNMENDED, Cast, Stage
from tests.browser.test_markup import visitor
from tests.browser.test_pages import SAMPLES, Sample

# What people called things on the stage.
NAMES = (
    "Potters",
    "Kiln masters",
    "Bo",
    "pottery",
    "Glazes and slips",
    "Crackle on stoneware: how fine can it be?",
)
NAMES += (
    "Which clay for a first pot?",
    "Firing 0",
    "Firing 1",
    "Amira Haddad",
    "Folkmoot",
    "Slower?",
    "Regulars",
    "Old hands",
)


@pytest.fixture(autouse=True)
def made_up(stage: Stage, cast: Cast, failing_stage: Stage, pseudo_words: Path) -> Iterator[None]:
    """Everybody reads in the language that nobody speaks."""
    speak_pseudo(failing_stage.app, pseudo_words)
    with stage.speaking(LANGUAGE):
        yield


def reading(stage: Stage, cast: Cast, who: str) -> FlaskClient:
    """A visitor who reads in that language."""
    client = visitor(stage, cast, who)
    client.set_cookie("language", LANGUAGE)
    return client


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_page_says_nothing_in_english(
    sample: Sample, stage: Stage, cast: Cast, bare_stage: tuple[Stage, dict[str, Any]]
) -> None:
    at = bare_stage[0] if sample.who == "installer" else stage
    address = sample.address.format(**cast.places, **bare_stage[1])
    answer = reading(at, cast, sample.who).get(address, follow_redirects=True)
    assert f'<html lang="{LANGUAGE}" dir="rtl"' in answer.text
    assert (answer.status_code, untranslated(answer.text, NAMES)) == (sample.status, [])


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_says_nothing_in_english(status: int, failing_stage: Stage) -> None:
    client = failing_stage.app.test_client()
    client.set_cookie("language", LANGUAGE)
    answer = client.post(f"/fail/{status}", data={"source": RICH})
    # What these errors say was written for the test.
    said = [text for text in untranslated(answer.text, NAMES) if text not in _planted(status)]
    assert (answer.status_code, said) == (status, [])


def _planted(status: int) -> list[str]:
    return [str(getattr(ERRORS[status], "message", ""))]


def test_forms_that_come_back_say_nothing_in_english(stage: Stage, cast: Cast) -> None:
    member, guest = reading(stage, cast, "member"), reading(stage, cast, "guest")
    answers = {
        "findings": submit(member, "/new", button=pseudo("Preview"), source=UNMENDED + RICH),
        "mend": submit(member, "/new", button=pseudo("Publish"), source="Nothing is wrong."),
        "too long": submit(member, "/new", button=pseudo("Preview"), source="[a](b)" * 201),
        "register": submit(guest, "/register"),
        "sign in": guest.post(f"/t/{cast.places['thread']}/reply", data={"source": RICH}),
    }
    submit(member, "/drafts/discard?place=new")
    found = {name: untranslated(answer.text, NAMES) for name, answer in answers.items()}
    assert found == {name: [] for name in answers}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("<p>Left over</p>", ["Left over"]),
        ('<img alt="Left over" src="/x">', ["Left over"]),
        ('<a aria-label="Left over" href="/"></a>', ["Left over"]),
        ("<p>\u2068Amira\u2069 שגא</p>", []),
        ("<p>שגא Amira</p>", ["שגא Amira"]),
        ('<p dir="auto">Said by Amira</p>', []),
    ],
)
def test_what_is_left_in_english_is_found(
    planted: str, found: list[str], stage: Stage, cast: Cast
) -> None:
    page = reading(stage, cast, "guest").get("/about").text
    assert untranslated(page.replace("<main ", f"{planted}<main ", 1), NAMES) == found


def test_text_without_translation_is_found(app: Flask) -> None:
    """A page that reads a text which the catalogue does not have, as a forgotten one would be."""
    assert untranslated("<title>שגא</title><p>Sign in</p>") == ["Sign in"]
