"""Taking somebody who has left out of what others wrote: whom a quotation names, and mentions.

Their words stay where others quoted them; who said them is nobody any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from forum.errors import Invalid
from forum.text.markdown import parse
from forum.text.mentions import MENTION

# The first line of a quotation, as the composer writes it: ``> [Ada wrote in #3](/t/7/3):``, also
# inside another one and with the forum's own host before the path.
ATTRIBUTION = re.compile(
    r"^(?P<signs>[ ]{0,3}>[> ]*)\[(?P<words>(?:\\.|[^\]\\\n])*)\]"
    r"\((?P<address>(?:https?://[^\s/()]+)?/t/(?P<thread>[0-9]{1,18})/(?P<number>[0-9]{1,9}))\):[ \t]*$",
    re.MULTILINE,
)


def quoted_posts(source: str) -> frozenset[tuple[int, int]]:
    """The posts that the text's quotations say they are from: thread and number of each."""
    return frozenset(
        (int(found["thread"]), int(found["number"])) for found in ATTRIBUTION.finditer(source)
    )


def without_member(
    source: str, *, handle: str, member_id: int, name: str, words_for: Callable[[int, int], str]
) -> str:
    """The text without whom it names: mentions become ``name``, quotations get other words. Code
    stays as it is in a text that mentions them nowhere else: ``@property`` in it names nobody.

    Args:
        handle: what they were mentioned by; empty when by nothing.
        name: what stands in its place, Markdown.
        words_for: Markdown for the attribution of the quotation of a post, by thread and number;
            empty leaves it as it is.
    """

    def attributed(found: re.Match[str]) -> str:
        words = words_for(int(found["thread"]), int(found["number"]))
        return f"{found['signs']}[{words}]({found['address']}):" if words else found[0]

    def mentioned(found: re.Match[str]) -> str:
        return name if found[1].lower() == handle else found[0]

    source = ATTRIBUTION.sub(attributed, source)
    if not handle:
        return source
    page = re.compile(rf"/members/@{re.escape(handle)}(?![_.-]*[^\W_])", re.IGNORECASE)
    return _unless_in_code(
        source, lambda words: MENTION.sub(mentioned, page.sub(f"/members/{member_id}", words))
    )


def _unless_in_code(source: str, change: Callable[[str], str]) -> str:
    changed = change(source)
    if changed == source:
        return source
    begin, is_meant = 0, False
    for start, end in [*sorted(_code_in(source)), (len(source), len(source))]:
        words = source[begin:start]
        is_meant = is_meant or change(words) != words
        begin = max(begin, end)
    return changed if is_meant else source


def _code_in(source: str) -> Iterator[tuple[int, int]]:
    """The characters of each piece of code; none of a text that no parser can take."""
    begins = [0, *(found.end() for found in re.finditer("\n", source)), len(source)]
    try:
        tokens = parse(source)
    except Invalid:
        return
    for token in tokens:
        if token.type in ("fence", "code_block") and token.map:
            yield begins[token.map[0]], begins[min(token.map[1], len(begins) - 1)]
        for child in token.children or []:
            if child.type == "code_inline":
                yield child.meta["span"]
