"""Categories hold threads; who may see, start and reply stands in the grants."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.db import Base, Key

TITLE_LENGTH = 80


class Category(Base):
    """A subject the community talks about. Lists show categories by position, then title."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(TITLE_LENGTH), unique=True)
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)

    @property
    def category_id(self) -> int:
        """Itself: a category stands in itself when permissions are asked."""
        return self.id
