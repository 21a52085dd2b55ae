"""The request as our views see it: with the actor."""

from __future__ import annotations

from rest_framework import exceptions
from rest_framework.request import Request as DRFRequest

from core.actor import Actor


class Request(DRFRequest):
    """DRF's request, which also says who acts."""

    @property
    def visitor(self) -> Actor | None:
        """The signed-in actor, or None: for methods that anyone may call."""
        return self.auth if isinstance(self.auth, Actor) else None

    @property
    def actor(self) -> Actor:
        """The signed-in actor.

        Raises:
            NotAuthenticated: nobody is signed in.
        """
        if self.visitor is None:
            raise exceptions.NotAuthenticated
        return self.visitor
