"""The part of the front door's Caddyfile that serves media. The supervisor, compose and the tests all use this text."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from core.headers import HEADERS, Kind
from devstack.edge.store import RemoteStore

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PUBLIC_IMAGE = rf"^/media/p/{_UUID}/[0-9a-f]{{64}}\.(?:png|jpg|jpeg|webp|avif|gif|ico)$"

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
# Without its type, "nosniff" would have a browser refuse it.
_ICON = '@ico path *.ico\nheader @ico >Content-Type "image/x-icon"\n'


# What is sent of organizations' media is counted from this log: media.services.delivery reads it.
DELIVERY_LOG = "delivery"
_ROLL_MIB = 32
_ROLLED_KEPT = 16


def delivery_log(folder: Path) -> str:
    """Return the directive for a site block that keeps a log of what was sent below ``/media/t/``, a line a request.

    Of who asked it says nothing, and of the signature neither: the path without its query, the grant that the verifier
    named, status, bytes and time. It is rolled at 32 MiB, seventeen files at most.
    """
    dropped = ("request>remote_ip", "request>remote_port", "request>client_ip", "request>headers", "resp_headers",
               "user_id", "request>tls", "bytes_read", "logger", "level", "msg")  # fmt: skip
    fields = "".join(f"\t\t\t{name} delete\n" for name in dropped)
    return f"""\
log {DELIVERY_LOG} {{
	no_hostname
	output file {_quoted(str(folder / "media.log"))} {{
		roll_size {_ROLL_MIB}MiB
		roll_uncompressed
		roll_keep {_ROLLED_KEPT}
		roll_keep_for 168h
	}}
	format filter {{
		wrap json
		fields {{
{fields}			request>uri regexp "[?].*$" ""
		}}
	}}
}}
"""


def media_routes(*, objects: Path | RemoteStore, edge: str, refused: str = "") -> str:
    """Return the Caddyfile directives for ``/media/*``, to stand in a site block.

    ``objects`` is the folder of :func:`devstack.s3.layout.object_root`, or the store elsewhere that holds them;
    ``edge`` the verifier's ``host:port``. ``refused`` are directives for what the verifier does not allow; without them
    its refusal is the answer.

    What is below ``/media/t/`` is served once the verifier agreed to the request target as it came over the wire;
    public images below ``/media/p/`` are served to anyone; nothing else below ``/media/`` exists. A missing file is a
    404 that nobody keeps.
    """
    remote = isinstance(objects, RemoteStore)
    # A store elsewhere opens public images, too, only to who signs: the verifier does, and judges nothing there.
    images = _ask(edge, "/sign", remote) if remote else ""
    return f"""\
handle /media/* {{
	route {{
		@write not method GET HEAD
		handle @write {{
{indent(headers("error"), "			")}			respond 405
		}}

		@image path_regexp {PUBLIC_IMAGE}
		handle @image {{
			route {{
{indent(images + _files(objects, _ICON + headers("image")), "				")}
			}}
		}}

		handle /media/t/* {{
			route {{
				log_name {DELIVERY_LOG}
				log_append grant {{http.request.header.X-Edge-Grant}}
{indent(_ask(edge, "/judge", remote, refused) + _files(objects, _types() + headers("media")), "				")}
			}}
		}}

{indent(headers("error"), "		")}		respond 404
	}}
}}
"""


def _ask(edge: str, door: str, remote: bool, refused: str = "") -> str:
    carried = f"\tcopy_headers X-Edge-Grant{' X-Edge-Authorization X-Edge-Date' if remote else ''}\n"
    elsewhere = f"\t@refused status 403\n\thandle_response @refused {{\n{refused}\t}}\n" if refused else ""
    return f"""\
forward_auth {edge} {{
	uri {door}
	header_up X-Edge-Uri {{http.request.orig_uri}}
	header_up X-Edge-Method {{http.request.method}}
	header_up X-Edge-Client {{http.request.remote.host}}
{carried}{elsewhere}}}
"""


def headers(kind: Kind) -> str:
    """Return the directive that writes the headers of this surface.

    They are set when the answer is written, so that they stand in place of whatever a store says of itself.
    """
    lines = "".join(f"\t>{name} {_quoted(value)}\n" for name, value in HEADERS[kind].items())
    return f"header {{\n{lines}}}\n"


def _types() -> str:
    # A matcher has to be named: "header *.m4s …" would set a header called "*.m4s".
    lines = "".join(
        f'@{suffix} path *.{suffix}\nheader @{suffix} >Content-Type "{name}"\n' for suffix, name in MEDIA_TYPES.items()
    )
    # Of two headers set when the answer is written, the one that is named first has the last word.
    return lines + 'header @m3u8 >Cache-Control "private, no-cache"\n'


def _files(objects: Path | RemoteStore, headers: str) -> str:
    """Return how the object behind a ``/media/`` path is served, once that is allowed."""
    if isinstance(objects, RemoteStore):
        return _fetched(objects, headers)
    return f"""\
uri strip_prefix /media
root * {_quoted(str(objects))}
@there file
handle @there {{
	route {{
{indent(headers, "		")}		file_server {{
			index off
			disable_canonical_uris
		}}
	}}
}}
"""


def _fetched(store: RemoteStore, headers: str) -> str:
    """Return the proxy to a store elsewhere: no cookie or query of ours goes there, no header of its own comes back."""
    return f"""\
uri strip_prefix /media
rewrite * /{store.bucket}{{http.request.uri.path}}?
reverse_proxy {store.origin} {{
	header_up Host {store.netloc}
	header_up Authorization {{http.request.header.X-Edge-Authorization}}
	header_up X-Amz-Date {{http.request.header.X-Edge-Date}}
	header_up X-Amz-Content-Sha256 UNSIGNED-PAYLOAD
	header_up -X-Edge-*
	header_up -X-Forwarded-*
	header_up -Cookie
	header_up -Via
	@served status 200 206 304 416
	handle_response @served {{
		route {{
			header {{
				-X-Amz-*
				-Server
				-Via
			}}
{indent(headers, "			")}			copy_response
		}}
	}}
	# A key that is not there is 403 to who may not list the bucket.
	@missing status 403 404
	handle_response @missing {{
		header Cache-Control no-store
		respond 404
	}}
	handle_response {{
		header Cache-Control no-store
		respond 502
	}}
}}
"""


def _quoted(text: str) -> str:
    """Return a Caddyfile token. A brace would begin a placeholder, so it is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("{", "\\{")
    return f'"{escaped}"'
