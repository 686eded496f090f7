"""What the two sanitisers let through together."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from forum.errors import Invalid
from forum.text import caps
from forum.text.markdown import normalize, render
from forum.text.pipeline import html_of
from forum.text.sanitize import sanitize
from tests.text.reading import dangers, rows


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a <em>b</em></p>", "<p>a <em>b</em></p>"),
        ("<script>alert(1)</script>a", "a"),
        ("<p onclick='x' style='color:red' class='x' id='y'>a</p>", "<p>a</p>"),
        ("<h1>a</h1><font>b</font>", "ab"),
        ("<a href='javascript:x'>a</a>", '<a rel="nofollow ugc noopener">a</a>'),
        ("<a href='//e.org'>a</a>", '<a rel="nofollow ugc noopener">a</a>'),
        ("<a href='page'>a</a>", '<a rel="nofollow ugc noopener">a</a>'),
        (
            "<a rel='follow' target='_top' href='https://e.org/?a&amp;b'>a</a>",
            '<a href="https://e.org/?a&amp;b" rel="nofollow ugc noopener">a</a>',
        ),
        ("<img src='https://e.org/x.png' alt='a'>", '<img alt="a">'),
        ("<img src='/files/../x' alt='a'>", '<img alt="a">'),
        ("<img src='/files/1' onerror='x'>", '<img src="/files/1">'),
        ("<input type='password' name='x'>", '<input disabled type="checkbox">'),
        ("<div role='alert' tabindex='5'>a</div>", "<div>a</div>"),
        ("<li id='main' class='task evil'>a</li>", "<li>a</li>"),
        ("<li id='fn-1-2' class='task'>a</li>", '<li class="task" id="fn-1-2">a</li>'),
        ("<code class='language-c evil'>a</code>", "<code>a</code>"),
        (
            "<span lang='fr'>a</span><span lang='x y'>b</span>",
            '<span lang="fr">a</span><span>b</span>',
        ),
        ("a<!-- b --><![CDATA[c]]>", "a"),
        ("<svg><script>a</script></svg><math>b</math>", "b"),
        ("<p>a", "<p>a</p>"),
    ],
)
def test_only_what_the_table_names_remains(html: str, expected: str) -> None:
    once = sanitize(html)
    assert once == expected
    assert dangers(once) == []


def findings(payload: str) -> list[str]:
    """What is dangerous, or changes when cleaned again, of a payload taken as HTML."""
    try:
        caps.check_html(payload)
    except Invalid:
        return []
    once = sanitize(payload)
    return dangers(once) + ([once] if sanitize(once) != once else [])


def findings_as_post(payload: str) -> list[str]:
    """The same of a payload written as a post."""
    try:
        html = html_of(normalize(payload), post_id=1)
    except Invalid:
        return []
    return dangers(html) + ([html] if sanitize(html) != html else [])


def all_findings(hostile: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    found = [
        (row["id"], findings(row["payload"]) + findings_as_post(row["payload"])) for row in hostile
    ]
    return [(name, what) for name, what in found if what]


def test_sample_of_hostile_strings_is_harmless_and_settles_at_once(corpora: Path) -> None:
    sample = rows(corpora, "xss.jsonl")[::20]
    assert len(sample) == 227
    assert all_findings(sample) == []


@pytest.mark.full
def test_all_hostile_strings_are_harmless_and_settle_at_once(corpora: Path) -> None:
    assert all_findings(rows(corpora, "xss.jsonl")) == []


def test_the_search_for_dangers_finds_them(corpora: Path) -> None:
    active = [row for row in rows(corpora, "xss.jsonl")[::20] if row["looks_active"]]
    found = [row for row in active if dangers(row["payload"])]
    assert len(found) > len(active) / 3


def unsettled(examples: list[dict[str, Any]]) -> list[str]:
    """Examples that change when cleaned a second time, in our rendering or the published one."""
    both = [
        (row["id"], sanitize(html))
        for row in examples
        for html in (render(normalize(row["markdown"]), post_id=1), row["html"])
    ]
    return [name for name, once in both if sanitize(once) != once]


def test_sample_of_published_examples_settles_at_once(corpora: Path) -> None:
    assert unsettled(rows(corpora, "markdown_examples.jsonl")[::10]) == []


@pytest.mark.full
def test_all_published_examples_settle_at_once(corpora: Path) -> None:
    assert unsettled(rows(corpora, "markdown_examples.jsonl")) == []


def test_threads_do_not_disturb_each_other() -> None:
    done: list[bool] = []

    def clean(word: str) -> None:
        html = f"<p><em>{word}</em></p>" * 20
        done.append(all(sanitize(html) == html for _ in range(10)))

    threads = [threading.Thread(target=clean, args=(word,)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 4
