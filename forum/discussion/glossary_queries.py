"""What the community's acronyms stand for."""

from __future__ import annotations

from forum.community.setting_queries import value_of
from forum.discussion.settings import GLOSSARY


def community_glossary() -> tuple[tuple[str, str], ...]:
    """The acronyms, each with what it stands for, as administrators wrote them."""
    return tuple(value_of(GLOSSARY).items())
