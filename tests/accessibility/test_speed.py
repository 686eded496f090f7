"""The review is quick enough for a pause in typing, and never slow on purpose."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from forum.accessibility.check import review
from forum.accessibility.repair_all import repair_all
from forum.review import Draft
from forum.testing.pace import cpu_seconds, slowness
from forum.text.from_html import markdown_from_html

CAP = 32 * 1024
THREADS = Path(__file__).parents[3] / "shared" / "corpora" / "forum_threads.jsonl.gz"
OWN = "/files/" + "0a" * 32 + ".png"
PROSE = "The quick fox asks about *tokens*, and wants [an answer](/t/1) soon. "
GLOSSARY = tuple((f"ABC{number}", f"Always Be {number}") for number in range(200))

HOSTILE = {
    "capitals": "PLEASE READ **THIS** FIRST, NOW AND THEN. ",
    "acronyms and capitals": "HTML STOP ",
    "skipped headings": "# a\n### b\n##### c\n",
    "one long section": "# a\n" + "##### b\n" * 4000,
    "vague links": "[read more](/a) about ",
    "commands": "SELECT IT INTO ",
    "empty links beside words": '[](/b "c")a))))',
    "acronyms in brackets": "a (ABC1 (ABC2 ( ",
    "what somebody says": "– a\\\n– b?\\\n– c\n\n",
    "empty links": '[](/a "b")',
    "empty tables": "| |\n|-|\n|a|\n\nSome words after.\n\n",
    "one empty table": "| |\n|-|\n" + "| |\n" * 1990 + "|a|",
    "escapes": "\\!A\\*B ",
    "references": "&amp;A &lt",
    "dots": "." * CAP + "A",
    "letters": "A" * CAP,
    "fancy letters": "𝐀𝐧𝐝 *𝐀𝐋𝐋* ⓞⓕ ʜᴇʀ ",
    "rows of emoji in emphasis": "*🎉🎉🎉🎉a* ",
    "emoji in words": "a🎉ae🎉🎉ae ",
    "one word with an emoji": "🎉 " + "a" * CAP,
    "emoji as bullets": "🎉 a\n",
    "another language": "Ich freue mich sehr auf euch alle hier. ",
    "paragraphs in another language": "Ich freue mich sehr auf euch alle hier.\n\n",
    "acronyms of the glossary": "ABC Always Be ",
    "typed bullets": "• a\\\n• b\\\nx\\\n",
    "lines in bold": "# a\n\n**b c**\n\nd\n\n",
    "headings in capitals": "# NIGHT SHIFT\n",
    "drawings": " /\\_/\\\n( o.o )\n > ^ <\nx\n",
    "lists as tables": "|a|\n|-|\n\nx\n\n",
    "quotes": ">" * 50 + " AND SO ON\n",
    "long addresses": "https://example.org/a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p ",
    "one long address": "https://example.org/" + "a-" * CAP,
    "files": "[Handbook](/h.pdf) ",
    "the same twice": "[a](/b) ",
    "recordings": "[a](/b.mp4) x ",
    "pictures": f"![picture of a bowl]({OWN}) a bowl ",
    "pictures in one link": "[" + f"![a bowl]({OWN})" * 180 + "a bowl" * 2000 + "](/b)",
    "one long alternative": "![" + "image.of.a-1 " * 2400 + f"]({OWN})",
    "one long name": "![" + "a.png" * 6000 + f"]({OWN})",
}


def filled(text: str) -> str:
    """``text`` over and over, as long as a post may be."""
    return (text * (CAP // len(text) + 1))[:CAP]


def seconds(source: str, enough: float = 1) -> float:
    """CPU seconds that a review takes."""
    return cpu_seconds(lambda: review(Draft(source, glossary=GLOSSARY)), enough=enough)


def test_32_kib_of_prose_take_under_300_milliseconds() -> None:
    source = filled(PROSE)
    assert seconds(source, 0.3) < 0.3


SHORT = [
    n
    for n in HOSTILE
    if n not in ("lines in bold", "headings in capitals", "drawings", "lists as tables")
][::4]


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.full] * (n not in SHORT)) for n in HOSTILE]
)
def test_nothing_at_the_cap_takes_a_second(name: str) -> None:
    source = filled(HOSTILE[name])
    assert seconds(source) < 1


@pytest.mark.full
@pytest.mark.parametrize("name", HOSTILE)
def test_repairing_all_at_the_cap_takes_under_three_seconds(name: str) -> None:
    source = filled(HOSTILE[name])
    assert cpu_seconds(lambda: repair_all(Draft(source)), enough=3) < 3


@pytest.mark.skipif(not THREADS.exists(), reason="the corpus forum_threads is not here")
def test_median_real_post_takes_under_5_milliseconds() -> None:
    with gzip.open(THREADS, "rt", encoding="utf-8") as lines:
        bodies = [json.loads(line)["body_html"] for line, _ in zip(lines, range(400), strict=False)]
    sources = [markdown_from_html(body).source for body in bodies]
    taken = sorted(seconds(source) for source in sources)
    slower = slowness()
    assert taken[len(taken) // 2] / slower < 0.005
    assert taken[len(taken) * 99 // 100] / slower < 0.02
