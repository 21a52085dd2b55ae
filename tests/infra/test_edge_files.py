"""What CloudFront runs and says for us, held to what the product runs and says itself."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from devstack.parts.caddyfile import UNTRUSTED_HEADERS
from tests.architecture.tree import ROOT

FUNCTION = ROOT / "infra" / "terraform" / "modules" / "edge" / "function" / "front_door.js"
# CloudFront itself takes these off or writes its own over them, and shows them to no function.
EDGES_OWN = {"x-edge-*", "x-real-ip", "x-forwarded-proto", "x-forwarded-for"}


def _asked(uri: str, **headers: str) -> dict[str, Any]:
    """Run the file as CloudFront does: one function ``handler`` that is given an event."""
    node = shutil.which("node")
    assert node
    event = {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {},
            "headers": {name: {"value": value} for name, value in headers.items()},
            "cookies": {},
        },
    }
    program = f"{FUNCTION.read_text()}\nprocess.stdout.write(JSON.stringify(handler({json.dumps(event)})))"
    run = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True, timeout=120)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_what_a_client_must_not_say_is_taken_off() -> None:
    said = {
        "x-lms-cell": "10.0.0.9",
        "x-lms-hop": "1",
        "x-forwarded-host": "other.example",
        "x-rewrite-url": "/staff",
        "cookie": "a=b",
        "origin": "https://acme.example",
    }
    request = _asked("/api/v1/me/", host="acme.example", **said)
    assert sorted(request["headers"]) == ["cookie", "host", "origin"]
    assert request["uri"] == "/api/v1/me/"


def test_every_header_that_the_embedded_front_door_takes_off_is_taken_off_here() -> None:
    listed = set(re.findall(r"'([a-z-]+)'", FUNCTION.read_text().split("UNTRUSTED = [")[1].split("]")[0]))
    for pattern in (found.lower() for found in UNTRUSTED_HEADERS):
        assert fnmatch.filter(listed | EDGES_OWN, pattern), pattern


@pytest.mark.parametrize("path", ["/tls-ask", "/tls-ask/", "/cell-ask", "/cell-ask/x"])
def test_what_only_our_front_doors_may_ask_is_not_there(path: str) -> None:
    assert _asked(path)["statusCode"] == 404


@pytest.mark.parametrize("path", ["/", "/cell-asking", "/courses/tls-ask"])
def test_pages_are(path: str) -> None:
    assert _asked(path)["uri"] == path


def test_the_function_is_as_small_as_cloudfront_wants_it() -> None:
    assert len(FUNCTION.read_bytes()) < 10_000


def test_nobody_has_the_other_half_of_nobodys_key() -> None:
    """Its point is made of a hash, so whoever knew its private half had solved the discrete logarithm."""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B  # FIPS 186-4, D.1.2.3
    key = serialization.load_pem_public_key((FUNCTION.parents[1] / "nobody.pem").read_bytes())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    for number in range(100):
        x = int.from_bytes(hashlib.sha256(f"emerging-tech-lms nobody {number}".encode()).digest(), "big")
        square = (x**3 - 3 * x + b) % prime
        y = pow(square, (prime + 1) // 4, prime)
        if x < prime and y * y % prime == square:
            break
    assert (key.public_numbers().x, key.public_numbers().y) == (x, min(y, prime - y))
