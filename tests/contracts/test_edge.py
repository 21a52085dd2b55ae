"""Only a signature of the organization's own key opens its media: asked of the real front door and verifier."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import psycopg2
import pytest

import tenancy
from core.clock import now
from core.ids import new_id
from devstack.edge.keys import KeyReader
from devstack.edge.server import Edge
from media import keys
from media.aws import signing
from media.edge import grants, policy
from media.edge.interface import NoKeyGroup
from media.edge.local import RowsAreEnough
from media.edge.rows import RowsEdge
from media.keys import Signer
from media.models import EdgeBinding, Namespace, RevokedGrant, SigningKey
from tests.contracts.edge_stack import SEGMENT, EdgeStack, Film, edge_database_url, netloc, running

WITHIN_SECONDS = 30.0  # half of the minute in which a right that ended has to end: the edge looks twice a second


@dataclass(frozen=True)
class Organization:
    """An organization of the edge, with one film."""

    id: UUID
    host: str
    film: Film
    edge: RowsEdge

    def signer(self) -> Signer:
        with tenancy.platform():
            key = SigningKey.objects.get(organization_id=self.id, state=SigningKey.State.CURRENT)
        return keys.signer(bytes(key.sealed_private_key), self.id, key.kid)

    def cookies(self, film: Film | None = None, **changed: object) -> dict[str, str]:
        """The cookies of a grant of the product's own making."""
        film = film or self.film
        wanted = {"host": film.host, "item_id": film.asset, "rev": film.rev, **changed}
        return {c.name: c.value for c in self.edge.grant(self.id, **wanted).cookies}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: pytest.FixtureRequest) -> Iterator[EdgeStack]:
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("edge")) as made:  # type: ignore[attr-defined]
        yield made


Make = Callable[..., Organization]


@pytest.fixture(scope="module")
def make(stack: EdgeStack) -> Iterator[Make]:
    made: list[UUID] = []

    def _make(slug: str, algorithm: str = keys.P_256) -> Organization:
        organization = new_id()
        host = f"{slug}-{organization.hex[-6:]}.lms.localhost"
        made.append(organization)
        edge = RowsEdge(RowsAreEnough(), algorithm=algorithm)
        edge.ensure_tenant(organization, [host])
        return Organization(organization, host, stack.film(organization, host), edge)

    yield _make
    with tenancy.platform():
        for model in (SigningKey, EdgeBinding, Namespace, RevokedGrant):
            model.objects.filter(organization_id__in=made).delete()


@pytest.fixture(scope="module")
def acme(make: Make) -> Organization:
    return make("acme")


@pytest.fixture(scope="module")
def globex(make: Make) -> Organization:
    return make("globex")


