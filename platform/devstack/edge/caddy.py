"""The part of the front door's Caddyfile that serves media. The supervisor, compose and the tests all use this text."""

from __future__ import annotations

from pathlib import Path

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# Go's own table lacks these, and the system's is not there on every machine.
MEDIA_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "ts": "video/mp2t",
    "vtt": "text/vtt; charset=utf-8",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
}


def media_routes(*, object_root: Path | str, edge: str) -> str:
    """Return the Caddyfile directives for ``/media/*``, to stand in a site block.

    ``object_root`` is :func:`devstack.s3.layout.object_root`; ``edge`` the verifier's ``host:port``.

    What is below ``/media/t/`` is served once the verifier agreed to the request target as it came over the wire;
    public images below ``/media/p/`` are served to anyone; nothing else below ``/media/`` exists. A missing file is a
    404 that nobody keeps.
    """
    root = _quoted(str(object_root))
    # A matcher has to be named: "header *.m4s …" would set a header called "*.m4s".
    types = "\n".join(
        f'\t\t\t\t\t@{suffix} path *.{suffix}\n\t\t\t\t\theader @{suffix} Content-Type "{name}"'
        for suffix, name in MEDIA_TYPES.items()
    )
    return f"""\
handle /media/* {{
	route {{
		@write not method GET HEAD
		respond @write 405

		@image path_regexp ^/media/p/{_UUID}/[0-9a-f]{{64}}\\.(?:png|jpg|jpeg|webp|avif|gif|ico)$
		handle @image {{
			uri strip_prefix /media
			root * {root}
			@there file
			handle @there {{
				header {{
					Cache-Control "public, max-age=31536000, immutable"
					X-Content-Type-Options nosniff
					Content-Security-Policy "default-src 'none'; sandbox"
					Cross-Origin-Resource-Policy cross-origin
				}}
				file_server {{
					index off
					disable_canonical_uris
				}}
			}}
		}}

		handle /media/t/* {{
			forward_auth {edge} {{
				uri /judge
				header_up X-Edge-Uri {{http.request.orig_uri}}
				header_up X-Edge-Client {{http.request.remote.host}}
			}}
			uri strip_prefix /media
			root * {root}
			@there file
			handle @there {{
				route {{
					header {{
						Cache-Control "private, max-age=31536000, immutable"
						X-Content-Type-Options nosniff
						Content-Security-Policy "default-src 'none'; sandbox"
						Cross-Origin-Resource-Policy same-origin
					}}
{types}
					header @m3u8 Cache-Control "private, no-cache"
					file_server {{
						index off
						disable_canonical_uris
					}}
				}}
			}}
		}}

		header Cache-Control no-store
		respond 404
	}}
}}
"""


def _quoted(text: str) -> str:
    """Return a Caddyfile token. A brace would begin a placeholder, so it is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("{", "\\{")
    return f'"{escaped}"'
