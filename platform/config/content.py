"""What a content host answers: a file of a package to whoever has its token, and nothing else, ever.

The page runs in a sandbox without an origin, so it has no cookies, no storage and no way to call anything in somebody's
name; it may load what lies beside it, and be framed by the one page that its token names.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from core.errors import Unavailable
from media import api as media
from tenancy import hosts

# What a browser is told a file is: by its name's end, never by what the uploader said or what is in it.
TYPES = {
    "html": "text/html; charset=utf-8",
    "htm": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "xml": "application/xml",
    "txt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
_UNKNOWN = "application/octet-stream"


def policy(framer: str) -> str:
    """Return the CSP of a package's file. No ``allow-same-origin``: it would give the sandbox an origin back."""
    return "; ".join(
        [
            "sandbox allow-scripts",
            "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {framer}",
        ]
    )


def serve(request: HttpRequest, token: str, path: str) -> HttpResponseBase:
    """Send one file of a package."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"}, content_type="text/plain; charset=utf-8")
    try:
        opened = media.open_content(hosts.canonical(request.META["HTTP_HOST"]), token, path)
    except media.ContentRefused:
        return nothing(request)
    except Unavailable:
        return failed(request, status=503)
    kind = TYPES.get(path.rpartition(".")[2].lower(), _UNKNOWN)
    answer = StreamingHttpResponse(opened.body.pieces(), content_type=kind)
    answer["Content-Length"] = str(opened.body.info.size_bytes)
    answer["Content-Security-Policy"] = policy(opened.framer)
    # A sandbox is nobody's origin, so its own fonts and modules come from elsewhere. The token is what opens them.
    answer["Access-Control-Allow-Origin"] = "*"
    if kind == _UNKNOWN:
        answer["Content-Disposition"] = "attachment"
    return answer


def nothing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is nothing here, and nothing is said of what is elsewhere."""
    return HttpResponse("There is nothing here.", status=404, content_type="text/plain; charset=utf-8")


def failed(request: HttpRequest, exception: Exception | None = None, *, status: int = 500) -> HttpResponse:
    """The answer could not be made."""
    code = 400 if exception is not None else status
    return HttpResponse("This could not be answered.", status=code, content_type="text/plain; charset=utf-8")
