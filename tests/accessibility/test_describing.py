"""An alternative is written anew in its place, and nothing else of the source changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forum.accessibility.describing import described, own_pictures, picture_at
from forum.accessibility.document import Document
from forum.review import Span
from forum.text.pictures import picture_address

BOWL, KILN = (picture_address(digit * 64, "png") for digit in "ab")
# What is written, and the same with "A bowl" for the picture of the bowl, and as decoration.
WRITTEN = {
    f"![]({BOWL})": (f"![A bowl]({BOWL})", f"![]({BOWL}){{decorative}}"),
    f"![old]({BOWL})": (f"![A bowl]({BOWL})", f"![]({BOWL}){{decorative}}"),
    f"![]({BOWL}){{decorative}}": (f"![A bowl]({BOWL})", f"![]({BOWL}){{decorative}}"),
    f"![Schale]({BOWL}){{lang=de}}": (
        f"![A bowl]({BOWL}){{lang=de}}",
        f"![]({BOWL}){{decorative lang=de}}",
    ),
    f'![]({BOWL} "Title")': (f'![A bowl]({BOWL} "Title")', f'![]({BOWL} "Title"){{decorative}}'),
    f"![](<{BOWL}>)": (f"![A bowl](<{BOWL}>)", f"![](<{BOWL}>){{decorative}}"),
    f"![a [b](c) d]({BOWL})": (f"![A bowl]({BOWL})", f"![]({BOWL}){{decorative}}"),
    f"![bowl]\n\n[bowl]: {BOWL}": (
        f"![A bowl]({BOWL})\n\n[bowl]: {BOWL}",
        f"![]({BOWL}){{decorative}}\n\n[bowl]: {BOWL}",
    ),
}
AROUND = ("{}", "Before {} after.", "> - {}\n", "| a | {} |\n|--|--|\n| {} | b |")


def put(source: str, words: str, address: str = BOWL) -> str:
    document = Document.parse(source)
    return described(
        document, {p.span: words for p in own_pictures(document) if p.address == address}
    )


def test_words_and_decoration_are_written_in_their_place() -> None:
    assert {source: (put(source, "A bowl"), put(source, "")) for source in WRITTEN} == WRITTEN


def test_everything_around_stays() -> None:
    for around in AROUND:
        for number in (1, around.count("{}")):
            source = around.replace("{}", f"![]({BOWL})", number).replace("{}", f"![]({KILN})")
            expected = source.replace(f"![]({BOWL})", f"![A bowl]({BOWL})")
            assert put(source, "A bowl") == expected


def test_other_pictures_are_found_by_their_place_only() -> None:
    source = f"![]({BOWL})\n\n![](https://example.org/x.png)\n\n`![]({BOWL})` ![]({KILN})"
    document = Document.parse(source)
    assert [picture.address for picture in own_pictures(document)] == [BOWL, KILN]
    at = source.rindex("![")
    assert picture_at(document, Span(at, len(source))) == own_pictures(document)[1]
    assert picture_at(document, Span(1, 2)) is picture_at(document, None) is None


@given(words=st.text(st.characters(exclude_categories=["Cc", "Cs"])), second=st.booleans())
def test_whatever_is_said_is_what_is_read(words: str, second: bool) -> None:
    source = f'| ![x]({BOWL}) | ![y]({KILN} "t") |\n|--|--|\n'
    address, other = (KILN, BOWL) if second else (BOWL, KILN)
    after = put(source, words, address)
    by_address = {p.address: p for p in own_pictures(Document.parse(after))}
    assert by_address[address].text == " ".join(words.split())
    assert by_address[address].decorative == (not words.split())
    assert by_address[other].text == ("x" if second else "y")
    assert put(after, words, address) == after
