"""The state machine as data: from where, by what, by whom, to where.

Everything else in this package reads these rows; a test walks every state with every event.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tenants.models import Organization

State = Organization.State

DELETION_DELAY = timedelta(days=30)

# Where its people use it.
SERVING = frozenset({State.ACTIVE, State.READ_ONLY})
# Where the organization's own role opens its schema to the application's login, and where it does not. In the other
# states the role is being made or gone.
OPEN = SERVING | {State.PENDING_DELETION}
CLOSED = frozenset({State.SUSPENDED, State.DELETING})


class Event(StrEnum):
    """What can happen to an organization once its row is there."""

    PROVISION = "provision"
    COMPLETE = "complete"
    GIVE_UP = "give_up"
    LIMIT = "limit"
    SUSPEND = "suspend"
    REACTIVATE = "reactivate"
    ASK_DELETION = "ask_deletion"
    CANCEL_DELETION = "cancel_deletion"
    BEGIN_DELETION = "begin_deletion"
    FINISH_DELETION = "finish_deletion"


REQUEST = "request"  # the making of the row itself, kept as the first transition


class Who(StrEnum):
    """Who may cause an event. People must have been shown its effects; the platform itself need not."""

    SYSTEM = "system"  # the site, the provisioner, the dispatcher, billing
    OWNER = "owner"
    OPERATIONS = "operations"  # roles of staff
    FINANCE = "finance"


@dataclass(frozen=True, slots=True)
class Rule:
    """One event: where it may happen, where it leads (None: back to where it came from), and who may cause it.

    ``waits`` holds the event back until the organization's ``delete_after`` has passed.
    """

    event: Event
    sources: frozenset[State]
    to: State | None
    who: frozenset[Who]
    tells_owners: bool = True
    waits: bool = False


_STAFF = frozenset({Who.SYSTEM, Who.OPERATIONS, Who.FINANCE})
_LEAVING = frozenset({Who.OWNER, Who.OPERATIONS})
_SYSTEM = frozenset({Who.SYSTEM})


def _rule(
    event: Event,
    sources: tuple[State, ...],
    to: State | None,
    who: frozenset[Who],
    *,
    quiet: bool = False,
    waits: bool = False,
) -> Rule:
    return Rule(event, frozenset(sources), to, who, tells_owners=not quiet, waits=waits)


RULES: dict[Event, Rule] = {
    rule.event: rule
    for rule in (
        _rule(Event.PROVISION, (State.REQUESTED,), State.PROVISIONING, _SYSTEM, quiet=True),
        _rule(Event.COMPLETE, (State.PROVISIONING,), State.ACTIVE, _SYSTEM, quiet=True),
        # A sign-up that failed has given its address and its person's data back: it begins again as a new one.
        _rule(Event.GIVE_UP, (State.PROVISIONING,), State.FAILED, _SYSTEM, quiet=True),
        _rule(Event.LIMIT, (State.ACTIVE,), State.READ_ONLY, _STAFF),
        _rule(Event.SUSPEND, (State.ACTIVE, State.READ_ONLY), State.SUSPENDED, _STAFF),
        _rule(Event.REACTIVATE, (State.READ_ONLY, State.SUSPENDED), State.ACTIVE, _STAFF),
        _rule(
            Event.ASK_DELETION,
            (State.ACTIVE, State.READ_ONLY, State.SUSPENDED),
            State.PENDING_DELETION,
            _LEAVING,
        ),
        _rule(Event.CANCEL_DELETION, (State.PENDING_DELETION,), None, _LEAVING),
        _rule(Event.BEGIN_DELETION, (State.PENDING_DELETION,), State.DELETING, _SYSTEM, waits=True),
        _rule(Event.FINISH_DELETION, (State.DELETING,), State.DELETED, _SYSTEM, quiet=True),
    )
}


def destination(rule: Rule, organization: Organization) -> State:
    """Return the state that ``rule`` leads to from where ``organization`` is."""
    return rule.to if rule.to is not None else State(organization.returns_to or State.ACTIVE)


def closes(before: str, after: str) -> bool:
    """Return whether the move takes the organization's role from the application's login."""
    return before in OPEN and after in CLOSED


def opens(before: str, after: str) -> bool:
    """Return whether the move gives it back."""
    return before in CLOSED and after in OPEN


def ends_serving(before: str, after: str) -> bool:
    """Return whether the organization's people are locked out by the move."""
    return before in SERVING and after not in SERVING


def resumes_serving(before: str, after: str) -> bool:
    """Return whether they are let in again."""
    return before not in SERVING and after in SERVING and before in OPEN | CLOSED


def raises_generation(before: str, after: str) -> bool:
    """Return whether the move ends caches, tasks and keys of the organization's generation before."""
    return any(check(before, after) for check in (closes, opens, ends_serving, resumes_serving))
