"""Whose account a request is about: the signed-in member's own."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.request import Request

from apps.accounts.models import Member


def member_of(request: Request | HttpRequest) -> Member:
    """Return the signed-in member.

    Raises:
        NotAuthenticated: nobody is.
    """
    if not isinstance(request.user, Member):
        raise exceptions.NotAuthenticated
    return request.user
