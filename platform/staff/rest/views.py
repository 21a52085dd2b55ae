"""The base of every staff endpoint."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from rest_framework import exceptions
from rest_framework.views import APIView as DRFAPIView

from core.http.permissions import PUBLIC, SIGNED_IN
from core.http.request import Request
from core.http.views import APIView
from staff.accounts import sessions
from staff.accounts.signing_in import methods_of
from staff.dto import StaffActor
from staff.errors import ProofNeeded
from staff.models import StaffSession
from staff.rest.authentication import StaffAuthentication

__all__ = ["ENROLMENT", "PUBLIC", "SECOND_FACTOR", "SIGNED_IN", "StaffAPIView", "actor_of", "session_of"]

# Beside core's two: a browser whose password was right and whose factor is still to come, and one that has to make
# its first factor (or is signed in and adds another).
SECOND_FACTOR = "staff.second_factor"
ENROLMENT = "staff.enrolment"


class StaffAPIView(APIView):
    """A resource path of the staff host. ``permissions`` as everywhere, with the names in ``staff.policies``.

    ``recent_proof`` lists the methods that ask for a second factor proved within the last ten minutes; without one
    they answer 403 ``proof_needed``, and ``POST session/totp/`` or ``session/passkey/`` gives it.
    """

    authentication_classes = [StaffAuthentication]
    recent_proof: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Hold the caller against the method's permission, then against its need for a recent proof."""
        needed = self.permissions.get(self._rule_method(request)) or ""
        if needed not in _FACTOR_STEPS:
            super().initial(request, *args, **kwargs)
        else:
            DRFAPIView.initial(self, request, *args, **kwargs)
            session = session_of(request)
            if session.state not in _FACTOR_STEPS[needed]:
                raise exceptions.NotAuthenticated
            # A first factor is made once. A browser that was let in to make it, and finds that another one did, holds
            # a password alone.
            if session.state == StaffSession.State.ENROLMENT and methods_of(session.account):
                raise exceptions.NotAuthenticated
        if request.method in self.recent_proof:
            session = session_of(request)
            # Whoever makes the first factor has none to prove.
            if session.state == StaffSession.State.SIGNED_IN and not sessions.proved_recently(session):
                raise ProofNeeded


_FACTOR_STEPS = {
    # Proving a factor again renews the proof of whoever is in.
    SECOND_FACTOR: {StaffSession.State.SECOND_FACTOR, StaffSession.State.SIGNED_IN},
    ENROLMENT: {StaffSession.State.ENROLMENT, StaffSession.State.SIGNED_IN},
}


def actor_of(request: Request) -> StaffActor:
    """Return who acts, as staff."""
    return cast(StaffActor, request.actor)


def session_of(request: Request) -> StaffSession:
    """Return the browser's session, in whatever state.

    Raises:
        NotAuthenticated: it has none.
    """
    found: StaffSession | None = getattr(request._request, "staff_session", None)
    if found is None:
        raise exceptions.NotAuthenticated
    return found
