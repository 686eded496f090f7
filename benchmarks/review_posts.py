"""The real posts by which the review is measured, as an import brings them in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.report import CannotMeasure
from benchmarks.review_examples import CORPORA
from forum.text.from_html import markdown_from_html

THREADS = CORPORA / "forum_threads.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Post:
    """One post: its id in the corpus and its Markdown."""

    id: str
    source: str


def real_posts() -> Iterator[Post]:
    """All posts of ``THREADS``, first those that open a thread and then its replies.

    Raises:
        CannotMeasure: the file is not there.
    """
    if not THREADS.is_file():
        raise CannotMeasure(f"{THREADS} is not there; --no-speed leaves the real posts out.")
    with gzip.open(THREADS, "rt", encoding="utf-8") as lines:
        for line in lines:
            thread = json.loads(line)
            for post in (thread, *thread["replies"]):
                source = markdown_from_html(post["body_html"], base=post["url"]).source
                yield Post(post["id"], source)
