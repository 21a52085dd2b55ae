"""The second strategy at the real edge: a shared key and a token, both or nothing; and moving to it and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

import tenancy
from core.clock import now
from core.ids import new_id
from media import keys
from media.edge import grants, keyring, moving, token
from media.edge.interface import CannotMove, NoKeyGroup
from media.edge.local import POOL, RowsAreEnough
from media.edge.rows import RowsEdge
from media.models import EdgeBinding, EdgeSecret, EdgeValue, Namespace, RevokedGrant, SigningKey
from tests.contracts.edge_stack import SEGMENT, EdgeStack, Film, running
from tests.contracts.test_edge import opens, soon

TENANT, POOLED = EdgeBinding.Strategy.DISTRIBUTION_TENANT, EdgeBinding.Strategy.POOLED
EDGE = RowsEdge(RowsAreEnough())


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: pytest.FixtureRequest) -> Iterator[EdgeStack]:
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("edge")) as made:  # type: ignore[attr-defined]
        yield made


@dataclass(frozen=True)
class Organization:
    id: UUID
    host: str
    film: Film

    def cookies(self, film: Film | None = None) -> dict[str, str]:
        film = film or self.film
        granted = EDGE.grant(self.id, host=film.host, item_id=film.asset, rev=film.rev)
        return {cookie.name: cookie.value for cookie in granted.cookies}

    def binding(self) -> EdgeBinding:
        with tenancy.platform():
            return EdgeBinding.objects.get(organization_id=self.id)


Make = Callable[..., Organization]


@pytest.fixture(scope="module")
def make(stack: EdgeStack) -> Iterator[Make]:
    made: list[UUID] = []

    def _make(slug: str, *, moved: bool = True) -> Organization:
        organization = new_id()
        host = f"{slug}-{organization.hex[-6:]}.lms.localhost"
        made.append(organization)
        EDGE.ensure_tenant(organization, [host])
        if moved:
            with tenancy.platform():
                EdgeBinding.objects.filter(organization_id=organization).update(strategy=TENANT)
            EDGE.ensure_tenant(organization, [host])
        return Organization(organization, host, stack.film(organization, host))

    yield _make
    with tenancy.platform():
        for model in (SigningKey, EdgeBinding, EdgeSecret, Namespace, RevokedGrant):
            model.objects.filter(organization_id__in=[*made, token.shard_id(POOL)]).delete()
        EdgeValue.objects.filter(key__in=[str(one) for one in made]).delete()


@pytest.fixture
def acme(make: Make) -> Organization:
    return make("acme")


@pytest.fixture
def globex(make: Make) -> Organization:
    return make("globex")


def reason(stack: EdgeStack, film: Film, cookies: dict[str, str] | None) -> str:
    return str(stack.get(film.path(), film.host, cookies).headers.get("x-edge-reason", "served"))


# -- both are asked for


def test_signature_and_token_open_one_revision_together(stack: EdgeStack, acme: Organization) -> None:
    cookies = acme.cookies()
    soon(lambda: opens(stack, acme.film, cookies))
    assert stack.get(acme.film.path(), acme.host, cookies).content == SEGMENT
    signature = {name: value for name, value in cookies.items() if name != token.COOKIE}
    assert reason(stack, acme.film, signature) == "MissingToken"
    assert reason(stack, acme.film, {token.COOKIE: cookies[token.COOKIE]}) == "MissingKey"
    other = stack.film(acme.id, acme.host)
    assert reason(stack, other, cookies) == "ResourceMismatch"
    assert reason(stack, other, {**acme.cookies(other), token.COOKIE: cookies[token.COOKIE]}) == "TokenMismatch"


def test_the_query_carries_both_and_a_url_to_one_file_too(stack: EdgeStack, acme: Organization) -> None:
    film = acme.film
    granted = EDGE.grant(acme.id, host=film.host, item_id=film.asset, rev=film.rev, kind="query")
    assert granted.query is not None
    soon(lambda: stack.get(f"{film.path()}?{granted.query}", film.host).status_code == 200)
    without = "&".join(item for item in granted.query.split("&") if not item.startswith(token.PARAMETER))
    assert stack.get(f"{film.path()}?{without}", film.host).headers["x-edge-reason"] == "MissingToken"
    url = EDGE.signed_url(
        acme.id, host=film.host, item_id=film.asset, rev=film.rev, name="poster.jpg", expires_at=soon_over()
    )
    query = url.partition("?")[2]
    assert stack.get(f"{film.path('poster.jpg')}?{query}", film.host).status_code == 200
    assert stack.get(f"{film.path('master.m3u8')}?{query}", film.host).status_code == 403
    assert stack.get(f"{film.path('poster.jpg')}?{query.partition('&')[2]}", film.host).status_code == 403


def soon_over() -> datetime:
    return now() + timedelta(minutes=5)


# -- one organization's key opens nothing of another's


def test_no_key_of_one_organization_opens_anything_of_another(
    stack: EdgeStack, acme: Organization, globex: Organization, make: Make
) -> None:
    """What globex has: the key that all distribution tenants share, and its own secret. Neither makes acme's token."""
    pooled = make("pooled", moved=False)
    soon(lambda: opens(stack, acme.film, acme.cookies()))
    soon(lambda: opens(stack, globex.film, globex.cookies()))
    soon(lambda: opens(stack, pooled.film, pooled.cookies()))
    with tenancy.platform():
        shared = keyring.signer(token.shard_id(POOL), only_trusted=True)
        own_of_globex = keyring.signer(globex.id, only_trusted=True)
        secret = keyring.secret(globex.id, only_trusted=True)
    film = acme.film
    for signer in (shared, own_of_globex):
        for with_secret in (secret, ""):
            forged = grants.sign(signer, acme.id, host=film.host, item_id=film.asset, rev=film.rev, secret=with_secret)
            cookies = {cookie.name: cookie.value for cookie in forged.cookies}
            expected = {True: "BadToken", False: "MissingToken"}[bool(with_secret)]
            assert reason(stack, film, cookies) == (expected if signer is shared else "UnknownKey")
    # The shared key opens nothing of an organization on the shared edge, and a pooled organization's key nothing here.
    for signer, target in ((shared, pooled), (own_of_globex, pooled)):
        forged = grants.sign(
            signer, target.id, host=target.host, item_id=target.film.asset, rev=target.film.rev, secret=secret
        )
        cookies = {cookie.name: cookie.value for cookie in forged.cookies}
        assert reason(stack, target.film, cookies) == "UnknownKey"
    with tenancy.platform():
        theirs = keyring.signer(pooled.id, only_trusted=True)
    forged = grants.sign(theirs, acme.id, host=film.host, item_id=film.asset, rev=film.rev, secret=secret)
    assert reason(stack, film, {cookie.name: cookie.value for cookie in forged.cookies}) == "UnknownKey"
    # Nor do globex's own cookies, on whichever host.
    assert reason(stack, film, globex.cookies()) == "ResourceMismatch"
    elsewhere = Film(acme.id, film.asset, film.rev, globex.host)
    assert reason(stack, elsewhere, globex.cookies()) == "WrongHost"


