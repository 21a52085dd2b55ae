"""Writes tests/contracts/media_token.json: requests, what the store holds, and what has to come of it.

``python -m tests.support.edge_function.vectors``. Everything in it is fixed: the file changes with the rules only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from media.edge import token

FILE = Path(__file__).resolve().parents[2] / "contracts" / "media_token.json"
ACME, GLOBEX = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
ITEM, OTHER_ITEM = "01890a5d-ac96-774b-bcce-b302099a8059", "01890a5d-ac96-774b-bcce-b302099a805a"
HOST, NOW, SID = "acme.lms.example", 1_800_000_000, "0123456789abcdef0123456789abcdef"
# Of an example, and nobody's.
CURRENT, RETIRING, THEIRS = ("example-" + letter * 35 for letter in "crt")
STORE = {ACME: f"{CURRENT},{RETIRING}", GLOBEX: THEIRS}


def _claims(**changed: Any) -> token.Claims:
    given: dict[str, Any] = {
        "host": HOST, "organization": ACME, "scope": "v", "item": ITEM, "rev": "r1", "expires": NOW + 600, "sid": SID,
    }  # fmt: skip
    return token.Claims(**{**given, **changed})


def _path(
    organization: str = ACME, scope: str = "v", item: str = ITEM, rev: str = "r1", name: str = "seg/1.m4s"
) -> str:
    return f"/media/t/{organization}/{scope}/{item}/{rev}/{name}"


def _vector(name: str, outcome: str, given: str | None, **changed: Any) -> dict[str, Any]:
    uri = changed.get("uri", _path())
    event = {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "198.51.100.7"},
        "request": {
            "method": "GET",
            "uri": uri,
            "headers": {"host": {"value": changed.get("host", HOST)}},
            "cookies": changed.get("cookies", {token.COOKIE: {"value": given}} if given is not None else {}),
            "querystring": changed.get("query", {}),
        },
    }
    return {
        "name": name,
        "now": changed.get("now", NOW),
        "store": {**STORE, **changed.get("store", {})},
        "event": event,
        "outcome": outcome,
        "uri": uri.removeprefix("/media") if outcome == "served" else None,
    }


def vectors() -> list[dict[str, Any]]:
    """Return all of them."""
    good = _claims().token(CURRENT)
    both = {"value": good, "multiValue": [{"value": good}, {"value": good}]}
    bad = good[:-1] + ("A" if good[-1] != "A" else "B")
    made = [
        _vector("the current secret", "served", good),
        _vector("the retiring secret", "served", _claims().token(RETIRING)),
        _vector("a private file", "served", _claims(scope="f").token(CURRENT), uri=_path(scope="f", name="a.pdf")),
        _vector("in the query", "served", None, query={token.PARAMETER: {"value": good}}),
        _vector("the query counts, not the cookie", "BadToken", good, query={token.PARAMETER: {"value": bad}}),
        _vector("a host with its port", "served", _claims(host=f"{HOST}:8443").token(CURRENT), host=f"{HOST}:8443"),
        _vector("no token", "MissingToken", None),
        _vector("twice", "DuplicateParameter", None, query={token.PARAMETER: both}),
        _vector("nothing of a token", "MalformedToken", "x"),
        _vector("an empty one", "MissingToken", ""),
        _vector("another version", "MalformedToken", "2" + good[1:]),
        _vector("something behind it", "MalformedToken", good + "A"),
        _vector("a line behind it", "MalformedToken", good + "\n"),
        _vector("damaged", "BadToken", bad),
        _vector("another item", "TokenMismatch", good, uri=_path(item=OTHER_ITEM)),
        _vector("another revision", "TokenMismatch", good, uri=_path(rev="r2")),
        _vector("another kind", "TokenMismatch", good, uri=_path(scope="f")),
        _vector("another host", "BadToken", good, host="globex.lms.example"),
        _vector("another organization's path", "BadToken", good, uri=_path(GLOBEX)),
        _vector("their secret on our path", "BadToken", _claims().token(THEIRS)),
        _vector("their secret, their name in it", "BadToken", _claims(organization=GLOBEX).token(THEIRS)),
        _vector("an organization nobody knows", "UnknownKey", good, uri=_path(OTHER_ITEM)),
        _vector("a moment before its end", "served", good, now=NOW + 599.5),
        _vector("at its end", "Expired", good, now=NOW + 600),
        _vector("a later end written in", "BadToken", good.replace(str(NOW + 600), str(NOW + 6000))),
        _vector("an end that never comes", "MalformedToken", good.replace(str(NOW + 600), "9" * 17)),
        _vector("an ended grant", "GrantRevoked", good, store={f"r:{SID}": "1"}),
        _vector("another grant that ended", "served", good, store={f"r:{'f' * 32}": "1"}),
        _vector("a switched-off organization", "UnknownKey", _claims(organization=OTHER_ITEM).token(CURRENT),
                uri=_path(OTHER_ITEM)),
    ]  # fmt: skip
    for odd in ("/../1", "//1", "/%2e%2e/1", "/.hidden", "", "/a\\b", "/a?b", "/%2F", "/ä", "/" + "x" * 1100):
        uri = f"/media/t/{ACME}/v/{ITEM}/r1{odd}"
        made.append(_vector(f"not canonical: {odd[:12]}", "NotCanonical", good, uri=uri))
    made.append(_vector("upper case", "NotCanonical", good, uri=_path(ACME.upper())))
    made.append(_vector("an image of the public kind", "NotCanonical", good, uri=f"/media/p/{ACME}/x.png"))
    return made


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
