"""What the community decides about threads and who may read them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from forum.accounts.checks import is_language, name_of_language
from forum.community.settings import Number, Pairs, Phrases, Setting, YesNo, define
from forum.errors import Invalid

MOST_LANGUAGES = 20


@dataclass(frozen=True, slots=True)
class Languages:
    """Tags of languages (BCP 47), parted by spaces or commas; there may be none."""

    def from_text(self, text: str) -> list[str]:
        """The tags, each once, in the order in which they were typed."""
        tags = list(dict.fromkeys(text.replace(",", " ").split()))
        if len(tags) > MOST_LANGUAGES:
            raise Invalid("", gettext("Name at most %(most)d languages.", most=MOST_LANGUAGES))
        for tag in tags:
            if not is_language(tag):
                message = gettext(
                    "“%(tag)s” is no language known here. Write tags such as de, fr or pt-BR.",
                    tag=tag[:40],
                )
                raise Invalid("", message)
        return tags

    def to_text(self, value: list[str]) -> str:
        """The tags with spaces between."""
        return " ".join(value)

    def words(self, value: list[str]) -> str:
        """The languages' names, each in itself."""
        return ", ".join(name_of_language(tag) for tag in value) or str(gettext("nothing"))


FEEDS = define(
    Setting(
        name="feeds",
        area="reading",
        kind=YesNo(),
        default=True,
        label=_("Offer feeds of new posts"),
        help=_(
            "Feeds show posts that guests may read to programs that look for new ones. Without "
            "feeds their addresses answer that there is no such page."
        ),
    )
)
PINNED = define(
    Setting(
        name="pinned_threads",
        area="threads",
        kind=Number(1, 20),
        default=5,
        label=_("Threads that may be pinned in a category"),
        help=_("They stand first in its list. More than a few hide what is new."),
    )
)
POST_LANGUAGES = define(
    Setting(
        name="post_languages",
        area="threads",
        kind=Languages(),
        default=[],
        label=_("Further languages of posts"),
        help=_(
            "What members write in besides the community's own language, as tags such as de or "
            "pt-BR with spaces between. Whoever writes then says which one it is, and screen "
            "readers read each post in its own."
        ),
    )
)
GLOSSARY = define(
    Setting(
        name="glossary",
        area="threads",
        kind=Pairs(most=100, short=20, long=80),
        default={},
        label=_("Glossary of acronyms"),
        help=_(
            "A line for each, such as “ABC = Always Be Calm”. Whoever writes one without saying what "
            "it stands for is offered these words, so that newcomers understand it."
        ),
    )
)
WORD_LIST = define(
    Setting(
        name="word_list",
        area="spam",
        kind=Phrases(most=200, length=80),
        default=[],
        label=_("Words that make a post wait"),
        help=_(
            "A word or a phrase on each line. A new post with one of them waits for a moderator; its "
            "author reads why. Whole words are found, in capitals or small letters."
        ),
    )
)
WORDS_HARM = define(
    Setting(
        name="words_harm",
        area="spam",
        kind=YesNo(),
        default=True,
        label=_("These words may do harm"),
        help=_(
            "A post with one of them waits until a moderator decides, however long that takes. "
            "Otherwise it is published, labelled, when nobody has decided in time."
        ),
    )
)
NEWCOMER_POSTS = define(
    Setting(
        name="newcomer_posts",
        area="spam",
        kind=Number(0, 50),
        default=2,
        label=_("Posts until somebody is no newcomer any more"),
        help=_(
            "So many published posts; until then the limit below holds. 0: nobody is a newcomer. Who "
            "decides about posts that wait is none."
        ),
    )
)
NEWCOMER_LINKS = define(
    Setting(
        name="newcomer_links",
        area="spam",
        kind=Number(0, 200),
        default=5,
        label=_("Links that a newcomer's post may have"),
        help=_(
            "A post with more waits for a moderator; its author reads why. Links to pages of this "
            "forum do not count."
        ),
    )
)
FIRST_POSTS = define(
    Setting(
        name="first_posts",
        area="spam",
        kind=Number(0, 20),
        default=0,
        label=_("First posts of a newcomer that a moderator looks at"),
        help=_(
            "So many of everybody's first posts stand on the moderators' desk, so that somebody "
            "welcomes them, and sees who came to sell. 0: none."
        ),
    )
)
FIRST_POSTS_WAIT = define(
    Setting(
        name="first_posts_wait",
        area="spam",
        kind=YesNo(),
        default=False,
        label=_("These first posts wait until a moderator has decided"),
        help=_(
            "Their authors read that. Otherwise they are published at once, and a moderator looks "
            "at them where they stand."
        ),
    )
)
