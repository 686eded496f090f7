"""Tokens of a post to HTML, made for a page on which many posts stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from forum.text.allowed import LANGUAGE_NAME, is_own_picture

TOP_HEADING = 3
"""The page has h1, each post h2; what the author writes begins below."""

Tokens = Sequence[Token]


@dataclass(frozen=True, slots=True)
class Labels:
    """The few words that are written into posts by us, in one language.

    Attributes:
        picture: a picture from elsewhere that has no words.
        table: the name of a table without headers.
        back: the name of the way back from a footnote, with ``%(name)s`` for its number.
    """

    picture: str = "picture"
    table: str = "Table"
    back: str = "Back to reference %(name)s"


class PostRenderer(RendererHTML):
    """markdown-it's renderer for posts. ``env["post_id"]`` keeps ids of posts on one page apart."""

    def render(self, tokens: Tokens, options: OptionsDict, env: EnvType) -> str:
        """The HTML of ``tokens``, not sanitised yet."""
        levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
        env["shift"] = TOP_HEADING - min(levels, default=TOP_HEADING)
        env["in_link"] = False
        return super().render(tokens, options, env)

    def _heading(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx].copy()
        token.tag = f"h{min(6, int(token.tag[1]) + env['shift'])}"
        return self.renderToken([token, *tokens[idx + 1 : idx + 2]], 0, options, env)

    def heading_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """The post's top heading becomes h3, the others keep their distance to it, down to h6."""
        return self._heading(tokens, idx, options, env)

    def heading_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """See :meth:`heading_open`."""
        return self._heading(tokens, idx, options, env)

    def link_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """Remembers that a link is open, since pictures in it cannot become links."""
        env["in_link"] = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """See :meth:`link_open`."""
        env["in_link"] = False
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A picture from our uploads; any other is a link, so readers are not tracked by it."""
        token = tokens[idx]
        source = str(token.attrs["src"])
        words = " ".join(self.renderInlineAsText(token.children, options, env).split())
        if is_own_picture(source):
            # Whoever wrote an alternative and the mark is heard: words shut nobody out.
            return _picture(token, words, env.get("pictures", {}).get(source))
        words = escapeHtml(words or _labels(env).picture)
        return words if env["in_link"] else f'<a href="{escapeHtml(source)}">{words}</a>'

    def fence(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A code block; its language, where it names one, is the class ``language-…``."""
        token = tokens[idx]
        name = unescapeAll(token.info).strip().partition(" ")[0]
        language = f' class="language-{name}"' if LANGUAGE_NAME.fullmatch(name) else ""
        code = escapeHtml(token.content)
        return f"<pre{self.renderAttrs(token)}><code{language}>{code}</code></pre>\n"

    def table_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A table, in a box that the keyboard can scroll (WCAG 2.1.1).

        A group, not a region: twenty posts with tables would flood the list of landmarks, whose
        names would have to differ. It is named after its columns, where they have names.
        """
        label = escapeHtml(_columns(tokens, idx) or _labels(env).table)
        region = f'<div class="table-region" role="group" aria-label="{label}" tabindex="0">'
        return region + self.renderToken(tokens, idx, options, env)

    def table_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """See :meth:`table_open`."""
        return "</table></div>\n"

    def th_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A header cell, for its column."""
        return f'<th scope="col"{_alignment(tokens[idx])}>'

    def td_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A cell; its alignment is a class, since posts have no inline style."""
        return f"<td{_alignment(tokens[idx])}>"

    def task_box(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A box that shows its state; the label around it holds its text."""
        checked = " checked" if tokens[idx].meta["checked"] else ""
        return f'<input type="checkbox"{checked} disabled> '

    def footnote_ref(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """The mark in the text that leads to a footnote."""
        note, ref = _note(tokens[idx], env), _ref(tokens[idx], env)
        number = tokens[idx].meta["id"] + 1
        return (
            f'<sup class="footnote-ref"><a href="#fn-{note}" id="fnref-{ref}">[{number}]</a></sup>'
        )

    def footnote_block_open(
        self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """The notes stand at the end of their post."""
        return '<div class="footnotes">\n<ol class="footnotes-list">\n'

    def footnote_block_close(
        self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """See :meth:`footnote_block_open`."""
        return "</ol>\n</div>\n"

    def footnote_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """One note."""
        return f'<li id="fn-{_note(tokens[idx], env)}" class="footnote-item">'

    def footnote_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """See :meth:`footnote_open`."""
        return "</li>\n"

    def footnote_anchor(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        """The way back from a note to the mark; U+FE0E keeps the arrow from becoming a picture."""
        ref = _ref(tokens[idx], env)
        label = escapeHtml(_labels(env).back % {"name": ref.partition("-")[2]})
        return f' <a href="#fnref-{ref}" class="footnote-backref" aria-label="{label}">↩\ufe0e</a>'


def _labels(env: EnvType) -> Labels:
    labels: Labels = env.get("labels") or Labels()
    return labels


def _picture(token: Token, words: str, size: tuple[int, int] | None) -> str:
    title = f' title="{escapeHtml(str(token.attrs["title"]))}"' if "title" in token.attrs else ""
    lang = f' lang="{escapeHtml(str(token.attrs["lang"]))}"' if "lang" in token.attrs else ""
    source = escapeHtml(str(token.attrs["src"]))
    # With its size a browser keeps its place free, so nothing moves while it is loaded.
    room = f' width="{size[0]}" height="{size[1]}"' if size else ""
    return f'<img src="{source}" alt="{escapeHtml(words)}"{title}{lang}{room} loading="lazy">'


def _columns(tokens: Tokens, idx: int) -> str:
    """The words of the header cells of the table that opens at ``idx``, at most 100 characters."""
    names = []
    for token in tokens[idx + 1 :]:
        if token.type == "thead_close":
            break
        if token.type == "inline":
            names.append("".join(child.content for child in token.children or []).strip())
    return ", ".join(name for name in names if name)[:100]


def _alignment(token: Token) -> str:
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f' class="align-{side}"' if side else ""


def _note(token: Token, env: EnvType) -> str:
    return f"{env['post_id']}-{token.meta['id'] + 1}"


def _ref(token: Token, env: EnvType) -> str:
    """Names one of several references to the same note."""
    again = token.meta.get("subId", 0)
    return _note(token, env) + (f"-{again + 1}" if again else "")


def use_renderer(md: MarkdownIt) -> None:
    """Let ``md`` write posts; call it after all plugins, which bring rules of their own."""
    md.renderer = PostRenderer(md)
