"""Plain text, and the small Markdown of comments, as Markdown of posts."""

from __future__ import annotations

import re

from forum.text.from_html.running import PLAIN, Atom, Style, written

_BARE = re.compile(r"(?P<bare>https?://(?:\([^\s<>()]*\)|[^\s<>()])+)|(?P<newline>\n)")
_COMMENT = re.compile(
    r"\\(?P<literal>[\\`*_\[\]])|(?<!`)`(?P<code>[^`\n]+)`(?!`)"
    r"|\[(?P<words>[^\[\]\n]+)\]\((?P<href>https?://[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:[ ]\"[^\"\n]*\")?\)"
    rf"|{_BARE.pattern}"
    r"|(?<![\w*])\*\*(?P<strong>[^\s*\\](?:[^*\n\\]*[^\s*\\])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<em>[^\s*\\](?:[^*\n\\]*[^\s*\\])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<em2>[^\s_\\](?:[^_\n\\]*[^\s_\\])?)_(?![\w_])"
)
_WORDS = re.compile(
    r"(?<!`)`(?P<code>[^`\n]+)`(?!`)"
    r"|(?<![\w*])\*\*(?P<strong>[^\s*\\](?:[^*\n\\]*[^\s*\\])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<em>[^\s*\\](?:[^*\n\\]*[^\s*\\])?)\*(?![\w*])"
)


def markdown_from_text(text: str) -> str:
    """Markdown that shows ``text`` as it is: nothing in it is markup.

    Lines stay lines, empty lines part paragraphs, and addresses that begin with ``http://`` or
    ``https://`` become links.
    """
    return _paragraphs(text, _BARE)


def markdown_from_comment(text: str) -> str:
    """Markdown of a comment in the small Markdown of question-and-answer sites.

    That is ``*emphasis*``, ``**strong**``, ```code```, ``[text](address)`` and bare addresses,
    inside one line; everything else is shown as it is.
    """
    return _paragraphs(text, _COMMENT)


def _paragraphs(text: str, markup: re.Pattern[str]) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"\n(?:[ \t]*\n)+", lines)
    return "\n\n".join(filter(None, (written(_read(part, markup, PLAIN)) for part in parts)))


def _read(text: str, markup: re.Pattern[str], style: Style) -> list[Atom]:
    """The atoms of ``text``, in which ``markup`` names what it finds by its groups."""
    atoms: list[Atom] = []
    end = 0
    for match in markup.finditer(text):
        if end < match.start():
            atoms.append(Atom("text", text[end : match.start()], style))
        atoms.extend(_markup_atoms(match, markup, style))
        end = match.end()
    return [*atoms, Atom("text", text[end:], style)] if text[end:] else atoms


def _markup_atoms(match: re.Match[str], markup: re.Pattern[str], style: Style) -> list[Atom]:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    if "newline" in found:
        return [Atom("break", "", style)]
    if "literal" in found:
        return [Atom("text", found["literal"], style)]
    if "code" in found:
        return [Atom("code", found["code"], style)]
    if "bare" in found:
        href = found["bare"].rstrip(".,;:!?'\"*_]")
        return [
            Atom("text", href, style.linked(href)),
            Atom("text", found["bare"][len(href) :], style),
        ]
    if "href" in found:
        return _read(found["words"], _WORDS, style.linked(found["href"]))
    ((name, inside),) = found.items()
    return _read(inside, markup, style.marked(name.rstrip("2")))
