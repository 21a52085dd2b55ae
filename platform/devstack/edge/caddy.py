"""The part of the front door's Caddyfile that serves media. The supervisor, compose and the tests all use this text."""

from __future__ import annotations

from pathlib import Path

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# Go's own table lacks these, and the system's is not there on every machine.
_TYPES = (
    (".m3u8", "application/vnd.apple.mpegurl"),
    (".m4s", "video/iso.segment"),
    (".mp4", "video/mp4"),
    (".m4a", "audio/mp4"),
    (".ts", "video/mp2t"),
    (".vtt", "text/vtt; charset=utf-8"),
    (".jpg", "image/jpeg"),
    (".webp", "image/webp"),
)


def media_routes(*, object_root: Path | str, edge: str) -> str:
    """Return the Caddyfile directives for ``/media/*`` of a site block.

    ``object_root`` is :func:`devstack.s3.layout.object_root`; ``edge`` the verifier's ``host:port``.

    What is below ``/media/t/`` is served once the verifier agreed to the request target as it came over the wire; public
    images below ``/media/p/`` are served to anyone; nothing else below ``/media/`` exists. A missing file is a 404 that
    nobody keeps.
    """
    types = "".join(f"\t\t@type{n} path *{suffix}\n\t\theader @type{n} Content-Type {_quoted(name)}\n"
                    for n, (suffix, name) in enumerate(_TYPES))  # fmt: skip
    return f"""\
route /media/* {{
	@write not method GET HEAD
	respond @write 405

	@image path_regexp ^/media/p/{_UUID}/[0-9a-f]{{64}}\\.(?:png|jpg|jpeg|webp|avif|gif|ico)$
	handle @image {{
		uri strip_prefix /media
		root * {_quoted(str(object_root))}
		@there file
		handle @there {{
			header Cache-Control "public, max-age=31536000, immutable"
			header X-Content-Type-Options nosniff
			header Content-Security-Policy "default-src 'none'; sandbox"
			header Cross-Origin-Resource-Policy cross-origin
			file_server
		}}
	}}

	handle /media/t/* {{
		forward_auth {edge} {{
			uri /judge
			header_up X-Edge-Uri {{http.request.orig_uri}}
			header_up X-Edge-Client {{http.request.remote.host}}
			header_up -X-Forwarded-*
			header_up -User-Agent
			header_up -Accept*
			header_up -Sec-*
			header_up -Referer
		}}
		uri strip_prefix /media
		root * {_quoted(str(object_root))}
		@there file
		handle @there {{
			@playlist path *.m3u8
			@fixed not path *.m3u8
			header @playlist Cache-Control "private, no-cache"
			header @fixed Cache-Control "private, max-age=31536000, immutable"
			header X-Content-Type-Options nosniff
			header Content-Security-Policy "default-src 'none'; sandbox"
			header Cross-Origin-Resource-Policy same-origin
{types}\t\t\tfile_server
		}}
	}}

	header Cache-Control no-store
	respond 404
}}
"""


def _quoted(text: str) -> str:
    """Return a Caddyfile token. Placeholders in a path would be replaced: their braces are escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("{", "\\{")
    return f'"{escaped}"'
