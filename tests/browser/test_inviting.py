"""Fifty people are invited from a list, on its page or by command; one of them comes in."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from forum.testing.factories import PASSWORD
from forum.testing.site import StartSite
from tests.browser.commands import Shell
from tests.browser.visitors import OpenVisitor, Visitor, in_pairs, link_in, sign_in

LIST = "\n".join(
    ["Ines Okafor <ines@example.org>", *(f"person{number}@example.org" for number in range(49))]
)
WITH_FAULTS = f"{LIST}\nines@example.org\nnobody\n"


@pytest.mark.full
@pytest.mark.parametrize(("way", "by", "database"), in_pairs(), indirect=["database"])
def test_fifty_people_are_invited_from_a_list_and_one_comes_in(
    by: str,
    database: str,
    start_site: StartSite,
    open_visitor: OpenVisitor,
    tmp_path: Path,
) -> None:
    site = start_site(FORUM_DATABASE=database)
    shell = Shell(site.instance, {"FORUM_DATABASE": database})
    olga = site.factories.community()
    shell.runs("community", "change", "--registration", "invitation")
    if by == "page":
        visitor = open_visitor(site)
        visitor.follow("Sign in", inside="nav")
        sign_in(visitor, olga.email)
        invite_on_the_page(visitor)
    else:
        invite_by_command(shell, tmp_path / "people.txt")
    # Olga is told that she signed in with a new browser.
    told = {olga.email} if by == "page" else set()
    letters = {letter["To"]: letter for letter in site.mail(50 + len(told), seconds=30)}
    assert set(letters) == told | {line.split("<")[-1].rstrip(">") for line in LIST.split("\n")}
    invitations = [letter for to, letter in letters.items() if to not in told]
    assert len({link_in(letter) for letter in invitations}) == 50
    come_in(open_visitor(site), letters["ines@example.org"])
    invited = shell.lists("invitations", "list")
    assert sorted(one["state"] for one in invited) == ["open"] * 49 + ["used"]
    assert len(site.mail()) == len(letters)


def invite_on_the_page(olga: Visitor) -> None:
    """Paste the list; nobody is invited until its faults are mended and she has said yes."""
    olga.follow("Administration", inside="nav")
    olga.follow("Invitations", inside="main")
    olga.follow("Invite many", inside="main")
    olga.write("E-mail addresses (required)", WITH_FAULTS)
    olga.press("Go on")
    assert olga.texts("#error-summary li a") == ["Line 51, ines@example.org:", "Line 52, nobody:"]
    olga.write("E-mail addresses (required)", LIST)
    olga.press("Go on")
    assert olga.text("h1") == "Invite 50 people?"
    olga.press("Invite them")
    assert olga.texts(".notices .notice") == ["50 letters are on their way."]


def invite_by_command(shell: Shell, file: Path) -> None:
    """Hand the list over as a file; nobody is invited until its faults are mended."""
    file.write_text(WITH_FAULTS, "utf-8")
    said = shell.refuses("invite", file, "--days", 30).splitlines()
    assert [line.partition(":")[0] for line in said] == [
        "Line 51, ines@example.org",
        "Line 52, nobody",
        "Nobody was invited. Mend these lines, or take them out.",
    ]
    assert shell.lists("invitations", "list") == []
    file.write_text(LIST, "utf-8")
    assert shell.runs("invite", file, "--days", 30).startswith("Invited: 50.")


def come_in(ines: Visitor, letter: EmailMessage) -> None:
    """Follow the link, register, be in; the link has done its work."""
    ines.open(link_in(letter))
    assert "This invitation is for ines@example.org." in ines.text("main")
    ines.write("Name (required)", "Ines Okafor")
    ines.write("Password (required)", PASSWORD)
    ines.press("Register")
    assert ines.text(".bar a[href='/me']") == "Ines Okafor"
    ines.open(link_in(letter))
    assert ines.text("h1") != "You are invited"