# -- rights that end


def test_an_ended_grant_is_refused_by_its_token_as_well(stack: EdgeStack, acme: Organization) -> None:
    film = acme.film
    granted = EDGE.grant(acme.id, host=film.host, item_id=film.asset, rev=film.rev)
    cookies = {cookie.name: cookie.value for cookie in granted.cookies}
    soon(lambda: opens(stack, film, cookies))
    EDGE.revoke_grant(acme.id, granted.policy_hash, granted.expires_at)
    soon(lambda: not opens(stack, film, cookies))
    # Another grant's signature does not bring the ended token back to life.
    fresh = acme.cookies()
    assert opens(stack, film, fresh)
    assert reason(stack, film, {**fresh, token.COOKIE: cookies[token.COOKIE]}) == "GrantRevoked"


def test_a_switched_off_organization_is_unknown_to_the_function(stack: EdgeStack, acme: Organization) -> None:
    cookies = acme.cookies()
    soon(lambda: opens(stack, acme.film, cookies))
    EDGE.revoke(acme.id)
    soon(lambda: not opens(stack, acme.film, cookies))
    with tenancy.platform():
        assert not EdgeValue.objects.filter(key=str(acme.id)).exists()
    with pytest.raises(NoKeyGroup):
        acme.cookies()


def test_keys_and_secrets_change_and_what_plays_goes_on(stack: EdgeStack, acme: Organization) -> None:
    before = acme.cookies()
    soon(lambda: opens(stack, acme.film, before))
    EDGE.rotate(acme.id)
    EDGE.rotate_shard(POOL)
    after = acme.cookies()
    assert after["CloudFront-Key-Pair-Id"] != before["CloudFront-Key-Pair-Id"]
    soon(lambda: opens(stack, acme.film, after))
    assert opens(stack, acme.film, before)
    with tenancy.platform():
        for rows in (SigningKey, EdgeSecret):
            rows.objects.filter(state="retiring").update(retires_at=now())
    EDGE.tidy()
    soon(lambda: not opens(stack, acme.film, before))
    assert opens(stack, acme.film, acme.cookies())


