"""What the front door does for organizations that live in another cell: it asks there instead, and nobody notices.

The web server answers such a request with 421 and a header that names the other front door's address, from its own
table of cells. For a read that is all: the request is sent on. A request with a body has been read by then (Caddy
keeps no copy for a second proxy), so for writes the web server is asked first, by a request without the body.
"""

from __future__ import annotations

from textwrap import indent

HEADER = "X-Lms-Cell"
HOP_HEADER = "X-Lms-Hop"
PATH = "/cell-ask"

# Inside a reverse_proxy to the web server.
ELSEWHERE = f"""\
@elsewhere {{
	status 421
	header {HEADER} *
}}
handle_response @elsewhere {{
	reverse_proxy {{rp.header.{HEADER}}} {{
		header_up {HOP_HEADER} 1
		header_down -{HEADER}
		transport http {{
			dial_timeout 2s
		}}
	}}
}}
"""


def ask_for_writes(web: str, choice: str) -> str:
    """Return the question in front of writes: an answer of 2xx lets them through to our own web server.

    ``choice`` says which of the groups ``web`` is asked and how long it may take, as for the write itself.
    """
    return f"@write not method GET HEAD OPTIONS\n{_question(web, choice, matcher='@write ')}"


def where(web: str, choice: str) -> str:
    """Return the question behind a refusal of media: if they are elsewhere they are fetched there, else it stands."""
    return "route {\n" + indent(_question(web, choice) + "respond 403\n", "\t") + "}\n"


def _question(web: str, choice: str, *, matcher: str = "") -> str:
    return f"""\
reverse_proxy {matcher}{web} {{
{indent(choice, "	")}	method GET
	rewrite {PATH}
	header_up -Content-Length
	header_up -Content-Type
	header_up -Transfer-Encoding
	header_down -{HEADER}
{indent(ELSEWHERE, "	")}	@here status 2xx
	handle_response @here {{
		vars cell here
	}}
}}
"""
