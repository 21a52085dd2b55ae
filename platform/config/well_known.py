"""What programs look for at fixed places of the site host."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.clock import now
from core.http.problems import not_found
from tenancy.hosts import public_url

_LASTS = timedelta(days=180)  # RFC 9116, 2.5.5: less than a year


def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a hole (RFC 9116). Nothing is here where nobody said whom: an invented address helps no one."""
    if not settings.SECURITY_CONTACT:
        return not_found(request)
    ends_at = (now() + _LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {ends_at:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {public_url(settings.SITE_HOST, '/.well-known/security.txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
