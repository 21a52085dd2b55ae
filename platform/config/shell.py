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
from billing.subscriptions.banner import billing_banner
from config import dress
from staff.announcements.boot import current_announcements
from staff.support.banner import support_banner
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
    me = accounts.me(request) if tenant else None
    # The studio is ours in black, white and one blue; only what learners see wears the organization's colour.
    branded = tenant is not None and surface == "learn"
    preview = branded and _is_preview(request, me)
    look = branding.look(of_draft=preview) if tenant else None
    name = look.brand.name if look else PLATFORM_NAME
    head = dress.head(look, manifest(), shows_photo=request.path == "/login") if look else None
    if preview:
        request.framed_by_own_pages = True  # type: ignore[attr-defined]
        if request.path == "/login":
            me = None  # who looks at the sign-in page in a frame is signed in, and would be sent on
    html = render_to_string(
        "config/shell.html",
        {
            "entry": entry(surface),
            "nonce": request.csp_nonce,  # type: ignore[attr-defined]
            "head": head,
            "share_image": public_url(tenant.host, head.share_image) if head and head.share_image else "",
            "brand": "tenant" if branded else "ink",
            "density": _DENSITIES[surface],
            "locale": tenant.locale if tenant else "en",
            "title": name,
            "scheme": _scheme(request) if preview else "",
            "boot": {
                "surface": surface,
                "organization": _organization(request),
                "me": me,
                "support": support_banner(request),
                "csrf": get_token(request),
                # An organization's pages lead nowhere else: it is nobody's business on what they run.
                "site_url": "" if tenant else public_url(settings.SITE_HOST, ""),
                "tenant_suffix": "" if tenant else settings.TENANT_SUFFIX,
                "mailbox_url": public_url(f"mail.{settings.SITE_HOST}", "/") if settings.EMBEDDED else None,
                "locale": tenant.locale if tenant else "en",
                "flags": sorted(tenant.flags) if tenant else [],
                "announcements": current_announcements(tenant, surface, me),
                "billing": billing_banner(tenant, surface, me),
                "brand": _boot_brand(look, head, branded=branded),
            },
        },
    )
    return HttpResponse(html, status=status)


def _is_preview(request: HttpRequest, me: dict[str, Any] | None) -> bool:
    """Whether this page shows the draft of the brand: the studio's preview, to somebody who may see it."""
    return request.GET.get("brand") == "draft" and me is not None and branding.VIEW in me["permissions"]


def _scheme(request: HttpRequest) -> str:
    """The mode that a preview shows whatever its onlooker chose."""
    asked = request.GET.get("scheme", "")
    return asked if asked in ("light", "dark") else ""


def _boot_brand(look: branding.Look | None, head: dress.Head | None, *, branded: bool) -> dict[str, Any]:
    if look is None or head is None:
        return {"name": PLATFORM_NAME, "logo": None}
    # Where the page itself is dressed the rules stand in its head; the studio keeps them for marks and previews.
    return {**dress.boot_brand(look), "theme_css": None if branded else head.css}


def _organization(request: HttpRequest) -> dict[str, str] | None:
    tenant = request.tenant  # type: ignore[attr-defined]
    if tenant is None:
        return None
    return {
        "id": str(tenant.id),
        "name": tenant.name,
        "slug": tenant.slug,
        "host": tenant.host,
        "state": tenant.state,
    }


def entry(surface: str) -> Entry:
    """Return the built files of ``surface``.

    Raises:
        FrontendNotBuilt: the build's manifest is not there.
    """
    built = manifest()
    chunk = built[f"{surface}.html"]
    imports = _closure(built, chunk)
    styles = dict.fromkeys(css for found in [*imports, chunk] for css in found.get("css", []))
    return Entry(
        module=f"/{chunk['file']}",
        preloads=tuple(f"/{found['file']}" for found in imports),
        styles=tuple(f"/{css}" for css in styles),
        scheme=f"/{built['src/theme/scheme-boot.ts']['file']}",
    )


def manifest() -> dict[str, Any]:
    """Return what the build made, by source file.

    Raises:
        FrontendNotBuilt: the build's manifest is not there.
    """
    path = Path(settings.FRONTEND_DIST) / ".vite" / "manifest.json"
    try:
        return _manifest(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError as missing:
        raise FrontendNotBuilt(f"{path} is missing: run `make frontend`.") from missing


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
