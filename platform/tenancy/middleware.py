"""Which surface, which organization: decided from the Host header alone, once a request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.module_loading import import_string

from core.errors import DomainError
from core.http.problems import problem_response
from tenancy import binding, catalog, hosts
from tenancy.errors import OrganizationMoving
from tenancy.record import TenantRecord

Handler = Callable[[HttpRequest], HttpResponse]

_SAFE = ("GET", "HEAD")
_CHANGES_NOTHING = (*_SAFE, "OPTIONS", "TRACE")
# Read by the front door alone, which sends the request on to the address in it; no client ever sees it.
CELL_HEADER = "X-Lms-Cell"
# What the front door asks before it sends a write on, whose body can be read once only.
CELL_QUESTION = "/cell-ask"
# Set by a front door that has sent the request here. Two catalogues that point at each other must not make a circle.
_HOP = "HTTP_X_LMS_HOP"
# What is no page, and so is served on every host in use; the last are called by machines.
_NO_PAGES = ("/api/", "/_allauth/", "/media/", "/assets/")

_URLCONFS = {surface: f"config.urls.{surface}" for surface in ("site", "staff", "content", "tenant")}


class HostMoved(DomainError):
    """The organization gave this host up. ``host`` and ``url`` say where the same thing is now."""

    code = "host_moved"
    title = "This organization has moved to another address"
    status = 421


class MisdirectedRequest(DomainError):
    """The organization lives in another cell. The front door reads which one from a header, and asks there."""

    code = "misdirected"
    title = "This organization is served elsewhere"
    status = 421


class HostMiddleware:
    """Binds the organization of the host (or the platform on site and staff) for the length of the request.

    An unknown host is 404 and an inactive organization its own page: there is no default tenant.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._unknown: Handler = import_string(settings.UNKNOWN_HOST_VIEW)
        self._inactive: Handler = import_string(settings.INACTIVE_TENANT_VIEW)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host = hosts.canonical(request.META.get("HTTP_HOST", ""))
        except hosts.BadHost:
            return self._unknown(request)
        # Django's own get_host() reads this: relative redirects and absolute links use the host that we resolved.
        request.META["HTTP_HOST"] = hosts.public_netloc(host)
        surface = hosts.surface_of(host)
        request.surface = surface  # type: ignore[attr-defined]
        request.tenant = None  # type: ignore[attr-defined]
        request.urlconf = _URLCONFS[surface]
        entry = catalog.resolve(host) if surface == "tenant" else None
        if entry is not None and not entry.tenant.is_here:
            return self._elsewhere(request, entry)
        if request.path == CELL_QUESTION:
            return HttpResponse(status=204)
        if surface == "content":
            # Nobody is anybody there: what a browser sends along is not even read.
            request.META.pop("HTTP_COOKIE", None)
        if surface != "tenant":
            with binding.platform():
                return self.get_response(request)
        if entry is None:
            return self._unknown(request)
        if entry.redirect_to:
            return self._moved(request, entry.redirect_to)
        if entry.pages_to and request.method in _SAFE and not request.path.startswith(_NO_PAGES):
            return self._redirect(request, entry.pages_to)
        request.tenant = entry.tenant  # type: ignore[attr-defined]
        if not entry.tenant.is_active and not self._still_open(request, entry.tenant):
            return self._inactive(request)
        with binding.bind(entry.tenant):
            if self._is_refused(request):
                return problem_response(OrganizationMoving())
            return self.get_response(request)

    @staticmethod
    def _elsewhere(request: HttpRequest, entry: catalog.HostEntry) -> HttpResponse:
        """Tell the front door which cell serves the host. Nothing is decided here but that."""
        if not entry.cell_address or _HOP in request.META:
            return problem_response(OrganizationMoving())
        response = problem_response(MisdirectedRequest())
        response[CELL_HEADER] = entry.cell_address
        return response

    @staticmethod
    def _is_refused(request: HttpRequest) -> bool:
        """Whether the request would change something of an organization that is being moved.

        What the API's views keep open meanwhile they say themselves (``core.http.views``).
        """
        changes = request.method not in _CHANGES_NOTHING and not request.path.startswith("/api/")
        return changes and binding.is_frozen()

    @staticmethod
    def _still_open(request: HttpRequest, tenant: TenantRecord) -> bool:
        """Whether the path leads to what an organization that is to be deleted keeps open for its owners.

        Behind it every route of the API is shut but for those that say otherwise (``core.http.views``).
        """
        return tenant.is_closing and request.path.startswith(tuple(settings.CLOSING_PATHS))

    def _moved(self, request: HttpRequest, host: str) -> HttpResponse:
        """Pages go to the new host; programs are told where it is: a redirected write would lose its body or worse."""
        if request.method in _SAFE and not request.path.startswith(_NO_PAGES):
            return self._redirect(request, host)
        return problem_response(HostMoved(host=host, url=hosts.public_url(host, request.get_full_path())))

    @staticmethod
    def _redirect(request: HttpRequest, host: str) -> HttpResponse:
        # Answers are not stored unless they say so (SecurityHeaders): a host that becomes primary again must not be
        # redirected by a browser's memory.
        response = HttpResponseRedirect(hosts.public_url(host, request.get_full_path()))
        response.status_code = 308
        return response
