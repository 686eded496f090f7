"""Sending letters: one job each, tried for two days, and a pause while the mail server is away."""

from __future__ import annotations

import time
from dataclasses import dataclass

from forum.config import current_settings
from forum.db import transaction
from forum.jobs.worker import GivenUp, NotYet, Work, handler
from forum.notifications.letters import Written, written
from forum.notifications.mail import OutOfReach, Refused, mailer_for
from forum.notifications.mail_actions import forget_letter, note_outcome, note_try

# With the worker's pauses this is two days. RFC 5321, 4.5.4.1, wants at least four or five from a
# server that carries others' mail; what a forum has to say is older news by then.
MOST_TRIES = 56
FIRST_REST_SECONDS = 15
LONGEST_REST_SECONDS = 300


@dataclass
class Rest:
    """While the mail server is out of reach, this worker asks for it only now and then, each time after
    a longer pause: a server that hangs would otherwise keep all other work waiting."""

    until: float = 0.0
    seconds: float = 0.0

    def left(self) -> float:
        """Seconds until the server is asked for again; none or less when it may be now."""
        return self.until - time.monotonic()

    def begin(self) -> None:
        """The server was out of reach."""
        self.seconds = min(max(2 * self.seconds, FIRST_REST_SECONDS), LONGEST_REST_SECONDS)
        self.until = time.monotonic() + self.seconds

    def end(self) -> None:
        """The server answered."""
        self.until = self.seconds = 0.0


# Of this process: another worker may reach the server, and finds out by itself.
rest = Rest()


def _note_end(work: Work, outcome: str) -> None:
    note_outcome(work.id, "sent" if outcome == "done" else outcome)


@handler("mail", in_transaction=False, ended=_note_end, attempts=MOST_TRIES)
def send_mail(work: Work) -> None:
    """Write the letter this job asks for and send it.

    Raises:
        NotYet: the mail server is resting.
        GivenUp: it refuses this letter for good.
        OutOfReach: there is no mail server at present.
    """
    if rest.left() > 0:
        raise NotYet(rest.left())
    found = written(work)
    with transaction():
        if found is None:
            forget_letter(work.id)
        else:
            note_try(work.id, found.kind, found.letter.to, found.whose)
    if found is not None:
        _hand_over(found)


def _hand_over(found: Written) -> None:
    try:
        mailer_for(current_settings()).send(found.letter)
    except OutOfReach:
        rest.begin()
        raise
    except Refused as error:
        rest.end()
        # The kind of the server's answer says more than ours.
        raise GivenUp from error.__cause__
    rest.end()
