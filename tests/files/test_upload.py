"""Adding a picture to a text, without JavaScript: words first, then the file, and nothing typed is lost."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from forum.accounts.limits import PICTURES_BY_MEMBER, count_attempt
from forum.db import rows, transaction
from forum.discussion.models import Draft
from forum.files.models import Picture, Upload
from forum.files.pictures import MOST_BYTES
from forum.files.storage import stored_files
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send, submit
from tests.evidence import everything, form_of, page_of, text_given_back, words_of
from tests.files.drawing import drawn, saved

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REPLY = "/t/1/reply"
FORM = "/pictures/new?for=reply:1"


@pytest.fixture
def author(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return author


@pytest.fixture
def ada(factories: Factories, author: Person) -> FlaskClient:
    """The author's browser."""
    return factories.signed_in(author)


def upload(
    browser: FlaskClient,
    data: bytes | None,
    *,
    path: str = FORM,
    name: str = "kiln.png",
    decision: str = "words",
    alternative: str = "A bowl",
    **others: str,
) -> TestResponse:
    """Fill in the form for a picture and send it."""
    form = fields_of(form_of(browser.get(path))) | {"alternative": alternative} | others
    form.pop("picture")
    sent = {k: v for k, v in (form | {"decision": decision}).items() if v or k != "decision"}
    files = {} if data is None else {"picture": FileStorage(BytesIO(data), name)}
    return post(browser, path, {**sent, **files})


def post(browser: FlaskClient, path: str, fields: dict[str, Any]) -> TestResponse:
    """Send a form with a file. The test client by itself leaves a large one open."""
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.post(path, data=body, content_type=kind)


def drafts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [tuple(row) for row in rows(select(Draft.place, Draft.source).order_by(Draft.place))]


def hashes(app: Flask) -> list[str]:
    with app.app_context():
        return [row.hash for row in rows(select(Picture.hash))]


def errors(answer: TestResponse) -> list[str]:
    return words_of(answer, "#error-summary li")


def test_picture_goes_into_the_text_and_is_published(
    app: Flask, ada: FlaskClient, client: FlaskClient
) -> None:
    asked = submit(ada, f"{REPLY}?to=1", button="Add a picture", source="Look:\n")
    assert (asked.status_code, asked.location) == (303, FORM)
    added = upload(ada, drawn("png"), alternative=" A *bowl*,\nwith [crackle] ")
    assert (added.status_code, added.location) == (303, f"{REPLY}#source")
    composer = ada.get(REPLY)
    (hash_,) = hashes(app)
    address = f"/files/{hash_}.png"
    assert text_given_back(composer) == f"Look:\n\n![A \\*bowl\\*, with \\[crackle\\]]({address})"
    assert fields_of(form_of(composer))["in_reply_to"] == "1"
    preview = send(ada, REPLY, form_of(composer), button="Preview")
    assert [img["width"] for img in page_of(preview).select(".preview img")] == ["40"]
    published = send(ada, REPLY, form_of(preview), button="Publish")
    assert (published.status_code, published.location) == (303, "/t/1/2")
    (image,) = page_of(client.get("/t/1")).select("#p2 .words img")
    assert image.attrs == {
        "alt": "A *bowl*, with [crackle]",
        "height": "20",
        "loading": "lazy",
        "src": address,
        "width": "40",
    }
    with client.get(address) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "image/png")


def test_decoration_needs_no_words(app: Flask, ada: FlaskClient) -> None:
    assert upload(ada, drawn("jpeg"), decision="decoration", alternative="").status_code == 303
    assert drafts(app) == [("reply:1", f"![](/files/{hashes(app)[0]}.jpeg){{decorative}}")]
    published = submit(ada, REPLY, button="Publish")
    assert published.status_code == 303


def test_picture_without_decision_is_mended_with_one_button(ada: FlaskClient) -> None:
    upload(ada, drawn("png"), decision="decoration", alternative="")
    source = (text_given_back(ada.get(REPLY)) or "").removesuffix("{decorative}")
    refused = submit(ada, REPLY, button="Publish", source=source)
    assert (refused.status_code, words_of(refused, "#findings li strong")) == (422, ["Decide"])
    mended = send(ada, REPLY, form_of(refused), button="Mark it as decoration")
    assert text_given_back(mended) == f"{source}{{decorative}}"
    assert send(ada, REPLY, form_of(mended), button="Publish").status_code == 303


