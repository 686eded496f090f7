"""Whether a piece of a plugin's HTML can stand in a page without breaking what is around it."""

from __future__ import annotations

from functools import lru_cache
from html.parser import HTMLParser

# HTML, "Void elements".
VOID = frozenset(
    {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
# What would change the whole page, run something, or be a second title of it.
FORBIDDEN = frozenset(
    {"html", "head", "body", "main", "title", "base", "link", "meta", "h1", "h2", "frameset"}
    | {"script", "noscript", "style", "iframe", "object", "embed", "template", "plaintext"}
)


@lru_cache(maxsize=512)
def fault_in(html: str) -> str:
    """Why it cannot; empty when it can. Every element must be closed, in its order."""
    reader = _Reader()
    # What begins and never ends, a tag or a quoted value, swallows what follows: this.
    reader.feed(html + f"<hr {_END}>")
    reader.close()
    if not reader.ended:
        return "returned HTML that ends inside of a tag"
    if reader.fault:
        return reader.fault
    return f"returned HTML in which <{reader.open[-1]}> is not closed" if reader.open else ""


_END = "data-the-end-of-a-plugins-part"


class _Reader(HTMLParser):
    """Notes what is open, and the first thing that is wrong."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.fault = ""
        self.ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ended = self.ended or (tag == "hr" and attrs == [(_END, None)])
        if tag in FORBIDDEN:
            self.fault = self.fault or f"returned HTML with <{tag}>"
        elif tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A browser does not close what is not void by a slash.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.fault = self.fault or f"returned HTML with a </{tag}> that closes nothing"

    def handle_comment(self, data: str) -> None:
        self.fault = self.fault or "returned HTML with a comment"

    def handle_decl(self, decl: str) -> None:
        self.fault = self.fault or "returned HTML with a declaration"

    def handle_pi(self, data: str) -> None:
        self.fault = self.fault or "returned HTML with an instruction"
