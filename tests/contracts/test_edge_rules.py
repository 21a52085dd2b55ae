"""CloudFront's rules, and ours, without a server: the decision itself."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from devstack.edge.judge import Asked, Judge, Snapshot, Tenant
from media.edge import policy
from media.edge.policy import Refused

ORG = "01890a5d-ac96-774b-bcce-b302099a8057"
OTHER = "01890a5d-ac96-774b-bcce-b302099a8058"
PATH = f"/media/t/{ORG}/v/{OTHER}/{OTHER}/seg/1.m4s"
HOST = "acme.lms.localhost:8000"
URL = f"http://{HOST}{PATH}"
NOW = 1_800_000_000
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> policy.PublicKey:
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return policy.load_public_key(pem.decode())


SNAPSHOT = Snapshot(
    {
        ORG: Tenant(frozenset({"acme.lms.localhost"}), {"KRSA": public(RSA_KEY), "KEC": public(EC_KEY)}),
        OTHER: Tenant(frozenset({"globex.lms.localhost"}), {"KOTHER": public(EC_KEY)}),
    }
)


def signed(text: bytes, *, kid: str = "KRSA", algorithm: str | None = "SHA1") -> str:
    digest = hashes.SHA256() if algorithm == "SHA256" else hashes.SHA1()
    signature = RSA_KEY.sign(text, padding.PKCS1v15(), digest) if kid == "KRSA" else EC_KEY.sign(text, ec.ECDSA(digest))
    said = "" if algorithm is None else f"&Hash-Algorithm={algorithm}"
    return f"Signature={policy.encode(signature)}&Key-Pair-Id={kid}{said}"


def judge(query: str, path: str = PATH, host: str = HOST, snapshot: Snapshot = SNAPSHOT, now: float = NOW) -> str:
    try:
        Judge("http").judge(Asked(f"{path}?{query}", host, "", "127.0.0.1"), snapshot, now)
    except Refused as refusal:
        return refusal.reason
    return "served"


@pytest.mark.parametrize("kid", ["KRSA", "KEC"])
@pytest.mark.parametrize(("signed_with", "said", "outcome"), [
    ("SHA1", None, "served"), ("SHA1", "SHA1", "served"), ("SHA256", "SHA256", "served"),
    ("SHA256", None, "BadSignature"), ("SHA1", "SHA256", "BadSignature"), ("SHA256", "sha256", "MalformedSignature"),
])  # fmt: skip
def test_the_hash_is_sha1_unless_said_otherwise(kid: str, signed_with: str, said: str | None, outcome: str) -> None:
    text = policy.custom_policy(f"http://{HOST}/media/t/{ORG}/*", NOW + 60)
    query = signed(text, kid=kid, algorithm=signed_with).replace(f"&Hash-Algorithm={signed_with}", "")
    query += "" if said is None else f"&Hash-Algorithm={said}"
    assert judge(f"Policy={policy.encode(text)}&{query}") == outcome


def test_a_canned_policy_is_over_the_url_as_asked_for() -> None:
    def ask(url: str, query: str, expires: int = NOW + 60) -> str:
        return judge(f"{query}Expires={expires}&{signed(policy.canned_policy(url, expires))}")

    assert ask(URL, "") == "served"
    assert ask(f"{URL}?size=1&x=", "size=1&x=&") == "served"
    assert ask(f"{URL}?size=1", "size=2&") == "BadSignature"
    assert ask(URL, "size=1&") == "BadSignature"
    assert ask(f"http://{HOST}/media/t/{ORG}/*", "") == "BadSignature"
    assert ask(URL, "", NOW) == "Expired"
    assert judge(f"Expires={NOW + 61}&{signed(policy.canned_policy(URL, NOW + 60))}") == "BadSignature"
    for odd in ("", "0", "-1", "1.5", "1e9", "٣", "9" * 17, " 5"):
        assert judge(f"Expires={odd}&{signed(policy.canned_policy(URL, 5))}") in ("MalformedPolicy", "BadSignature")


def test_times_are_strict() -> None:
    text = policy.custom_policy(f"http://{HOST}/media/t/{ORG}/*", NOW + 10, not_before=NOW)
    query = f"Policy={policy.encode(text)}&{signed(text)}"
    assert judge(query, now=NOW) == "NotYetValid"
    assert judge(query, now=NOW + 0.5) == "served"
    assert judge(query, now=NOW + 9.9) == "served"
    assert judge(query, now=NOW + 10) == "Expired"


def test_a_remembered_signature_is_judged_anew_each_time() -> None:
    one = Judge("http")
    text = policy.custom_policy(f"http://{HOST}/media/t/{ORG}/v/{OTHER}/{OTHER}/*", NOW + 10)
    query = f"Policy={policy.encode(text)}&{signed(text)}"

    def ask(path: str = PATH, host: str = HOST, snapshot: Snapshot = SNAPSHOT, now: float = NOW) -> str:
        try:
            one.judge(Asked(f"{path}?{query}", host, "", ""), snapshot, now)
        except Refused as refusal:
            return refusal.reason
        return "served"

    mine = SNAPSHOT.tenants[ORG]
    assert ask() == "served"
    assert ask() == "served"
    assert ask(now=NOW + 10) == "Expired"
    assert ask(path=PATH.replace(f"{OTHER}/seg", f"{ORG}/seg")) == "ResourceMismatch"
    assert ask(path=PATH.replace(f"t/{ORG}", f"t/{OTHER}")) == "WrongHost"
    assert ask(path=PATH.replace(f"t/{ORG}", f"t/{OTHER}"), host=HOST.replace("acme", "globex")) == "UnknownKey"
    assert ask(snapshot=Snapshot({ORG: Tenant(mine.hosts, {"KEC": mine.keys["KEC"]})})) == "UnknownKey"
    swapped = {"KRSA": mine.keys["KEC"]}
    assert ask(snapshot=Snapshot({ORG: Tenant(mine.hosts, swapped)})) == "BadSignature"
    assert ask(snapshot=Snapshot({ORG: Tenant(frozenset(), mine.keys)})) == "WrongHost"
    assert ask(snapshot=Snapshot({ORG: Tenant(mine.hosts, mine.keys, revoked=True)})) == "TenantRevoked"
    revoked = frozenset({policy.policy_hash(text)})
    assert ask(snapshot=Snapshot(SNAPSHOT.tenants, revoked)) == "GrantRevoked"
    assert ask(snapshot=Snapshot()) == "UnknownKey"
    assert ask() == "served"


def test_only_keys_cloudfront_takes() -> None:
    for key in (
        rsa.generate_private_key(public_exponent=65537, key_size=1024),
        ec.generate_private_key(ec.SECP384R1()),
    ):
        with pytest.raises(ValueError, match="RSA-2048 or P-256"):
            public(key)


@given(st.text("ab/*?.", max_size=12), st.text("ab/*?.", max_size=12))
def test_wildcards_mean_what_cloudfront_means(resource: str, url: str) -> None:
    pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in resource)
    assert policy.matches(resource, url) is bool(re.fullmatch(pattern, url, re.DOTALL))


def test_matching_is_quick_whatever_the_policy() -> None:
    assert not policy.matches("*a" * 500, "a" * 499 + "b" * 500)


@given(st.binary(min_size=1, max_size=80))
def test_base64_has_one_spelling(raw: bytes) -> None:
    text = policy.encode(raw)
    assert not set(text) & set("+/=")
    assert policy.decode(text) == raw
    for other in (text + "_", text + "A", " " + text, text + "\n", text.replace("_", "=")):
        assert other == text or policy.decode(other) != raw


@given(
    st.lists(
        st.sampled_from(
            [
                "/",
                "//",
                "..",
                ".",
                "%2e",
                "%2F",
                "\\",
                "%5c",
                "%00",
                "a",
                ORG,
                OTHER,
                "media",
                "t",
                "v",
                ";",
                "?",
                "\n",
                "é",
            ]
        ),
        max_size=14,
    )
)
def test_a_path_that_is_taken_has_one_reading(parts: list[str]) -> None:
    for path in ("".join(parts), PATH + "".join(parts), f"/media/t/{ORG}/v/{OTHER}/1/" + "".join(parts)):
        try:
            taken = policy.parse_path(path)
        except Refused:
            continue
        assert not re.search(r"[%\\;?#\s]|//|/\.", path)
        assert path.isascii()
        assert path.startswith(f"/media/t/{taken.organization}/{taken.kind}/{taken.item}/{taken.rev}/")


@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_sent_is_answered_with_a_reason(host: str, query: str, cookies: str) -> None:
    for uri in (f"{PATH}?{query}", query):
        with pytest.raises(Refused):
            Judge("http").judge(Asked(uri, host, cookies, host), SNAPSHOT, NOW)
