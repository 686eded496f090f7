"""What people type about themselves: in its normal form, or refused with what to mend."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from flask_babel import get_babel, gettext

from forum.accounts import passwords
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import NAME_LENGTH
from forum.accounts.settings import PASSWORD_LENGTH
from forum.community.setting_queries import value_of
from forum.errors import Invalid
from forum.text.allowed import LANGUAGE_TAG
from forum.text.caps import CONTROL
from forum.text.lines import has_mixed_word, is_readable_line
from forum.text.markdown import normalize
from forum.zones import zone_names


def known_languages() -> tuple[str, ...]:
    """BCP 47 tags of the languages that the forum's own words are there in."""
    return _languages_in(tuple(get_babel().translation_directories))


@lru_cache(maxsize=16)
def _languages_in(folders: tuple[str, ...]) -> tuple[str, ...]:
    # Read from the disk once: guests who chose a language have it looked up for every page.
    translated = (
        str(locale).replace("_", "-") for locale in get_babel().instance.list_translations()
    )
    return tuple(sorted({"en", *translated}))


def is_language(tag: str) -> bool:
    """Whether this is the tag (BCP 47) of a language that has a name here."""
    return bool(LANGUAGE_TAG.fullmatch(tag)) and len(tag) <= 35 and name_of_language(tag) != tag


def name_of_language(tag: str) -> str:
    """The language's name in itself, so that those find it who read no other; the tag for one that
    has no name here."""
    try:
        return Locale.parse(tag, sep="-").get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag


def languages_to_choose(tags: Iterable[str]) -> list[tuple[str, str, dict[str, str]]]:
    """These languages as choices of a field: each named in itself, and marked as such."""
    return [(tag, name_of_language(tag), {"lang": tag}) for tag in tags]


def checked_language(language: str) -> str:
    """The language itself.

    Raises:
        Invalid: the forum's own words are not there in it.
    """
    if language not in known_languages():
        raise Invalid("language", gettext("Choose a language from the list."))
    return language


def checked_name(name: str) -> str:
    """The name with its white space folded.

    Raises:
        Invalid: it is empty, too long, has characters that cannot be seen or turn text around, or a
            word with letters of two scripts that look alike.
    """
    folded = " ".join(name.split())
    if not folded:
        raise Invalid("name", gettext("Enter the name the others should see."))
    if len(folded) > NAME_LENGTH:
        message = gettext("Shorten the name to %(most)d characters.", most=NAME_LENGTH)
        raise Invalid("name", message)
    if not is_readable_line(folded):
        raise Invalid("name", gettext("Leave invisible characters out of the name."))
    if has_mixed_word(folded):
        message = gettext(
            "Write each word of the name with letters of one script. Some of another look the same, "
            "so that two names could not be told apart."
        )
        raise Invalid("name", message)
    return folded


def checked_email(email: str) -> str:
    """The address in its normal form.

    Raises:
        Invalid: mail could not be sent there.
    """
    mailbox = normal_mailbox(email)
    if mailbox is None:
        raise Invalid("email", gettext("Enter an e-mail address like name@example.org."))
    return mailbox


def checked_password(password: str) -> str:
    """The password itself.

    Raises:
        Invalid: it is too short to be safe or too long to be hashed.
    """
    shortest = value_of(PASSWORD_LENGTH)
    if len(password) < shortest:
        message = gettext("Choose a password of at least %(n)d characters.", n=shortest)
        raise Invalid("password", message)
    if len(password) > passwords.LONGEST:
        message = gettext("Choose a password of at most %(n)d characters.", n=passwords.LONGEST)
        raise Invalid("password", message)
    return password


def checked_line(field: str, text: str, *, most: int) -> str:
    """One line of plain text with its white space folded, which may be empty.

    Args:
        field: the form field it stands in.
        most: how many characters it may have.

    Raises:
        Invalid: it is too long, or has characters that cannot be seen.
    """
    folded = " ".join(text.split())
    if len(folded) > most:
        raise Invalid(field, gettext("Shorten this to %(most)d characters.", most=most))
    if not is_readable_line(folded):
        raise Invalid(field, gettext("Leave invisible characters out of this."))
    return folded


def checked_lines(field: str, text: str, *, most: int) -> str:
    """A few lines of plain text, which may be none.

    Args:
        field: the form field it stands in.
        most: how many characters it may have.

    Raises:
        Invalid: it is too long, or has characters that cannot be shown.
    """
    text = normalize(text).strip()
    if len(text) > most:
        raise Invalid(field, gettext("Shorten this to %(most)d characters.", most=most))
    if CONTROL.search(text) or "\N{REPLACEMENT CHARACTER}" in text:
        raise Invalid(field, gettext("Leave characters out that cannot be shown."))
    return text


def checked_zone(zone: str) -> str:
    """The time zone itself.

    Raises:
        Invalid: there is no zone of this name.
    """
    if zone not in zone_names():
        raise Invalid("zone", gettext("Choose a time zone from the list."))
    return zone
