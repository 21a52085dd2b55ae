"""How allauth behaves here: members come by invitation, and nothing leads off the organization's own host."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.headless.adapter import DefaultHeadlessAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

import tenancy
from apps.accounts import letters, mails
from apps.accounts.errors import MemberSuspended
from apps.accounts.factors import recent
from apps.accounts.selectors import is_owner
from core.http.client import client_ip
from tenancy.hosts import public_url
from tenants.api import OrganizationClosing


class AccountAdapter(DefaultAccountAdapter):  # untyped library
    """Sign-in of one organization."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an organization's members are invited, its owner signs the organization up."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Return whether ``url`` stays on this very host: siblings are other organizations."""
        request = allauth_context.request
        return bool(
            url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address the front door saw; limits count by it."""
        return client_ip(request) or "0.0.0.0"  # noqa: S104 - "no address", not one to bind

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the front page; the application decides where to go."""
        return "/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send through the product's one way out, in the organization's name."""
        letter = letters.OF_ALLAUTH.get(template_prefix)
        if letter is not None:
            mails.send(email, **letter(context))
        else:
            mails.send_allauth(template_prefix, email, context)

    def pre_login(self, request: HttpRequest, user: Any, **hooks: Any) -> HttpResponse | None:
        """Let nobody but owners in while the organization waits to be deleted.

        Raises:
            OrganizationClosing: it does, and this is no owner.
        """
        if tenancy.current().is_closing and not is_owner(user.pk):
            raise OrganizationClosing
        response: HttpResponse | None = super().pre_login(request, user, **hooks)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Tell whoever gave the right password why they don't come in; nobody else hears of it.

        Raises:
            MemberSuspended: always.
        """
        raise MemberSuspended

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Return whether the last proof of identity in this session is older than five minutes."""
        return not recent.is_recent(allauth_context.request)


class HeadlessAdapter(DefaultHeadlessAdapter):  # untyped library
    """Addresses in mails."""

    def get_frontend_url(self, urlname: str, **kwargs: str) -> str | None:
        """Return the page on the organization's own host, whatever Host header the request came with."""
        path = settings.HEADLESS_FRONTEND_URLS.get(urlname)
        if path is None:
            return None
        filled = path.format(**{name: quote(value, safe="") for name, value in kwargs.items()})
        return public_url(tenancy.current().host, filled)