def soon(check: Callable[[], bool], seconds: float = WITHIN_SECONDS) -> None:
    """Wait until the check holds."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def opens(stack: EdgeStack, film: Film, cookies: dict[str, str] | str | None) -> bool:
    return stack.get(film.path(), film.host, cookies).status_code == 200


# -- what a grant opens


def test_a_grant_opens_its_revision_and_nothing_is_cached_by_others(stack: EdgeStack, acme: Organization) -> None:
    cookies = acme.cookies()
    got = stack.get(acme.film.path(), acme.host, cookies)
    assert (got.status_code, got.content) == (200, SEGMENT)
    assert got.headers["content-type"] == "video/iso.segment"
    assert got.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert got.headers["x-content-type-options"] == "nosniff"
    playlist = stack.get(acme.film.path("master.m3u8"), acme.host, cookies)
    assert playlist.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert playlist.headers["cache-control"] == "private, no-cache"
    part = stack.get(acme.film.path(), acme.host, cookies, range="bytes=100-199")
    assert (part.status_code, part.content) == (206, SEGMENT[100:200])
    assert stack.get(acme.film.path(), acme.host, cookies, method="HEAD").headers["content-length"] == str(len(SEGMENT))
    missing = stack.get(acme.film.path("seg/2.m4s"), acme.host, cookies)
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert stack.get(acme.film.path(), acme.host, cookies, method=method).status_code == 405


def test_without_a_grant_nothing_opens(stack: EdgeStack, acme: Organization) -> None:
    refused = stack.get(acme.film.path(), acme.host)
    assert (refused.status_code, refused.headers["x-edge-reason"], refused.content) == (403, "MissingKey", b"")
    assert refused.headers["cache-control"] == "no-store"
    for cookies in ("CloudFront-Policy=x", "sessionid=1; a=b", "CloudFront-Policy=; CloudFront-Signature=; x"):
        assert stack.get(acme.film.path(), acme.host, cookies).status_code == 403


@pytest.mark.parametrize("algorithm", [keys.P_256, keys.RSA_2048])
@pytest.mark.parametrize("carrier", ["cookie", "query"])
@pytest.mark.parametrize("form", ["custom", "canned"])
def test_every_form_of_signature(stack: EdgeStack, make: Make, algorithm: str, carrier: str, form: str) -> None:
    organization = make("forms", algorithm)
    film = organization.film
    other = stack.film(organization.id, organization.host)
    if form == "custom":
        grant = organization.edge.grant(organization.id, host=film.host, item_id=film.asset, rev=film.rev, kind="query")
        assert grant.query is not None
        query = grant.query
    else:
        signed = signing.signed_url(organization.signer(), film.url(), now() + timedelta(minutes=5))
        query = signed.partition("?")[2]
    pairs = [item.partition("=") for item in query.split("&")]
    cookies = {policy.COOKIE_PREFIX + name: value for name, _, value in pairs}

    def ask(path: str, *, damaged: str = "") -> int:
        if carrier == "query":
            return stack.get(f"{path}?{query.replace(damaged, 'A') if damaged else query}", film.host).status_code
        sent = {name: value.replace(damaged, "A") if damaged else value for name, value in cookies.items()}
        return stack.get(path, film.host, sent).status_code

    assert ask(film.path()) == 200
    assert ask(film.path("master.m3u8")) == (200 if form == "custom" else 403)
    assert ask(other.path()) == 403
    assert ask(film.path(), damaged={n: v for n, _, v in pairs}["Signature"][:6]) == 403
    assert ask(film.path(), damaged="SHA256") == 403


def test_attack_12_another_organizations_grant_opens_nothing(
    stack: EdgeStack, acme: Organization, globex: Organization
) -> None:
    assert opens(stack, acme.film, acme.cookies())
    assert opens(stack, globex.film, globex.cookies())
    theirs = globex.cookies()
    assert stack.get(acme.film.path(), acme.host, theirs).headers["x-edge-reason"] == "UnknownKey"
    assert stack.get(acme.film.path(), globex.host, theirs).headers["x-edge-reason"] == "WrongHost"
    assert stack.get(globex.film.path(), acme.host, theirs).headers["x-edge-reason"] == "WrongHost"
    # Globex's key may well sign a policy that names acme's path: it is not in acme's key group.
    forged = {
        c.name: c.value
        for c in grants.sign(
            globex.signer(), acme.id, host=acme.host, item_id=acme.film.asset, rev=acme.film.rev
        ).cookies
    }
    assert stack.get(acme.film.path(), acme.host, forged).headers["x-edge-reason"] == "UnknownKey"
    # Nor does it help to call it by the name of acme's key.
    forged["CloudFront-Key-Pair-Id"] = acme.signer().kid
    assert stack.get(acme.film.path(), acme.host, forged).headers["x-edge-reason"] == "BadSignature"
    query = globex.edge.grant(
        globex.id, host=globex.host, item_id=globex.film.asset, rev=globex.film.rev, kind="query"
    ).query
    assert stack.get(f"{acme.film.path()}?{query}", acme.host).status_code == 403


def test_attack_12_a_grant_names_one_revision(stack: EdgeStack, acme: Organization) -> None:
    other = stack.film(acme.id, acme.host)
    again = Film(acme.id, acme.film.asset, other.rev, acme.host)
    cookies = acme.cookies()
    for film in (other, again):
        assert stack.get(film.path(), acme.host, cookies).headers["x-edge-reason"] == "ResourceMismatch"
    assert opens(stack, other, acme.cookies(other))


def custom(signer: Signer, resource: str, *, life: int = 300, text: bytes | None = None) -> dict[str, str]:
    """Cookies over a policy that the product would never make."""
    text = text if text is not None else policy.custom_policy(resource, int(time.time()) + life)
    return {
        "CloudFront-Policy": policy.encode(text),
        "CloudFront-Signature": policy.encode(signer.sign(text)),
        "CloudFront-Key-Pair-Id": signer.kid,
        "CloudFront-Hash-Algorithm": "SHA256",
    }


def test_even_the_organizations_own_key_signs_only_for_its_path_and_host(
    stack: EdgeStack, acme: Organization, globex: Organization
) -> None:
    signer = acme.signer()
    origin = f"http://{netloc(acme.host)}"
    assert opens(stack, acme.film, custom(signer, f"{origin}/media/t/{acme.id}/*"))
    for wide in (
        "*",
        "http*://*",
        "http://*",
        f"{origin}/*",
        f"{origin}/media/*",
        f"{origin}/media/t/*",
        f"{origin}/media/t/{str(acme.id)[:-1]}?/*",
        f"http://{acme.host}/media/t/{acme.id}/*",
        f"http://{acme.host}:1/media/t/{acme.id}/*",
        f"https://{netloc(acme.host)}/media/t/{acme.id}/*",
        f"http://{netloc(globex.host)}/media/t/{acme.id}/*",
        f"{origin}/media/t/{globex.id}/*",
        acme.film.path(),
    ):
        refused = stack.get(acme.film.path(), acme.host, custom(signer, wide))
        assert (refused.status_code, refused.headers["x-edge-reason"]) == (403, "ResourceMismatch"), wide
    refused = stack.get(globex.film.path(), globex.host, custom(signer, f"http://{netloc(globex.host)}/media/t/*"))
    assert refused.headers["x-edge-reason"] == "UnknownKey"


def test_the_host_must_be_the_organizations(stack: EdgeStack, acme: Organization) -> None:
    cookies = acme.cookies()
    for host in (
        "lms.localhost",
        "evil.example",
        f"x.{acme.host}",
        f"{acme.host}.",
        acme.host.upper(),
        f"{acme.host}@x",
    ):
        assert stack.get(acme.film.path(), netloc(host), cookies).status_code in (400, 403), host
    for host in (acme.host + ":1", acme.host + ":80", acme.host + ":"):
        assert stack.get(acme.film.path(), host, cookies).status_code in (400, 403), host
    forwarded = {"x-forwarded-host": netloc(acme.host), "x-edge-uri": acme.film.path(), "x-original-host": acme.host}
    assert stack.get(acme.film.path(), "evil.example", cookies, **forwarded).status_code == 403


# -- paths


def test_no_spelling_of_a_path_leads_to_another_organization(
    stack: EdgeStack, acme: Organization, globex: Organization
) -> None:
    cookies = acme.cookies()
    mine, theirs = acme.film, globex.film
    base = f"/media/t/{acme.id}/v/{mine.asset}/{mine.rev}"
    up = "../../../.."
    tail = f"{globex.id}/v/{theirs.asset}/{theirs.rev}/seg/1.m4s"
    targets = [
        f"{base}/{up}/{tail}",
        f"{base}/{up.replace('.', '%2e')}/{tail}",
        f"{base}/{up.replace('.', '%2E')}/{tail}",
        f"{base}/{up.replace('/', '%2f')}%2f{tail}",
        f"{base}/{up.replace('/', '%2F')}/{tail}",
        f"{base}/{up.replace('.', '%252e')}/{tail}",
        f"{base}/{up}/{tail}".replace("../", "..\\"),
        f"{base}/{up}/{tail}".replace("../", "..%5c"),
        f"{base}/..;/..;/..;/..;/{tail}",
        f"{base}//seg/1.m4s",
        f"{base}/./seg/1.m4s",
        f"{base}/seg/../seg/1.m4s",
        f"{base}/seg/%31.m4s",
        f"{base}/seg/1.m4s%00",
        f"{base}/seg/1.m4s%20",
        f"{base}/seg/1.m4s/",
        f"{base}/seg/",
        f"{base}/seg",
        f"{base}/",
        f"{base}/.hidden",
        f"{base}/seg/1.m4s#x",
        f"{base}/seg/1.m4s;x",
        f"{base}/seg/1.m4s?",
        f"/media/t/{acme.id}/../{tail}",
        f"/media/t/{str(acme.id).upper()}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"/media/T/{acme.id}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"/MEDIA/t/{acme.id}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"//media/t/{acme.id}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"/x/../media/t/{acme.id}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"/%6dedia/t/{acme.id}/v/{mine.asset}/{mine.rev}/seg/1.m4s",
        f"/media/t/{acme.id}/in/{mine.asset}",
        f"/media/t/{acme.id}/",
        "/media/t/",
        "/media/",
        "/media/../../etc/passwd",
        f"http://{netloc(acme.host)}{base}/seg/1.m4s",
        f"{base}/seg/{'x' * 1000}.m4s",
    ]
    assert stack.get(f"{base}/seg/1.m4s", acme.host, cookies).status_code == 200
    for target in targets:
        answer = stack.get(target, acme.host, cookies)
        # What is not below /media/ after all goes to the application, which is not running here.
        assert answer.status_code in (400, 403, 404, 502), (target, answer.status_code)
        assert SEGMENT not in answer.content


def test_only_public_images_are_public(stack: EdgeStack, acme: Organization) -> None:
    name = "ab" * 32
    folder = stack.objects / "p" / str(acme.id)
    folder.mkdir(parents=True)
    for suffix in (".webp", ".ico", ".svg", ".html"):
        (folder / f"{name}{suffix}").write_bytes(b"image")
    image = stack.get(f"/media/p/{acme.id}/{name}.webp", acme.host)
    assert (image.status_code, image.content) == (200, b"image")
    assert "sandbox" in image.headers["content-security-policy"]
    icon = stack.get(f"/media/p/{acme.id}/{name}.ico", acme.host)
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/x-icon")
    for target in (
        f"/media/p/{acme.id}/{name}.svg",
        f"/media/p/{acme.id}/{name}.html",
        f"/media/p/{acme.id}/",
        f"/media/p/{acme.id}/../../t/{acme.id}/v/{acme.film.asset}/{acme.film.rev}/poster.jpg",
        f"/media/p/{acme.id}/%2e%2e/%2e%2e/t/{acme.id}/v/{acme.film.asset}/{acme.film.rev}/poster.jpg",
        f"/media/p/{acme.id}/..%2f..%2ft/{acme.id}/v/{acme.film.asset}/{acme.film.rev}/poster.jpg",
    ):
        answer = stack.get(target, acme.host)
        assert answer.status_code in (400, 403, 404), target
        assert b"jpeg" not in answer.content


# -- what is malformed


def test_malformed_signatures_are_refused_and_never_an_error(stack: EdgeStack, acme: Organization) -> None:
    good = acme.cookies()
    signer = acme.signer()
    resource = f"{acme.film.url('*')}"
    ends = int(time.time()) + 300
    texts = [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 5000,
        b'{"Statement":[]}',
        b'{"Statement":{}}',
        b'{"Statement":[1]}',
        b'{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}}]}',
        f'{{"Statement":[{{"Resource":"{resource}"}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Condition":{{}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"","Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":["{resource}"],"Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":"{ends}"}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}.5}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":true}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":NaN}}}}}}]}}'.encode(),
        f'{{"Statement":[{{"Resource":"{resource}","Resource":"x","Condition":{{"DateLessThan":{{"AWS:EpochTime":{ends}}}}}}}]}}'.encode(),
        policy.custom_policy(resource, ends).replace(b'"Statement"', b'"Version":"1","Statement"'),
        policy.custom_policy(resource, ends)[:-2] + b"," + policy.custom_policy(resource, ends)[14:],
        policy.custom_policy(resource, ends, source="::/0"),
        policy.custom_policy(resource, ends, source="everywhere"),
        policy.custom_policy(resource + "x" * 4000, ends),
    ]
    for text in texts:
        refused = stack.get(acme.film.path(), acme.host, custom(signer, resource, text=text))
        assert refused.status_code == 403, text
        assert refused.headers["x-edge-reason"] in ("MalformedPolicy", "MissingKey", "MissingSignature"), text
    for changed in (
        {"CloudFront-Signature": "!!!"},
        {"CloudFront-Signature": base64.b64encode(b"\xfb\xff" * 30).decode()},
        {"CloudFront-Signature": good["CloudFront-Signature"] + "_"},
        {"CloudFront-Signature": ""},
        {"CloudFront-Policy": good["CloudFront-Policy"][:-3]},
        {"CloudFront-Hash-Algorithm": "MD5"},
        {"CloudFront-Hash-Algorithm": "SHA1"},
        {"CloudFront-Key-Pair-Id": "K" * 14},
        {"CloudFront-Key-Pair-Id": "../../x"},
        {"CloudFront-Expires": str(ends)},
    ):
        assert stack.get(acme.film.path(), acme.host, {**good, **changed}).status_code == 403, changed
    sha1_by_default = {name: value for name, value in good.items() if name != "CloudFront-Hash-Algorithm"}
    assert stack.get(acme.film.path(), acme.host, sha1_by_default).headers["x-edge-reason"] == "BadSignature"


def test_what_is_given_twice_or_both_ways_is_refused(stack: EdgeStack, acme: Organization) -> None:
    good = acme.cookies()
    once = "; ".join(f"{name}={value}" for name, value in good.items())
    assert stack.get(acme.film.path(), acme.host, once).status_code == 200
    assert stack.get(acme.film.path(), acme.host, f"other=1; {once}; theme=dark").status_code == 200
    for name, value in good.items():
        twice = stack.get(acme.film.path(), acme.host, f"{once}; {name}={value}")
        assert twice.headers["x-edge-reason"] == "DuplicateParameter"
    query = acme.edge.grant(acme.id, host=acme.host, item_id=acme.film.asset, rev=acme.film.rev, kind="query").query
    assert query is not None
    path = acme.film.path()
    assert stack.get(f"{path}?{query}", acme.host).status_code == 200
    assert stack.get(f"{path}?{query}&Policy=x", acme.host).headers["x-edge-reason"] == "DuplicateParameter"
    # As CloudFront has it: one parameter in the query, and the cookies count for nothing.
    for parameter in ("Policy=x", "Signature=x", "Key-Pair-Id=x", "Expires=1"):
        assert stack.get(f"{path}?{parameter}", acme.host, once).status_code == 403
    assert stack.get(f"{path}?{query}", acme.host, "CloudFront-Policy=x").status_code == 200


# -- time, rotation, revocation


def test_a_grant_ends_and_does_not_begin_early(stack: EdgeStack, acme: Organization) -> None:
    signer = acme.signer()
    resource = acme.film.url("*")
    brief = custom(signer, resource, life=5)
    assert opens(stack, acme.film, brief)
    soon(lambda: not opens(stack, acme.film, brief))
    assert stack.get(acme.film.path(), acme.host, brief).headers["x-edge-reason"] == "Expired"
    moment = int(time.time())
    early = policy.custom_policy(resource, moment + 600, not_before=moment + 300)
    refused = stack.get(acme.film.path(), acme.host, custom(signer, resource, text=early))
    assert refused.headers["x-edge-reason"] == "NotYetValid"


def test_a_grant_for_an_address(stack: EdgeStack, acme: Organization) -> None:
    signer = acme.signer()
    resource, ends = acme.film.url("*"), int(time.time()) + 300
    here = policy.custom_policy(resource, ends, source="127.0.0.0/8")
    elsewhere = policy.custom_policy(resource, ends, source="192.0.2.0/24")
    assert opens(stack, acme.film, custom(signer, resource, text=here))
    refused = stack.get(
        acme.film.path(), acme.host, custom(signer, resource, text=elsewhere), **{"x-forwarded-for": "192.0.2.1"}
    )
    assert refused.headers["x-edge-reason"] == "WrongAddress"


def test_the_products_grants_live_ten_minutes(acme: Organization) -> None:
    grant = acme.edge.grant(acme.id, host=acme.host, item_id=acme.film.asset, rev=acme.film.rev)
    assert timedelta(minutes=9, seconds=58) <= grant.expires_at - grant.issued_at <= timedelta(minutes=10)
    assert grant.renew_at - grant.issued_at == timedelta(minutes=5)
    assert grant.base_url == acme.film.url("")
    assert {cookie.path for cookie in grant.cookies} == {f"/media/t/{acme.id}/v/{acme.film.asset}/"}
    assert all(cookie.http_only and cookie.same_site == "Strict" for cookie in grant.cookies)
    again = acme.edge.grant(acme.id, host=acme.host, item_id=acme.film.asset, rev=acme.film.rev)
    assert again.policy_hash != grant.policy_hash
    for odd in ("../x", "a/b", "*", "", "x" * 80):
        with pytest.raises(ValueError, match="cannot be a media URL"):
            acme.edge.grant(acme.id, host=acme.host, item_id=acme.film.asset, rev=odd)


def test_one_url_of_one_file(stack: EdgeStack, acme: Organization) -> None:
    film = acme.film

    def signed(expires_at: datetime) -> str:
        url = acme.edge.signed_url(
            acme.id, host=acme.host, item_id=film.asset, rev=film.rev, name="poster.jpg", expires_at=expires_at
        )
        return url.partition(netloc(acme.host))[2]

    url = signed(now() + timedelta(hours=1))
    assert stack.get(url, acme.host).status_code == 200
    assert stack.get(url.replace("poster.jpg", "master.m3u8"), acme.host).status_code == 403
    assert stack.get(signed(now() - timedelta(seconds=1)), acme.host).headers["x-edge-reason"] == "Expired"
    with pytest.raises(ValueError, match="two hours"):
        signed(now() + timedelta(hours=3))


def test_a_revoked_grant_ends_at_once_and_others_live_on(stack: EdgeStack, acme: Organization) -> None:
    grant = acme.edge.grant(acme.id, host=acme.host, item_id=acme.film.asset, rev=acme.film.rev)
    cookies = {cookie.name: cookie.value for cookie in grant.cookies}
    other = acme.cookies()
    assert opens(stack, acme.film, cookies)
    acme.edge.revoke_grant(acme.id, grant.policy_hash, grant.expires_at)
    acme.edge.revoke_grant(acme.id, grant.policy_hash, grant.expires_at)
    soon(lambda: not opens(stack, acme.film, cookies))
    assert stack.get(acme.film.path(), acme.host, cookies).headers["x-edge-reason"] == "GrantRevoked"
    assert opens(stack, acme.film, other)


def test_keys_rotate_without_a_gap(stack: EdgeStack, make: Make) -> None:
    organization = make("rotating")
    first = organization.cookies()
    assert opens(stack, organization.film, first)
    kids = [organization.signer().kid]
    organization.edge.rotate(organization.id)
    kids.append(organization.signer().kid)
    second = organization.cookies()
    assert second["CloudFront-Key-Pair-Id"] == kids[1] != kids[0]
    assert opens(stack, organization.film, second)
    assert opens(stack, organization.film, first)
    with tenancy.platform():
        SigningKey.objects.filter(kid=kids[0]).update(retires_at=now() - timedelta(seconds=1))
    organization.edge.tidy()
    soon(lambda: not opens(stack, organization.film, first))
    assert stack.get(organization.film.path(), organization.host, first).headers["x-edge-reason"] == "UnknownKey"
    assert opens(stack, organization.film, second)
    organization.edge.rotate(organization.id, at_once=True)
    soon(lambda: not opens(stack, organization.film, second))
    assert opens(stack, organization.film, organization.cookies())


def test_a_key_made_a_moment_ago_signs_at_once(stack: EdgeStack, make: Make) -> None:
    for _ in range(3):
        organization = make("new")
        assert opens(stack, organization.film, organization.cookies())


def test_an_organization_that_is_switched_off_serves_nothing(stack: EdgeStack, make: Make) -> None:
    organization = make("off")
    cookies = organization.cookies()
    assert opens(stack, organization.film, cookies)
    organization.edge.revoke(organization.id)
    soon(lambda: not opens(stack, organization.film, cookies))
    refused = stack.get(organization.film.path(), organization.host, cookies)
    assert refused.headers["x-edge-reason"] == "TenantRevoked"
    with pytest.raises(NoKeyGroup):
        organization.cookies()
    organization.edge.ensure_tenant(organization.id, [organization.host])
    soon(lambda: opens(stack, organization.film, cookies))


def test_an_organization_may_have_several_hosts_and_lose_one(stack: EdgeStack, make: Make) -> None:
    organization = make("hosts")
    second = f"learn-{organization.id.hex[-6:]}.example"
    film = Film(organization.id, organization.film.asset, organization.film.rev, second)
    cookies = organization.cookies(film)
    assert not opens(stack, film, cookies)
    organization.edge.ensure_tenant(organization.id, [organization.host, second.upper()])
    soon(lambda: opens(stack, film, cookies))
    organization.edge.ensure_tenant(organization.id, [organization.host])
    soon(lambda: not opens(stack, film, cookies))
    assert opens(stack, organization.film, organization.cookies())


def test_media_follow_the_hosts_and_stay_off_where_they_are_switched_off(stack: EdgeStack, make: Make) -> None:
    organization = make("follow")
    own = f"learn-{organization.id.hex[-6:]}.example"
    film = Film(organization.id, organization.film.asset, organization.film.rev, own)
    cookies = organization.cookies(film)
    organization.edge.follow_hosts(organization.id, [organization.host, own])
    at_home = organization.cookies()
    soon(lambda: opens(stack, film, cookies))
    organization.edge.follow_hosts(organization.id, [own])
    soon(lambda: not opens(stack, organization.film, at_home))
    organization.edge.revoke(organization.id)
    organization.edge.follow_hosts(organization.id, [organization.host])
    soon(lambda: not opens(stack, film, cookies))
    assert not opens(stack, organization.film, at_home)


def test_nobody_asks_about_certificates_through_the_front_door(stack: EdgeStack, acme: Organization) -> None:
    for host in (acme.host, "127.0.0.1", "lms.localhost"):
        for target in ("/tls-ask/?domain=acme.lms.localhost", "/tls-ask", "/tls-ask/x", "/TLS-ask/", "/%74ls-ask/"):
            assert stack.get(target, host).status_code == 404, (host, target)
    # Nothing stands behind the front door here: what it lets through is a 502.
    assert stack.get("/", acme.host).status_code == 502


def test_unknown_organizations_have_no_key(acme: Organization) -> None:
    for call in (acme.edge.rotate, acme.edge.revoke):
        with pytest.raises(NoKeyGroup):
            call(new_id())
    with pytest.raises(NoKeyGroup):
        acme.edge.grant(new_id(), host=acme.host, item_id=new_id(), rev="1")


# -- the verifier itself


def _raw(stack: EdgeStack, request: bytes) -> bytes:
    address = urlsplit(stack.edge)
    with socket.create_connection((address.hostname, address.port), timeout=60) as wire:
        with contextlib.suppress(
            ConnectionError
        ):  # what is too long is answered, and hung up on, before it is all there
            wire.sendall(request)
        return wire.recv(4096)


def test_the_verifier_answers_whatever_it_is_sent(stack: EdgeStack, acme: Organization) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in acme.cookies().items()).encode()
    path, host = acme.film.path().encode(), netloc(acme.host).encode()
    good = b"GET /judge HTTP/1.1\r\nHost: " + host + b"\r\nX-Edge-Uri: " + path + b"\r\nCookie: " + cookies + b"\r\n"
    assert _raw(stack, good + b"\r\n").startswith(b"HTTP/1.1 200")
    assert _raw(stack, good.replace(b"Cookie: ", b"Cookie: a=b\r\nCookie: ") + b"\r\n").startswith(b"HTTP/1.1 200")
    for odd in (
        b"GET /judge HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\nCookie: " + cookies + b"\r\n\r\n",
        good + b"X-Edge-Uri: " + path + b"\r\n\r\n",
        good + b"Host: " + host + b"\r\n\r\n",
        good + b"Cookie: " + cookies + b"\r\n\r\n",
        good.replace(b"m4s\r", b"m4s?\xff\xfe=\x01\r") + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / SIP/9\r\n\r\n",
        good + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    ):
        assert _raw(stack, odd).startswith(b"HTTP/1.1 403"), odd[:80]


def test_without_the_database_the_last_keys_serve_until_they_are_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = KeyReader(edge_database_url())
    reader.refresh()
    edge = Edge(reader, "http")
    known = edge.snapshot
    assert not edge.stale
    reader.close()
    monkeypatch.setattr(reader, "_url", "postgresql://nobody:x@127.0.0.1:1/nothing")
    with pytest.raises(psycopg2.OperationalError):
        reader.refresh()
    asyncio.run(edge.refresh())
    assert edge.snapshot is known
    assert not edge.stale
    reader.read_at -= 601
    assert edge.stale


# -- keys at rest


def test_a_private_key_opens_only_where_it_belongs(acme: Organization, globex: Organization) -> None:
    with tenancy.platform():
        mine = SigningKey.objects.get(organization_id=acme.id, state=SigningKey.State.CURRENT)
    sealed = bytes(mine.sealed_private_key)
    assert keys.signer(sealed, acme.id, mine.kid).sign(b"x")
    for organization, kid, box in (
        (globex.id, mine.kid, sealed),
        (acme.id, "K" * 14, sealed),
        (acme.id, mine.kid, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (acme.id, mine.kid, sealed[1:]),
        (acme.id, mine.kid, b""),
    ):
        with pytest.raises(keys.SealBroken):
            keys.signer(box, organization, kid)


def test_another_key_encryption_key_opens_nothing(acme: Organization, settings: object) -> None:
    with tenancy.platform():
        mine = SigningKey.objects.get(organization_id=acme.id, state=SigningKey.State.CURRENT)
    settings.KEK = base64.b64encode(bytes(32)).decode()  # type: ignore[attr-defined]
    with pytest.raises(keys.SealBroken):
        keys.signer(bytes(mine.sealed_private_key), acme.id, mine.kid)
    settings.KEK = "short"  # type: ignore[attr-defined]
    with pytest.raises(keys.SealBroken, match="LMS_KEK"):
        keys.new_key(acme.id)


def test_the_verifiers_login_sees_key_groups_and_nothing_else(acme: Organization) -> None:
    link = psycopg2.connect(edge_database_url())
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("select count(*) from public.media_signingkey where organization_id = %s", [str(acme.id)])
        assert cursor.fetchone() == (2,)
        for statement in (
            "select 1 from public.tenants_organization",
            "select 1 from public.media_namespace",
            "insert into public.media_revokedgrant values ('x')",
            "update public.media_signingkey set state = 'current'",
            "delete from public.media_edgebinding",
            "create table public.mine (x int)",
            "set role r_platform",
        ):
            with pytest.raises(psycopg2.Error):
                cursor.execute(statement)
    link.close()
