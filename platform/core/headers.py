"""What a browser is told about an answer: one table, from the surface an answer belongs to to its headers.

The web server and the front door both write from it, and a test asks the running product for every row. A page's own
policy (scripts, styles, where it may connect) is made for each request: ``config.headers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal["page", "data", "asset", "media", "image", "content", "error"]

REPORTS_PATH = "/csp-reports/"
REPORTS_GROUP = "csp"

# Two years, as https://hstspreload.org asks for at least one.
HSTS_SECONDS = 63_072_000

_NOBODY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_POWERS = (
    "accelerometer", "ambient-light-sensor", "bluetooth", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer", "microphone",
    "midi", "payment", "serial", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip

# "page": HTML of ours. "data": what the API and everything that is no page answers. "asset": files of the build.
# "media": films and files of an organization, to whom a grant opens them. "image": public pictures, which mails and
# other sites may show. "content": what people of an organization made and browsers run. "error": the front door's own.
HEADERS: Mapping[Kind, Mapping[str, str]] = {
    "page": {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": ", ".join(
            [*(f"{power}=()" for power in _POWERS), "autoplay=(self)", "fullscreen=(self)", "picture-in-picture=(self)"]
        ),
        "Reporting-Endpoints": f'{REPORTS_GROUP}="{REPORTS_PATH}"',
        "Cache-Control": "no-store",
    },
    "data": {
        "Content-Security-Policy": _NOBODY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    },
    "asset": {
        "Content-Security-Policy": _NOBODY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "public, max-age=31536000, immutable",
    },
    "media": {
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, max-age=31536000, immutable",
    },
    "image": {
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=31536000, immutable",
    },
    "content": {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Origin-Agent-Cluster": "?1",
        "Permissions-Policy": ", ".join(
            f"{power}=()" for power in [*_POWERS, "autoplay", "fullscreen", "picture-in-picture"]
        ),
        "Cache-Control": "private, no-store",
    },
    "error": {
        "Content-Security-Policy": _NOBODY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    },
}


def hsts(seconds: int, *, ours: bool) -> str:
    """Return Strict-Transport-Security for a host.

    Our own domains promise it for everything below them. A customer's domain promises it for itself alone: what else
    lives below ``example.org`` is theirs, and may not speak TLS.
    """
    return f"max-age={seconds}; includeSubDomains; preload" if ours else f"max-age={seconds}"
