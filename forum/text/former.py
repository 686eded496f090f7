"""Taking somebody who has left out of what others wrote: whom a quotation names, and mentions.

Their words stay where others quoted them; who said them is nobody any more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from forum.text.mentions import MENTION

# The first line of a quotation, as the composer writes it: ``> [Ada wrote in #3](/t/7/3):``, also
# inside another one and with the forum's own host before the path.
ATTRIBUTION = re.compile(
    r"^(?P<signs>[ ]{0,3}>[> ]*)\[(?P<words>(?:\\.|[^\]\\\n])*)\]"
    r"\((?P<address>(?:https?://[^\s/()]+)?/t/(?P<thread>\d{1,18})/(?P<number>\d{1,18}))\):[ \t]*$",
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
    """The text without whom it names: mentions become ``name``, quotations get other words.

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
    return MENTION.sub(mentioned, page.sub(f"/members/{member_id}", source))
