"""Reads the corpora, and HTML as a browser's parser would."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib


def rows(corpora: Path, name: str) -> list[dict[str, Any]]:
    """All rows of a corpus."""
    with (corpora / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def dom(html: str) -> Element:
    """``html`` as an element tree, comments left out."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    assert isinstance(tree, Element)
    return tree


def elements(html: str) -> list[Element]:
    """All elements of ``html``, in order, whatever their name."""
    return [element for element in dom(html).iter() if isinstance(element.tag, str)][1:]


def text(html: str) -> str:
    """The words of ``html``."""
    return "".join(dom(html).itertext())


def dangers(html: str) -> list[str]:
    """What could run a script, or change the page around, in ``html``."""
    found = []
    for element in elements(html):
        if re.search(r"script|iframe|object|embed|style|svg|math|form|base|meta|link", element.tag):
            found.append(element.tag)
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "srcset"):
                found.append(f"{element.tag} {name}")
            if re.match(
                r"[\x00-\x20]*(javascript|data|vbscript)\s*:", re.sub(r"[\t\n\r]", "", value), re.I
            ):
                found.append(f"{element.tag} {name}={value}")
    return found
