"""A small task for the browser of whoever registers, so that doing it by the thousand costs something.

Tasks and solutions are those of ALTCHA (proof of work, version 2). A task is kept nowhere: it is signed
and says itself when it ends; only that one was used is remembered until then.
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from altcha import Payload, create_challenge, verify_solution

from forum.accounts.limits import PROOFS, is_first_use
from forum.accounts.tokens import key_for
from forum.clock import utcnow

# The first byte of the key has to be 0, so 256 keys are tried as a rule, each of so many rounds of
# SHA-256: about half a second in a browser of today; one of them, a millisecond, to verify.
ROUNDS = 2000
LONGEST_SOLUTION = 2000
_PURPOSE = "proof of work"


def new_task() -> str:
    """A task as JSON. It can be solved for two hours."""
    ends = utcnow() + timedelta(seconds=PROOFS.seconds)
    challenge = create_challenge(
        "PBKDF2/SHA-256", ROUNDS, expires_at=ends, hmac_secret=key_for(_PURPOSE)
    )
    return json.dumps(challenge.to_dict())


def use_solution(solution: str) -> bool:
    """Whether this solves a task of ours whose time is not over, and nobody has used it before."""
    if not 0 < len(solution) <= LONGEST_SOLUTION:
        return False
    try:
        payload = Payload.from_dict(json.loads(base64.b64decode(solution, validate=True)))
        is_solved = verify_solution(payload, key_for(_PURPOSE)).verified
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Whatever else was sent.
        return False
    parameters = payload.challenge.parameters
    ends = int(parameters.expires_at or 0)
    if not is_solved or ends < utcnow().timestamp():
        return False
    return is_first_use(PROOFS, str(payload.challenge.signature), ends)
