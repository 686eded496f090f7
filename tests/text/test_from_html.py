"""HTML of other forums becomes Markdown that our own pipeline shows as the same words.

Both sides are read with html5lib, a parser other than the converter's own, so that an error of
one is not an error of both.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.errors import Invalid
from forum.testing.pace import cpu_seconds
from forum.text import caps
from forum.text.from_html import (
    Converted,
    Picture,
    escape,
    markdown_from_comment,
    markdown_from_html,
    markdown_from_text,
)
from forum.text.markdown import normalize
from forum.text.pipeline import html_of

CODE = {"code", "kbd", "samp", "tt"}
INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "del", "dfn", "em", "font", "i", "img"),
    *("ins", "mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "u", "var"),
    *("wbr", *CODE),
}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
NO_HOST = re.compile("https?://[^/]*%20")
"""A space in the host's name: browsers take that for no address, so nothing can be followed."""


@dataclass
class Found:
    """What is in a body, each list in the order of the text.

    Links are (text, address), a link that blocks cut in several is several; pictures outside of
    links are links. The code of a block has no newline at its end, and no links in it: Markdown
    has none there.
    """

    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)


def found_in(html: str, base: str = "") -> Found:
    """Everything a reader finds in ``html``, a fragment of a page at ``base``."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    reader = Reader(base)
    reader.read(tree)
    links = [(folded("".join(words)), href) for words, href in reader.links.values()]
    code = ["".join(words) for words in reader.code.values()]
    quotes = [folded("".join(words)) for words in reader.quotes]
    return Found(folded("".join(reader.text)), links, code, quotes)


def folded(text: str) -> str:
    """``text`` with every run of space as one."""
    return " ".join(text.split())


def address(href: str) -> str:
    """``href`` as a browser sends it."""
    encoded = quote(href.strip(), safe="%!#$&'()*+,/:;=?@~")
    return re.sub("%(?![0-9A-Fa-f]{2})", "%25", encoded)


class Reader:
    def __init__(self, base: str) -> None:
        self.base = base
        self.text: list[str] = []
        self.links: dict[object, tuple[list[str], str]] = {}
        self.code: dict[object, list[str]] = {}
        self.quotes: list[list[str]] = []
        self.inside: list[list[str]] = []
        self.link: tuple[object, str] | None = None
        self.in_code: object = None
        self.in_pre = False
        self.segment = 0

    def read(self, element: Any) -> None:
        self.say(element.text or "")
        for child in element:
            self.enter(child)
            self.say(child.tail or "")

    def say(self, words: str) -> None:
        self.text.append(words)
        for inside in self.inside:
            inside.append(words)
        if self.in_code is not None and words:
            code = words if self.in_pre else words.replace("\n", " ")
            self.code.setdefault(self.in_code, []).append(code)
        if self.link is not None and words.strip():
            self.linked(words)
        elif self.link is not None and (entry := self.links.get((self.link[0], self.segment))):
            entry[0].append(words)

    def linked(self, words: str) -> None:
        assert self.link is not None
        key = (self.link[0], self.segment)
        self.links.setdefault(key, ([], self.link[1]))[0].append(words)

    def enter(self, element: Any) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in ("script", "style", "title"):
            return
        if tag == "br":
            self.say("\n")
        elif tag == "img":
            self.picture(element)
        elif tag == "a" and self.in_pre:
            self.read(element)
        elif tag == "a" and self.href(element, "href") is not None:
            self.anchor(element)
        elif tag == "a" and re.match("ftp:", element.get("href", "")):
            self.read(element)
            self.say(f" ({element.get('href')})")
        elif tag == "sup" and re.search("[0-9]$", self.text[-1] if self.text else ""):
            self.say((element.text or "").translate(RAISED))
        elif tag in CODE and self.in_code is None:
            self.coded(element)
        elif tag in INLINE or tag in CODE:
            self.read(element)
        else:
            self.block(element)

    def href(self, element: Any, name: str) -> str | None:
        raw = element.get(name)
        if raw is None or re.match(r"(?!https?:|mailto:)[a-z.+-]+:", raw.strip(), re.I):
            return None
        href = address(urljoin(self.base, raw.strip()))
        return None if NO_HOST.match(href) else href

    def anchor(self, element: Any) -> None:
        self.link = (element, self.href(element, "href") or "")
        if not "".join(element.itertext()).strip() and element.find(".//img") is None:
            self.linked("")
        self.read(element)
        self.link = None

    def picture(self, element: Any) -> None:
        words = element.get("alt", "").strip() or "picture"
        href = self.href(element, "src")
        if href and self.link is None:
            self.link = (element, href)
            self.say(words)
            self.link = None
        else:
            self.say(words)

    def coded(self, element: Any) -> None:
        self.in_code = element
        self.read(element)
        self.in_code = None

    def block(self, element: Any) -> None:
        self.apart()
        if element.tag == "pre":
            self.preformatted(element)
        elif element.tag == "blockquote":
            self.quotes.append([])
            self.inside.append(self.quotes[-1])
            self.read(element)
            self.inside.pop()
        else:
            self.read(element)
        self.apart()

    def preformatted(self, element: Any) -> None:
        self.in_code, self.in_pre = element, True
        self.code[element] = []
        self.read(element)
        self.code[element] = ["".join(self.code[element]).removesuffix("\n")]
        self.in_code, self.in_pre = None, False

    def apart(self) -> None:
        self.segment += 1
        self.text.append(" ")
        for inside in self.inside:
            inside.append(" ")


def shown(source: str) -> str:
    return html_of(normalize(source), post_id=1)


def assert_survives(html: str, base: str = "https://old.example/q/1") -> None:
    source = markdown_from_html(html, base=base).source
    assert found_in(shown(source)) == found_in(html, base), source


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One<section>Two</section>Three</div>", "One\n\nTwo\n\nThree"),
        ("<p> One\n  <br> two<br></p>", "One\\\ntwo"),
        ("<p><em>a</em> <strong>b</strong> <del>c</del></p>", "*a* **b** ~~c~~"),
        ("<p><i>a <b>b</b></i></p>", "_a **b**_"),
        ("<p>a<strong> b </strong>c</p>", "a **b** c"),
        ("<p>a<strong>b:</strong>c</p>", "a**b:**&#99;"),
        ("<p><b>a</b><i>b</i></p>", "**a**_b_"),
        ("<p><b>a</b><a href=/x><b>b</b>c</a></p>", "**a**[**b**c](https://old.example/x)"),
        ("<p><a href='https://b.example/'>https://b.example/</a></p>", "<https://b.example/>"),
        ("<p>https://b.example/ is no link</p>", "https\\://b.example/ is no link"),
        ("<p><a href='/a b(c'>x]</a></p>", "[x\\]](https://old.example/a%20b\\(c)"),
        ("<p>Wow!<a href='/x'>y</a></p>", "Wow\\![y](https://old.example/x)"),
        ("<p><a href='javascript:alert(1)'>x</a></p>", "x"),
        ("<p><a href='/x'></a></p>", "[](https://old.example/x)"),
        ("<p><code>a`b</code> <kbd>Ctrl</kbd></p>", "``a`b`` `Ctrl`"),
        ("<p><code>`</code></p>", "`` ` ``"),
        ("<pre class='lang-py'><code>x\n\n  y\n</code></pre>", "```py\nx\n\n  y\n```"),
        ("<pre><div>a</div><div>b<br>c</div></pre>", "```\na\nb\nc\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<h2>Title #</h2><h3>A<br>b</h3>", "## Title \\#\n\n### A b"),
        ("<hr><p>a</p>", "___\n\na"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
        ("<ul><li>a<ol start=3><li>b</ol></ul>", "- a\n\n  3. b"),
        ("<ul><li><p>a</p><pre>b\n\nc</pre></ul>", "- a\n\n  ```\n  b\n\n  c\n  ```"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
        ("<ul><li>a<li><li>b</ul>", "- a\n-\n- b"),
        ("<dl><dt>Term<dd>Meaning</dl>", "**Term**\n\nMeaning"),
        (
            "<table><tr><th>a<th align=right>b<tr><td><code>x|y</code></table>",
            "| a | b |\n| --- | --: |\n| `x\\|y` |  |",
        ),
        ("<table><tr><td>a<td>b</table>", "|  |  |\n| --- | --- |\n| a | b |"),
        ("<table><tr><td>a<td><ul><li>b</ul></table>", "a\n\n- b"),
        ("<p>10<sup>6</sup> CO<sub>2</sub></p>", "10⁶ CO2"),
        ("<p>$\\frac{a_1}{b}$ 2 * 3</p>", "$\\frac{a\\_1}{b}$ 2 \\* 3"),
        ("<p>a &lt; b, &lt;b&gt; &amp;amp;</p>", "a < b, \\<b> \\&amp;"),
        ("<p>1. a<br># b<br>- c<br>---</p>", "1\\. a\\\n\\# b\\\n\\- c\\\n\\---"),
        ("<script>x</script><style>y</style><!-- z --><p></p>", ""),
        ("<p>a\x01b&#8238;</p>", "ab\u202e"),
    ],
)
def test_each_construct_has_its_markdown(html: str, source: str) -> None:
    assert markdown_from_html(html, base="https://old.example/q/1").source == source


@pytest.mark.parametrize(
    "html",
    [
        "<p>a<strong>“b”</strong>c <em>(d)</em>e f<s>.</s>g</p>",
        "<p><em>a<strong>b</strong></em><strong>c</strong><em>d</em></p>",
        "<p>c\\c<em>:</em> c<b>1<i>1</i></b> <s>1<a href='/x'><s><br>1</s>1</a></s></p>",
        "<p>un<em>frigging</em>believable <em>a</em><em>b</em></p>",
        "<p>snake_case _a_ __b__ *c* **d** ~~e~~ ~f~ `g` [h](i) ![j](k) [l]: m [^n] ^[o]</p>",
        "<p>[x] {lang=fr} <a href='/b'>b</a>{lang=fr} a^<a href='/c'>c</a></p>",
        "<p>a<br>===<br>+ b<br>&gt; c<br>12) d<br>```<br>~~~<br>| e |<br>|---|<br>:--<br>= f</p>",
        "<p>&amp;copy; &amp;#65; &lt;http://a.example&gt; &lt;!-- b --&gt; \\* \\</p>",
        "<p>שלום <em>עולם</em> &#8235;مرحبا&#8236; 🙂<b>🙂</b>日本<em>「語」</em>です</p>",
        "<p>a&nbsp;<b>&nbsp;b</b>&nbsp;&nbsp;c</p>",
        "<ul><li><blockquote>a</blockquote><li><hr><li><h2>b</h2><li><ul><li>c</ul></ul>",
        "<ol start=999999999><li>a<li>b</ol><ol start=0><li>c</ol>",
        "<ul><li>a<ul><li></li></ul></li></ul>",
        "<ul>a<li>b</li>c<ul><li>d</ul></ul>",
        "<blockquote><ul><li><pre>\ta\n  b</pre><code> c </code>,<code>  </code></ul></blockquote>",
        "<p><a href='/x'>a <em>b</em> <code>c</code><br>d</a><a href='/y'>e</a></p>",
        "<a href='/x'><p>a</p><blockquote>b</blockquote></a>",
        "<p><em>a<p>b</em></p><p><a href='/x'>c<p>d</a>",
        "<p><a href='/a?b=1&amp;copy;=2&lt;3`|\"\\'>x|y</a> <a href='mailto:a@b.example'>z</a></p>",
        "<p><a href='ftp://a.example/b'>c</a></p>",
        "<table><caption>a</caption><tr><th>b<td>c|d<tr><td><p>e</p><p>f<br>g</table><p>h",
        "<details><summary>a</summary>b</details><figure><figcaption>c</figcaption></figure>",
    ],
)
def test_awkward_html_survives(html: str) -> None:
    assert_survives(html)


def test_pictures_become_links_with_their_words() -> None:
    html = (
        '<p><img src="/a.png" alt="A  cat"><img src="b.png" alt="">'
        '<a href="/c"><img src="/d.png" alt="Door"></a><img src="data:image/png,x" alt="Dot"></p>'
    )
    old = "https://old.example"
    assert markdown_from_html(html, base=f"{old}/q/1") == Converted(
        f"[A cat]({old}/a.png)[picture]({old}/q/b.png)[Door]({old}/c)Dot",
        (
            Picture("A cat", f"{old}/a.png"),
            Picture("", f"{old}/q/b.png"),
            Picture("Door", f"{old}/d.png"),
            Picture("Dot", ""),
        ),
    )
    assert_survives(html)


def test_address_that_a_post_may_not_link_to_stands_behind_its_words() -> None:
    html = '<a href="ftp://a.example/b">The list</a>, <a href="c.html">more</a>'
    assert markdown_from_html(
        html
    ).source == "The list (ftp\\://a.example/b), more (c.html)".replace("ftp\\:", "ftp:")


@pytest.mark.parametrize(
    ("html", "limit"),
    [
        ("<div>" * 50_000, "HTML tags"),
        ("<" * 1_000_000, "262,144 bytes"),
        ("<span>" * 5_000, "100 elements inside each other"),
        ("<blockquote>" * 21 + "x", "20 quotes, lists and tables inside each other"),
        ("<ul><li>" * 21 + "x", "20 quotes, lists and tables inside each other"),
        ("<p>" + "".join(f"<b id={n}>" for n in range(90)) + "<p>x" * 1_000, "left open"),
        ("a\ud800b", "only halves"),
    ],
)
def test_monstrous_html_is_refused(html: str, limit: str) -> None:
    with pytest.raises(Invalid, match=limit) as refused:
        markdown_from_html(html)
    assert refused.value.field == "body"


@pytest.mark.parametrize(
    "unit",
    [
        *("<", "<em>a</em>b", "<br>1. ", "<p>x", "<a href=/x>x</a>", "<b><p></b>", "<img>"),
        *("<code>`</code>", "<!--", "<![CDATA[", "<p ", "&#", "&amp;", "_", "a_", "\\", "- ", "#"),
    ],
)
def test_work_grows_with_the_length_only(unit: str) -> None:
    tags = max(1, unit.count("<"))
    html = unit * min(caps.MAX_HTML_TAGS // tags, 100_000 // len(unit))
    assert cpu_seconds(lambda: markdown_from_html(html), enough=5) < 5


@pytest.mark.parametrize(
    "tag", ["a", "b", "code", "dd", "div", "dl", "dt", "h1", "li", "p", "span", "table", "td"]
)
def test_deep_nesting_never_crashes(tag: str) -> None:
    source = markdown_from_html(f"<{tag}>x" * 95).source
    assert source.count("x") == 95


def test_plain_text_stays_what_it_is() -> None:
    text = "# Not *this*\n1. <b> & [c](d)\n\n \n\nSee http://a.example/b_c."
    source = markdown_from_text(text)
    assert source == "\\# Not \\*this\\*\\\n1\\. \\<b> & \\[c\\](d)\n\nSee <http://a.example/b_c>."
    assert found_in(shown(source)) == Found(
        "# Not *this* 1. <b> & [c](d) See http://a.example/b_c.",
        [("http://a.example/b_c", "http://a.example/b_c")],
    )


@pytest.mark.parametrize(
    ("comment", "source"),
    [
        ("*a* **b** _c_ `d*e`", "*a* **b** *c* `d*e`"),
        ('[a b](http://c.example/d_(e) "f") [tag:x]', "[a b](http://c.example/d_(e)) \\[tag:x\\]"),
        ("**see [a](https://b.example)**", "**see [a](https://b.example)**"),
        ("(http://a.example/b_(c)), http://", "(<http://a.example/b_(c)>), http\\://"),
        ("2*3*4 snake_case_x <user> #1", "2\\*3\\*4 snake_case\\_x \\<user> #1"),
        ("# a\n\n1. b\n> c", "\\# a\n\n1\\. b\\\n\\> c"),
        ("\\*a\\* ¯\\\\_(ツ)\\_/¯", "\\*a\\* ¯\\\\\\_(ツ)\\_/¯"),
    ],
)
def test_comments_keep_their_small_markdown(comment: str, source: str) -> None:
    assert markdown_from_comment(comment) == source


CHARACTERS = st.one_of(
    st.sampled_from("\\`*_{}[]()#+-.!|~<>&;:=^$@\"' \n1aB"),
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u202d\u202e"),
)
TEXTS = st.text(CHARACTERS, max_size=40)


@given(TEXTS)
def test_any_text_survives_escaping(text: str) -> None:
    assert found_in(shown(escape(text))) == Found(" ".join(text.split()))


@given(TEXTS)
def test_any_plain_text_and_comment_keeps_its_words(text: str) -> None:
    assert found_in(shown(markdown_from_text(text))).text == " ".join(text.split())
    markup = re.compile(r"[\\*_`]")
    words = markup.sub("", found_in(shown(markdown_from_comment(text))).text)
    assert words.split() == markup.sub("", text).split()


def _element(tag: str) -> Any:
    opening = f"{tag} href='/x'" if tag == "a" else tag
    return lambda inside: f"<{opening}>{''.join(inside)}</{tag}>"


WORDS = st.text(st.sampled_from("ab1 .!(_*`[]\\~^&|{:“—é🙂"), min_size=1, max_size=4).map(
    lambda text: text.replace("&", "&amp;")
)
RUNNING = st.recursive(
    st.one_of(WORDS, WORDS.map(lambda text: f"<code>x{text}y</code>,"), st.just("<br>")),
    lambda inner: st.builds(
        lambda tag, inside: _element(tag)(inside),
        st.sampled_from(["em", "strong", "s", "a", "span"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
).map(lambda html: f"c{html}")
BLOCKS = st.recursive(
    st.one_of(RUNNING, RUNNING, WORDS.map(lambda text: f"<pre>\n{text}\n\n {text}</pre>")),
    lambda inner: st.builds(
        lambda tag, inside: _element(tag)(
            [f"<li>{i}</li>" for i in inside] if tag in ("ul", "ol") else inside
        ),
        st.sampled_from(["p", "ul", "ol", "blockquote", "h2", "div"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@given(st.lists(RUNNING, min_size=1, max_size=4).map("".join))
def test_any_emphasis_and_links_survive(html: str) -> None:
    assert_survives(f"<p>{html}</p>")


@given(BLOCKS)
def test_any_blocks_survive(html: str) -> None:
    assert_survives(html)


def posts_of(corpora: Path) -> Iterator[dict[str, Any]]:
    """Each post of the real threads, replies after what they reply to."""
    with gzip.open(corpora / "forum_threads.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            thread = json.loads(line)
            yield thread
            yield from thread["replies"]


def lost(posts: list[dict[str, Any]]) -> list[str]:
    """Ids of the posts that do not survive."""
    return [
        post["id"]
        for post in posts
        if found_in(shown(markdown_from_html(post["body_html"], base=post["url"]).source))
        != found_in(post["body_html"], post["url"])
    ]


def test_every_fiftieth_real_post_survives(corpora: Path) -> None:
    sample = list(posts_of(corpora))[::50]
    assert len(sample) == 139
    assert lost(sample) == []


@pytest.mark.full
def test_every_real_post_survives(corpora: Path) -> None:
    posts = list(posts_of(corpora))
    assert len(posts) == 6_940
    assert lost(posts) == []


@pytest.mark.full
def test_every_real_comment_keeps_its_words(corpora: Path) -> None:
    comments = [c["text"] for post in posts_of(corpora) for c in post.get("comments", ())]
    assert len(comments) == 3_454
    shown_words = [words(found_in(shown(markdown_from_comment(c))).text) for c in comments]
    assert shown_words == [words(comment) for comment in comments]


def words(comment: str) -> list[str]:
    """The words of a comment, without the signs of its small Markdown and the links' addresses."""
    address = r"\]\(https?://[^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?: \"[^\"]*\")?\)"
    return re.sub(rf"{address}|[\\*_`\[\]]", "", comment).split()
