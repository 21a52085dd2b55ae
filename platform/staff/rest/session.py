"""Signing in: the password, then a factor, then the console."""

from __future__ import annotations

from rest_framework import status
from rest_framework.response import Response

from core.http.request import Request
from staff.accounts import sessions
from staff.rest.views import PUBLIC, StaffAPIView


class SessionView(StaffAPIView):
    """This browser's session."""

    permissions = {"DELETE": PUBLIC}

    def delete(self, request: Request) -> Response:
        """Sign out. Safe to repeat."""
        session = request._request.staff_session  # type: ignore[attr-defined]
        if session is not None:
            sessions.end(session.id, account_id=session.account_id)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        sessions.drop_cookie(response)
        return response