REFUSED = {
    "no decision": (
        {"decision": ""},
        ["What the picture is for: Decide first: it says something, or it is decoration."],
    ),
    "no words": (
        {"alternative": " \n"},
        ["What it shows: Write what the picture shows, or choose decoration."],
    ),
    "both": (
        {"decision": "decoration"},
        ["What it shows: You chose decoration: take these words away, or choose to describe it."],
    ),
    "too long": (
        {"alternative": "a" * 501},
        [
            "What it shows: Shorten this to 500 characters; it has 501. The rest can stand in the text."
        ],
    ),
    "file name": (
        {"alternative": "IMG_2041.JPG"},
        ["What it shows: This is a file's name. Write what the picture shows."],
    ),
    "invisible": ({"alternative": "a\u202eb"}, ["What it shows: Leave invisible characters out."]),
    "control": ({"alternative": "a\x00b"}, ["What it shows: Leave invisible characters out."]),
}


@ONE_DATABASE
@pytest.mark.parametrize("case", REFUSED)
def test_form_that_is_not_complete_keeps_what_was_typed(
    app: Flask, ada: FlaskClient, case: str
) -> None:
    values, messages = REFUSED[case]
    before = everything(app)
    answer = upload(ada, drawn("png"), **values)
    again = "File: Choose the file again: browsers do not keep it."
    assert (answer.status_code, errors(answer)) == (422, [*messages, again])
    wanted = {"decision": "words", "alternative": "A bowl"} | values
    assert {k: v for k, v in fields_of(form_of(answer)).items() if k in wanted} == wanted
    assert everything(app) == before


@ONE_DATABASE
def test_form_without_a_file_asks_for_one(app: Flask, ada: FlaskClient) -> None:
    for data, name in ((None, ""), (b"", "")):
        answer = upload(ada, data, name=name)
        assert (answer.status_code, errors(answer)) == (422, ["File: Choose a file."])
    assert (drafts(app), hashes(app)) == ([], [])


HUGE = b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "HTML or SVG"),
        (drawn("png")[:60], "damaged or not complete"),
        (HUGE, "A picture may have 10 MB; this file has 10.0."),
        (b"\0", "no picture in PNG, JPEG, WebP or GIF"),
    ],
    ids=["svg", "broken", "huge", "text"],
)
def test_file_that_is_refused_costs_nothing_that_was_typed(
    app: Flask, ada: FlaskClient, data: bytes, words: str
) -> None:
    submit(ada, REPLY, button="Add a picture", source="Half a thought.")
    answer = upload(ada, data)
    (message,) = errors(answer)
    assert (answer.status_code, words in message) == (422, True)
    assert fields_of(form_of(answer))["alternative"] == "A bowl"
    with app.app_context():
        assert (drafts(app), hashes(app), list(stored_files())) == (
            [("reply:1", "Half a thought.")],
            [],
            [],
        )


@ONE_DATABASE
def test_moving_picture_says_that_it_stands_still_now(ada: FlaskClient) -> None:
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    moving = saved(frames[0], "gif", save_all=True, append_images=frames[1:])
    upload(ada, moving)
    said = words_of(ada.get(REPLY), ".notice")
    upload(ada, drawn("gif"))
    assert [words[:60] for words in said + words_of(ada.get(REPLY), ".notice")] == [
        "The picture is in your text. It moved; only its first frame ",
        "The picture is in your text. Preview shows it in its place.",
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("", "One.\n\nTwo é𝄞.\n\n{}"),
        ("&at=6", "One.\n\n{}\n\nTwo é𝄞."),
        ("&at=0", "{}\n\nOne.\n\nTwo é𝄞."),
        ("&at=999", "One.\n\nTwo é𝄞.\n\n{}"),
        ("&at=x", "One.\n\nTwo é𝄞.\n\n{}"),
    ],
)
@ONE_DATABASE
def test_picture_stands_where_the_caret_was(
    app: Flask, ada: FlaskClient, at: str, expected: str
) -> None:
    submit(ada, REPLY, button="Add a picture", source="One.\r\n\r\nTwo é𝄞.")
    upload(ada, drawn("png"), path=FORM + at)
    picture = f"![A bowl](/files/{hashes(app)[0]}.png)"
    assert drafts(app) == [("reply:1", expected.format(picture))]


