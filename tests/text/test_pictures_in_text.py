"""Pictures in a text: written so that the words come out as they went in, and found again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forum.text.pictures import (
    hashes_in,
    picture_address,
    picture_markdown,
    pictures_shown,
)
from forum.text.pipeline import html_of
from tests.text.reading import elements

HASH = "0a" * 32
ADDRESS = f"/files/{HASH}.png"
TRICKY = "[]()!\\`*_~^{}<>&|@:/#$\"' \t\nabé1.-+="


def shown(source: str, **options: object) -> list[dict[str, str]]:
    """The attributes of each picture that the source shows."""
    html = html_of(source, post_id=1, **options)  # type: ignore[arg-type]
    return [dict(e.attrib) for e in elements(html) if e.tag == "img"]


@given(
    st.one_of(
        st.text(TRICKY, max_size=40),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40),
    )
)
def test_alternative_comes_out_as_it_was_written(words: str) -> None:
    (picture,) = shown(f"Look:\n\n{picture_markdown(ADDRESS, words)}\n\nDone.")
    expected = " ".join(words.split()).translate(dict.fromkeys((0x202D, 0x202E)))
    assert (picture["src"], picture["alt"]) == (ADDRESS, expected)


def test_alternative_is_no_mention_link_or_footnote() -> None:
    words = "@ada: https://example.org, ada@example.org, [^1] and :)"
    source = f"{picture_markdown(ADDRESS, words)}\n\n[^1]: note"
    html = html_of(source, post_id=1, mentions={"ada": 1})
    assert [e.tag for e in elements(html)] == ["p", "img"]
    assert f'alt="{words}"' in html


def test_picture_without_words_is_written_as_decoration() -> None:
    assert picture_markdown(ADDRESS, " \n") == f"![]({ADDRESS}){{decorative}}"


def test_picture_of_known_size_keeps_its_place_free() -> None:
    (known,) = shown(f"![a]({ADDRESS})", pictures={ADDRESS: (40, 20)})
    (unknown,) = shown(f"![a]({ADDRESS})")
    assert {**unknown, "width": "40", "height": "20"} == known


def test_pictures_shown_are_those_and_only_those() -> None:
    other = f"/files/{'1b' * 32}.jpeg"
    source = (
        f'![say "src=/files/no.png" > it]({ADDRESS} "src=/files/no") `![]({ADDRESS})` '
        f"![](/files/a&b.png){{decorative}} [link](/files/not-shown.png) ![x](https://example.org/)"
        f"\n\n[^1] [^2]\n\n[^1]: ![in a note]({other})"
    )
    assert pictures_shown(html_of(source, post_id=1)) == {ADDRESS, other, "/files/a&b.png"}


def test_hashes_are_found_wherever_they_may_stand() -> None:
    source = (
        f"![a]({ADDRESS}) `{picture_address('1b' * 32, 'gif')}` <{ADDRESS}> /files/{HASH[:-1]}.png"
    )
    assert hashes_in(source) == {HASH, "1b" * 32}
