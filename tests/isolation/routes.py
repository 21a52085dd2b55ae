"""Every API route of the product, read from the URLconf: what the walk has to cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from django.urls import URLPattern, URLResolver

from core.http.views import APIView

Surface = Literal["tenant", "site", "staff"]
SURFACES: tuple[Surface, ...] = ("tenant", "site", "staff")


@dataclass(frozen=True)
class Route:
    """One named path of one surface. ``permissions`` maps its methods to what each needs."""

    name: str
    surface: Surface
    pattern: str
    permissions: dict[str, str]
    view: type[Any]

    @property
    def urlconf(self) -> str:
        return f"config.urls.{self.surface}"


@dataclass(frozen=True)
class ForeignRoute:
    """A path whose view is a library's: it declares no permissions, so the walk only tries it across organizations."""

    surface: Surface
    pattern: str


def api_routes(surface: Surface | None = None) -> list[Route]:
    """Return every route of ours, in the order of the URLconf."""
    return [found for found in _all(surface) if isinstance(found, Route)]


def foreign_routes() -> list[ForeignRoute]:
    """Return every API path that a library serves (sign-in)."""
    return [found for found in _all(None) if isinstance(found, ForeignRoute)]


def _all(surface: Surface | None) -> Iterator[Route | ForeignRoute]:
    for one in SURFACES if surface is None else (surface,):
        urlconf = import_module(f"config.urls.{one}")
        yield from _walk(one, urlconf.urlpatterns, "", "")


def _walk(surface: Surface, entries: list[Any], prefix: str, namespace: str) -> Iterator[Route | ForeignRoute]:
    for entry in entries:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = ":".join(part for part in (namespace, entry.namespace) if part)
            yield from _walk(surface, entry.url_patterns, path, inner)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, APIView):
                name = ":".join(part for part in (namespace, entry.name or "") if part)
                yield Route(name, surface, path, dict(view.permissions), view)
            elif view is not None and path.startswith(("api/", "_allauth/")):
                yield ForeignRoute(surface, path)