def test_picture_for_an_edit_or_a_new_thread_keeps_their_texts(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    category = factories.category("Kilns")
    asked = submit(
        ada,
        "/new",
        button="Add a picture",
        title="A kiln",
        category=str(category.id),
        tags="cone 6",
    )
    assert asked.location == "/pictures/new?for=new"
    assert upload(ada, drawn("png"), path="/pictures/new?for=new").location == "/new#source"
    fields = fields_of(form_of(ada.get("/new")))
    picture = f"![A bowl](/files/{hashes(app)[0]}.png)"
    assert [fields[name] for name in ("title", "category", "tags", "source")] == [
        "A kiln",
        str(category.id),
        "cone 6",
        picture,
    ]
    added = upload(ada, drawn("png"), path="/pictures/new?for=edit:1")
    assert added.location == "/t/1/1/edit#source"
    assert text_given_back(ada.get("/t/1/1/edit")) == f"How do you get a fine crackle?\n\n{picture}"


def test_same_picture_from_two_members_is_one_file(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    bob = factories.signed_in(factories.member("Bob"))
    for browser in (ada, ada, bob):
        assert upload(browser, drawn("png")).status_code == 303
    with app.app_context():
        uploads = rows(select(Upload.picture, Upload.member_id))
        assert (len(hashes(app)), len(uploads), len(list(stored_files()))) == (1, 2, 1)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/pictures/new?for=reply:1", 403),
        ("/pictures/new?for=reply:2", 404),
        ("/pictures/new?for=edit:1", 403),
        ("/pictures/new?for=edit:99", 404),
        ("/pictures/new?for=../secret", 404),
        ("/pictures/new?for=reply:0", 404),
        ("/pictures/new?for=reply:" + "9" * 18, 404),
    ],
)
def test_who_may_not_write_there_is_not_asked_for_a_picture(
    factories: Factories, client: FlaskClient, author: Person, path: str, status: int
) -> None:
    browser = client if "reply:1" in path else factories.signed_in(factories.member("Bob"))
    assert browser.get(path).status_code == status


@ONE_DATABASE
def test_picture_after_signing_out_gives_its_words_back(app: Flask, ada: FlaskClient) -> None:
    form = fields_of(form_of(ada.get(FORM))) | {"decision": "words", "alternative": "A long bowl"}
    submit(ada, "/sign-out")
    before = everything(app)
    answer = ada.post(FORM, data=form | {"picture": (BytesIO(drawn("png")), "x.png")})
    assert answer.status_code in (400, 403)
    assert [t.get_text().strip() for t in page_of(answer).select("textarea")] == ["A long bowl"]
    assert everything(app) == before


@ONE_DATABASE
def test_very_many_pictures_within_an_hour_are_too_many(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    with app.test_request_context(), transaction():
        for _ in range(PICTURES_BY_MEMBER.times - 1):
            count_attempt(PICTURES_BY_MEMBER, str(author.id))
    answers = [upload(ada, drawn("png")) for _ in range(2)]
    last = answers[1]
    assert [a.status_code for a in answers] == [303, 429]
    assert "Retry-After" in last.headers
    assert fields_of(form_of(last))["alternative"] == "A bowl"


@ONE_DATABASE
def test_only_pictures_may_be_sent_in_large_requests(app: Flask, ada: FlaskClient) -> None:
    form = fields_of(form_of(ada.get(REPLY))) | {"source": "x" * 1_100_000, "action": "preview"}
    other = ada.post(REPLY, data=form)
    token = fields_of(form_of(ada.get(FORM)))["csrf_token"]
    too_large = {
        "csrf_token": token,
        "picture": FileStorage(BytesIO(bytes(4 * MOST_BYTES)), "x.png"),
    }
    assert (other.status_code, post(ada, FORM, too_large).status_code) == (413, 413)
    assert hashes(app) == []
