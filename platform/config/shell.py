"""The shells: the HTML that each surface starts from, with its theme and its boot data already inside.

Nothing is fetched before the first paint: the theme's variables are inlined under a nonce, the boot data is JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from apps.accounts import api as accounts
from apps.branding import api as branding
from tenancy.hosts import public_url

PLATFORM_NAME = "Emerging Tech LMS"
_DENSITIES = {"site": "learn", "learn": "learn", "studio": "studio", "staff": "staff"}


class FrontendNotBuilt(RuntimeError):
    """There is no built frontend: `make frontend` makes it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The files of one surface: its module, what that imports (preloaded), its style sheets."""

    module: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]
    scheme: str


def render(request: HttpRequest, surface: str, *, status: int = 200) -> HttpResponse:
    """Return the shell of ``surface`` for this request's host and member."""
    tenant = request.tenant  # type: ignore[attr-defined]
    # The studio is ours in black, white and one blue; only what learners see wears the organization's colour.
    branded = tenant is not None and surface == "learn"
    look = branding.look() if tenant else None
    name = tenant.name if tenant else PLATFORM_NAME
    html = render_to_string(
        "config/shell.html",
        {
            "entry": entry(surface),
            "nonce": request.csp_nonce,  # type: ignore[attr-defined]
            "theme": look.css if look and branded else "",
            "brand": "tenant" if branded else "ink",
            "density": _DENSITIES[surface],
            "locale": tenant.locale if tenant else "en",
            "title": name,
            "boot": {
                "surface": surface,
                "organization": _organization(request),
                "me": accounts.me(request) if tenant else None,
                "csrf": get_token(request),
                "site_url": public_url(settings.SITE_HOST, ""),
                "tenant_suffix": settings.TENANT_SUFFIX,
                "mailbox_url": public_url(f"mail.{settings.SITE_HOST}", "/") if settings.EMBEDDED else None,
                "locale": tenant.locale if tenant else "en",
                "brand": {
                    "name": name,
                    "logo_url": look.brand.logo_url if look else None,
                    "color": look.brand.color if look else None,
                    "theme_css": look.css if look else None,
                },
            },
        },
    )
    return HttpResponse(html, status=status)


def _organization(request: HttpRequest) -> dict[str, str] | None:
    tenant = request.tenant  # type: ignore[attr-defined]
    if tenant is None:
        return None
    return {"id": str(tenant.id), "name": tenant.name, "slug": tenant.slug, "host": tenant.host}


def entry(surface: str) -> Entry:
    """Return the built files of ``surface``.

    Raises:
        FrontendNotBuilt: the build's manifest is not there.
    """
    path = Path(settings.FRONTEND_DIST) / ".vite" / "manifest.json"
    try:
        manifest = _manifest(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError as missing:
        raise FrontendNotBuilt(f"{path} is missing: run `make frontend`.") from missing
    chunk = manifest[f"{surface}.html"]
    imports = _closure(manifest, chunk)
    styles = dict.fromkeys(css for found in [*imports, chunk] for css in found.get("css", []))
    return Entry(
        module=f"/{chunk['file']}",
        preloads=tuple(f"/{found['file']}" for found in imports),
        styles=tuple(f"/{css}" for css in styles),
        scheme=f"/{manifest['src/theme/scheme-boot.ts']['file']}",
    )


@lru_cache(maxsize=2)
def _manifest(path: str, _changed_ns: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(Path(path).read_text())
    return manifest


def _closure(manifest: dict[str, Any], chunk: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what ``chunk`` imports statically, deepest first, each once."""
    found: dict[str, dict[str, Any]] = {}

    def visit(names: list[str]) -> None:
        for name in names:
            if name not in found:
                visit(manifest[name].get("imports", []))
                found[name] = manifest[name]

    visit(chunk.get("imports", []))
    return list(found.values())
