"""The page "Check a palette": for everybody, with limits, and with an address to share."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.testing.application import count_statements
from forum.testing.factories import Factories
from tests.evidence import links_of, page_of, words_of


@pytest.fixture(autouse=True)
def community(factories: Factories) -> None:
    """A forum that is set up."""
    factories.community()


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_page_without_colours_is_a_form_with_an_example(client: FlaskClient) -> None:
    page = client.get("/palette")
    (example,) = links_of(page, "form .actions a")
    shown = client.get(example)
    assert (page.status_code, words_of(page, "table")) == (200, [])
    assert (shown.status_code, words_of(shown, "h2")) == (
        200,
        ["6 pairs", "How others see these colours"],
    )


def test_every_pair_says_what_it_is_good_for_and_what_would_do(client: FlaskClient) -> None:
    page = client.get("/palette", query_string={"colours": "#777, teal", "backgrounds": "#fff"})
    rows = words_of(page, "#pairs ~ .table-region tbody tr")
    assert rows == [
        "#777777 on #ffffff 4.47 too weak passes AA passes AA at least 4.47 #767676 for text",
        "teal #008080 on #ffffff 4.77 passes AA passes AAA passes AA at least 4.32 not needed",
    ]
    assert "1 pair is too weak for text." in page.text


def test_colours_that_look_alike_to_somebody_are_named(client: FlaskClient) -> None:
    page = client.get("/palette", query_string={"colours": "#9b1c1c #5c5c14"})
    (row,) = words_of(page, "#pairs ~ .table-region tbody tr")
    assert row.startswith("#9b1c1c and #5c5c14 1.16 too weak")
    assert "Looks alike: Deuteranopia (no cone for green)" in row
    seen = words_of(page, "#seen ~ .table-region tbody tr")
    assert [row.split()[:2] for row in seen] == [["#9b1c1c", "#9b1c1c"], ["#5c5c14", "#5c5c14"]]


def test_colours_are_drawn_without_a_style_of_their_own(client: FlaskClient) -> None:
    page = client.get("/palette?colours=777777&backgrounds=ffffff")
    (swatch, *_) = page_of(page).select("th svg")
    fills = [part["fill"] for part in swatch.select("[fill]")]
    assert (fills, swatch["aria-hidden"]) == (["#ffffff", "#777777"], "true")
    assert page_of(page).select("main [style]") == []


def test_address_to_share_shows_the_same(client: FlaskClient, app: Flask) -> None:
    page = client.get(
        "/palette", query_string={"colours": "rgb(11, 92, 83)\nTeal", "backgrounds": " #FFF "}
    )
    (address,) = links_of(page, "section > p a")
    parts = urlsplit(address)
    assert parts.query == "colours=0b5c53+Teal&backgrounds=ffffff"
    again = client.get(f"{parts.path}?{parts.query}")
    assert words_of(again, "table") == words_of(page, "table")
    assert links_of(again, "section > p a") == [address]


@pytest.mark.parametrize(
    ("colours", "backgrounds", "field", "words"),
    [
        ("gren", "", "colours", "“gren” is not a colour that we know."),
        ("#fff", "blak", "backgrounds", "“blak” is not a colour that we know."),
        ("#11223344, #fff", "", "colours", "One can see through “#11223344”"),
        ("rgb(1,2,999), #fff", "", "colours", "a part is too large"),
        ("teal", "", "colours", "Give at least two colours, or one and a background."),
        ("", "teal", "colours", "Give at least two colours, or one and a background."),
        ("x" * 401, "", "colours", "This is 401 characters long"),
        (" ".join(f"{n:06x}" for n in range(11)), "", "colours", "There are 11 colours"),
        ("<script>alert(1)</script>", "", "colours", "is not a colour that we know."),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_given_back(
    client: FlaskClient, colours: str, backgrounds: str, field: str, words: str
) -> None:
    page = client.get("/palette", query_string={"colours": colours, "backgrounds": backgrounds})
    given_back = page_of(page).select_one("textarea#colours")
    assert given_back is not None
    assert given_back.get_text().strip() == colours
    assert (page.status_code, words_of(page, "table")) == (422, [])
    assert words in " ".join(words_of(page, f"#{field}-error"))
    assert "<script>alert" not in page.text


def test_page_costs_the_same_statements_whatever_is_compared(
    client: FlaskClient, app: Flask
) -> None:
    many = " ".join(f"{n * 1_600_000:06x}" for n in range(10))
    counts = []
    for colours in ("000 fff", many):
        with count_statements(app) as statements:
            assert client.get("/palette", query_string={"colours": colours}).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