def test_a_secret_that_got_out_ends_at_once(stack: EdgeStack, acme: Organization) -> None:
    before = acme.cookies()
    soon(lambda: opens(stack, acme.film, before))
    EDGE.rotate(acme.id, at_once=True)
    soon(lambda: not opens(stack, acme.film, before))
    soon(lambda: opens(stack, acme.film, acme.cookies()))


# -- from one strategy to the other


def wait_out(organization: Organization) -> None:
    """Let the phase be as old as the longest grant lives."""
    with tenancy.platform():
        EdgeBinding.objects.filter(organization_id=organization.id).update(phase_since=now() - grants.ALL_ENDED_AFTER)


@pytest.mark.parametrize(("there", "back"), [(TENANT, POOLED), (POOLED, TENANT)])
def test_a_move_refuses_nobody_who_plays(stack: EdgeStack, make: Make, there: str, back: str) -> None:
    """In every phase: each grant that has not ended opens the film, and nobody else's ever does."""
    organization, stranger = make("move", moved=there == POOLED), make("stranger", moved=there == TENANT)
    held: list[dict[str, str]] = [organization.cookies()]
    soon(lambda: opens(stack, organization.film, held[0]))

    def all_open(phase: str) -> None:
        assert organization.binding().phase == phase
        held.append(organization.cookies())
        soon(lambda: opens(stack, organization.film, held[-1]))
        for cookies in held:
            assert opens(stack, organization.film, cookies), (phase, held.index(cookies))
        assert not opens(stack, organization.film, stranger.cookies())

    EDGE.move(organization.id, there)
    all_open("preparing")
    with pytest.raises(CannotMove):
        EDGE.move(organization.id, there)
    EDGE.tidy()
    all_open("both")
    EDGE.tidy()
    all_open("both")  # grants of before have not ended
    wait_out(organization)
    held[:2] = []  # these were of before: ten minutes, two hours for a URL, and they are over
    EDGE.tidy()
    all_open("switching")
    EDGE.tidy()
    assert organization.binding().strategy == there
    all_open("settling")
    wait_out(organization)
    held[:-1] = []
    EDGE.tidy()
    all_open("")
    assert organization.binding().other_pool == ""
    with tenancy.platform():
        assert EdgeValue.objects.filter(key=str(organization.id)).exists() == (there == TENANT)
    EDGE.move(organization.id, back)
    all_open("preparing")


def test_a_move_is_called_off_without_refusing_anybody(stack: EdgeStack, make: Make) -> None:
    organization = make("off", moved=False)
    EDGE.move(organization.id, TENANT)
    EDGE.tidy()
    held = organization.cookies()
    soon(lambda: opens(stack, organization.film, held))
    EDGE.move(organization.id, POOLED)
    assert organization.binding().phase == "settling"
    assert opens(stack, organization.film, held)
    assert opens(stack, organization.film, organization.cookies())
    wait_out(organization)
    EDGE.tidy()
    assert (organization.binding().phase, organization.binding().strategy) == ("", POOLED)


def test_what_is_off_or_not_served_yet_does_not_move(make: Make) -> None:
    organization = make("still", moved=False)
    with pytest.raises(CannotMove):
        EDGE.move(organization.id, POOLED)
    with pytest.raises(CannotMove):
        EDGE.move(organization.id, "elsewhere")
    EDGE.revoke(organization.id)
    with pytest.raises(NoKeyGroup):
        EDGE.move(organization.id, TENANT)
    with pytest.raises(NoKeyGroup):
        EDGE.move(new_id(), TENANT)
    assert not moving.both_hold(organization.binding())


def test_a_sealed_secret_opens_only_where_it_belongs(acme: Organization, globex: Organization) -> None:
    with tenancy.platform():
        row = EdgeSecret.objects.get(organization_id=acme.id, state=EdgeSecret.State.CURRENT)
    sealed = bytes(row.sealed_secret)
    assert len(keys.unseal(sealed, acme.id, row.id.hex)) >= 43
    with pytest.raises(keys.SealBroken):
        keys.unseal(sealed, globex.id, row.id.hex)
