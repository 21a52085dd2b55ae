"""Media in an object store that somebody else runs: the verifier signs, the front door fetches, browsers see no S3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import tenancy
from core.ids import new_id
from devstack.edge.store import RemoteStore
from media.edge.local import RowsAreEnough
from media.edge.rows import RowsEdge
from media.models import EdgeBinding, Namespace, RevokedGrant, SigningKey
from tests.contracts.edge_stack import SEGMENT, EdgeStack, Film, running
from tests.contracts.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, S3Server


@dataclass(frozen=True)
class Elsewhere:
    """A front door whose objects are in a store of their own, and one film in it."""

    stack: EdgeStack
    store: S3Server
    client: Any
    film: Film
    edge: RowsEdge

    def cookies(self) -> dict[str, str]:
        grant = self.edge.grant(self.film.organization, host=self.film.host, item_id=self.film.asset, rev=self.film.rev)
        return {cookie.name: cookie.value for cookie in grant.cookies}


@pytest.fixture(scope="module")
def elsewhere(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: pytest.FixtureRequest, world: object
) -> Iterator[Elsewhere]:
    organization = new_id()
    with django_db_blocker.unblock(), S3Server(tmp_path_factory.mktemp("store")) as store:  # type: ignore[attr-defined]
        client = store.client()
        secret = SECRET_KEY.replace("/", "%2F").replace("+", "%2B")
        url = f"http://{ACCESS_KEY}:{secret}@127.0.0.1:{store.port}/{BUCKET}?region=us-east-1"
        with running(tmp_path_factory.mktemp("edge"), store_url=url) as stack:
            film = Film(organization, new_id(), new_id(), f"far-{organization.hex[-6:]}.lms.localhost")
            for name, body in (("seg/1.m4s", SEGMENT), ("master.m3u8", b"#EXTM3U\n")):
                client.put_object(Bucket=BUCKET, Key=film.path(name).removeprefix("/media/"), Body=body)
            edge = RowsEdge(RowsAreEnough())
            edge.ensure_tenant(organization, [film.host])
            yield Elsewhere(stack, store, client, film, edge)
        with tenancy.platform():
            for model in (SigningKey, EdgeBinding, Namespace, RevokedGrant):
                model.objects.filter(organization_id=organization).delete()


def test_a_grant_opens_what_lies_elsewhere(elsewhere: Elsewhere) -> None:
    film, cookies = elsewhere.film, elsewhere.cookies()
    got = elsewhere.stack.get(film.path(), film.host, cookies)
    assert (got.status_code, got.content) == (200, SEGMENT)
    assert got.headers["content-type"] == "video/iso.segment"
    assert got.headers["cache-control"] == "private, max-age=31536000, immutable"
    playlist = elsewhere.stack.get(film.path("master.m3u8"), film.host, cookies)
    assert (playlist.status_code, playlist.headers["cache-control"]) == (200, "private, no-cache")
    part = elsewhere.stack.get(film.path(), film.host, cookies, range="bytes=100-199")
    assert (part.status_code, part.content) == (206, SEGMENT[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(SEGMENT)}"
    head = elsewhere.stack.get(film.path(), film.host, cookies, method="HEAD")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(SEGMENT)))


def test_the_same_refusals_hold(elsewhere: Elsewhere) -> None:
    film = elsewhere.film
    refused = elsewhere.stack.get(film.path(), film.host)
    assert (refused.status_code, refused.headers["x-edge-reason"]) == (403, "MissingKey")
    # What the front door carries to the store is the verifier's word, never the browser's.
    forged = elsewhere.stack.get(film.path(), film.host, **{"x-edge-authorization": "AWS4", "x-edge-date": "1"})
    assert forged.status_code == 403
    other = film.path().replace(str(film.asset), str(new_id()))
    assert elsewhere.stack.get(other, film.host, elsewhere.cookies()).status_code == 403
    missing = elsewhere.stack.get(film.path("seg/2.m4s"), film.host, elsewhere.cookies())
    assert (missing.status_code, missing.headers["cache-control"], missing.content) == (404, "no-store", b"")


def test_public_images_are_fetched_for_anyone_and_nothing_else_is(elsewhere: Elsewhere) -> None:
    key = f"p/{elsewhere.film.organization}/{'a' * 64}.png"
    elsewhere.client.put_object(Bucket=BUCKET, Key=key, Body=b"\x89PNG", ContentType="image/png")
    got = elsewhere.stack.get(f"/media/{key}", elsewhere.film.host)
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    assert got.headers["cross-origin-resource-policy"] == "cross-origin"
    for path in (f"/media/{key[:-8]}.png", f"/media/p/../{key}", "/media/in/x", f"/media/{key}/"):
        assert elsewhere.stack.get(path, elsewhere.film.host).status_code in (403, 404)


def test_nothing_of_the_store_reaches_the_browser(elsewhere: Elsewhere) -> None:
    got = elsewhere.stack.get(elsewhere.film.path(), elsewhere.film.host, elsewhere.cookies())
    said = {name for name in got.headers if name.startswith(("x-amz", "x-edge")) or name in ("server", "via")}
    assert said == set()


def test_a_store_that_is_away_is_said_and_kept_by_nobody(elsewhere: Elsewhere) -> None:
    film, cookies = elsewhere.film, elsewhere.cookies()
    elsewhere.store.kill()
    try:
        away = elsewhere.stack.get(film.path(), film.host, cookies)
    finally:
        elsewhere.store.start()
    assert (away.status_code, away.headers["cache-control"]) == (502, "no-store")
    assert elsewhere.stack.get(film.path(), film.host, cookies).content == SEGMENT


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/b", "http://k:s@127.0.0.1:1/", "http://k@h/b"])
def test_an_address_without_keys_or_bucket_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="KEY:SECRET"):
        RemoteStore.parse(url)
