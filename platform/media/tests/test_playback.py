"""Playing: a grant for one revision, renewed while the right holds, ended when it does not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import time_machine

import tenancy
from billing.api import DELIVERED_BYTES
from billing.models import Quota
from core.actor import Actor
from core.clock import now
from core.ids import new_id
from media import testing
from media.api import end_all, grant, playback_right, poster_urls, renew
from media.aws.s3 import S3Store
from media.edge.registry import media_edge
from media.errors import (
    NotPlayable,
    PlaybackEnded,
    PlaybackPaused,
    RenewedJustNow,
    SessionContended,
    SessionNotFound,
)
from media.models import PlaybackSession, RevokedGrant
from media.services import playback

if TYPE_CHECKING:
    from conftest import Person

holders: set[UUID] = set()


@playback_right("test")
def holds(actor: Actor, right_id: UUID | None, asset_id: UUID) -> bool:
    return actor.member_id in holders


@pytest.fixture
def asset_id(acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path) -> Iterator[UUID]:
    """An asset that leo may play."""
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    yield info.asset_id
    holders.clear()


def later(minutes: float) -> Any:
    return time_machine.travel(now() + timedelta(minutes=minutes), tick=False)


def test_a_grant_names_one_revision_and_lives_ten_minutes(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID
) -> None:
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")

    path = f"/media/t/{acme.id}/v/{asset_id}/"
    assert given.manifest_url == f"{path}{given.rev}/master.m3u8"
    assert given.poster_url == f"{path}{given.rev}/poster.jpg"
    assert {cookie.path for cookie in given.cookies} == {path}
    assert {cookie.name for cookie in given.cookies} == {
        "CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm",
    }  # fmt: skip
    assert 590 <= (given.expires_at - now()).total_seconds() <= 600
    assert given.renew_at < given.expires_at


def test_nothing_is_granted_of_what_is_not_there(acme: tenancy.TenantRecord, leo: Person) -> None:
    with pytest.raises(NotPlayable):
        grant(member_id=leo.id, asset_id=new_id(), right="test")


def test_a_session_is_renewed_while_the_right_holds(acme: tenancy.TenantRecord, leo: Person, asset_id: UUID) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")

    with later(5):
        again = renew(given.sid, actor=Actor(leo.id))

    assert (again.sid, again.rev) == (given.sid, given.rev)
    assert again.cookies != given.cookies


def test_attack_39_a_right_that_ended_ends_the_playing(acme: tenancy.TenantRecord, leo: Person, asset_id: UUID) -> None:
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")

    with later(5), pytest.raises(PlaybackEnded):
        renew(given.sid, actor=Actor(leo.id))

    session = PlaybackSession.objects.get(id=given.sid)
    assert session.ended_reason == "right_ended"
    with tenancy.platform():
        assert RevokedGrant.objects.filter(policy_hash=session.policy_hash).exists()
    holders.add(leo.id)
    with pytest.raises(PlaybackEnded):
        renew(given.sid, actor=Actor(leo.id))


def is_ended(policy_hash: str) -> bool:
    with tenancy.platform():
        return RevokedGrant.objects.filter(policy_hash=policy_hash).exists()


def test_both_grants_of_a_session_end_with_it(acme: tenancy.TenantRecord, leo: Person, asset_id: UUID) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    first = PlaybackSession.objects.get(id=given.sid).policy_hash
    with later(5):
        renew(given.sid, actor=Actor(leo.id))
    second = PlaybackSession.objects.get(id=given.sid).policy_hash
    assert first != second
    assert not is_ended(first)

    playback.end(given.sid, reason="right_ended")

    assert is_ended(first)
    assert is_ended(second)


def test_every_grant_that_is_still_good_ends_with_its_session_however_often_it_is_renewed(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    session = PlaybackSession.objects.get(id=given.sid)
    good, began = {session.policy_hash: session.ends_at}, now()
    for seconds in range(20, 45 * 60, 20):
        with time_machine.travel(began + timedelta(seconds=seconds), tick=False):
            try:
                renew(given.sid, actor=Actor(leo.id))
            except RenewedJustNow:
                pass
            else:
                session.refresh_from_db()
                good[session.policy_hash] = session.ends_at
            # One that ends by itself within a minute ends as soon as one that is put on the list.
            soon = now() + timedelta(minutes=1)
            assert {name for name, ends_at in good.items() if ends_at > soon} <= set(session.grants)
    assert len(good) == 10, "every four and a half minutes, and no more often"


def test_who_is_too_early_may_open_another_session_at_once(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    with pytest.raises(RenewedJustNow) as refused:
        renew(given.sid, actor=Actor(leo.id))
    assert 260 < refused.value.members["retry_after_seconds"] <= 270
    again = grant(member_id=leo.id, asset_id=asset_id, right="test")
    assert again.sid != given.sid
    assert end_all(asset_id=asset_id, reason="asset_deleted") == 2


def test_of_many_who_renew_a_session_at_once_one_does(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    sign, others, signed = playback._sign, iter(range(1)), list[Any]()

    def another_was_faster(*given_: Any) -> Any:
        if next(others, None) is not None:
            renew(given.sid, actor=Actor(leo.id))
        signed.append(sign(*given_))
        return signed[-1]

    monkeypatch.setattr(playback, "_sign", another_was_faster)
    with later(5), pytest.raises(RenewedJustNow):
        renew(given.sid, actor=Actor(leo.id))
    faster, slower = signed
    assert PlaybackSession.objects.get(id=given.sid).policy_hash == faster.policy_hash != slower.policy_hash


def test_a_row_that_never_holds_still_is_given_up(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    row = PlaybackSession.objects.filter(id=given.sid)
    edge = media_edge()
    revoke, ended = edge.revoke_grant, list[str]()

    def changed_meanwhile(organization_id: UUID, policy_hash: str, expires_at: Any) -> None:
        revoke(organization_id, policy_hash, expires_at)
        ended.append(policy_hash)
        row.update(policy_hash=f"{len(ended):064}")

    monkeypatch.setattr(edge, "revoke_grant", changed_meanwhile)
    with pytest.raises(SessionContended):
        playback.end(given.sid, reason="right_ended")
    assert len(ended) == playback.TRIES
    monkeypatch.setattr(edge, "revoke_grant", revoke)
    playback.end(given.sid, reason="right_ended")
    assert row.get().ended_at is not None


def test_a_session_that_ends_while_it_is_renewed_hands_out_nothing(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    sign = playback._sign

    def ended_meanwhile(*given_: Any) -> Any:
        signed = sign(*given_)
        playback.end(given.sid, reason="right_ended")
        return signed

    monkeypatch.setattr(playback, "_sign", ended_meanwhile)
    with later(5), pytest.raises(PlaybackEnded):
        renew(given.sid, actor=Actor(leo.id))
    session = PlaybackSession.objects.get(id=given.sid)
    assert session.ended_reason == "right_ended"
    assert is_ended(session.policy_hash)


def test_a_session_that_is_renewed_while_it_ends_ends_with_what_was_signed(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.add(leo.id)
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    edge = media_edge()
    revoke, renewals = edge.revoke_grant, iter(range(1))

    def renewed_meanwhile(*given_: Any) -> None:
        revoke(*given_)
        if next(renewals, None) is not None:
            with later(5):
                renew(given.sid, actor=Actor(leo.id))

    monkeypatch.setattr(edge, "revoke_grant", renewed_meanwhile)
    playback.end(given.sid, reason="right_ended")
    session = PlaybackSession.objects.get(id=given.sid)
    assert session.ended_at is not None
    assert session.policy_before
    assert is_ended(session.policy_before)
    assert is_ended(session.policy_hash)


def test_whoever_dies_while_ending_a_session_ends_it_the_next_time(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")
    edge = media_edge()
    with monkeypatch.context() as dying:
        dying.setattr(edge, "revoke_grant", lambda *_: sys.exit(1))
        with pytest.raises(SystemExit):
            playback.end(given.sid, reason="right_ended")

    playback.end(given.sid, reason="right_ended")

    session = PlaybackSession.objects.get(id=given.sid)
    assert session.ended_at is not None
    assert is_ended(session.policy_hash)


def test_nobody_renews_a_session_of_someone_else(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, leo: Person, lea: Person, asset_id: UUID
) -> None:
    holders.update({leo.id, lea.id})
    given = grant(member_id=leo.id, asset_id=asset_id, right="test")

    with pytest.raises(SessionNotFound):
        renew(given.sid, actor=Actor(lea.id))
    with tenancy.bind(globex), pytest.raises(SessionNotFound):
        renew(given.sid, actor=Actor(leo.id))


def test_a_right_nobody_answers_for_is_no_right(acme: tenancy.TenantRecord, leo: Person, asset_id: UUID) -> None:
    given = grant(member_id=leo.id, asset_id=asset_id, right="nobody-registered-this")
    with pytest.raises(PlaybackEnded):
        renew(given.sid, actor=Actor(leo.id))


def test_everything_of_an_asset_can_be_ended_at_once(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.add(leo.id)
    sids = [grant(member_id=leo.id, asset_id=asset_id, right="test").sid for _ in range(5)]

    monkeypatch.setattr(playback, "AT_ONCE", 2)
    assert end_all(asset_id=asset_id, reason="asset_deleted") == 5
    for sid in sids:
        with pytest.raises(PlaybackEnded):
            renew(sid, actor=Actor(leo.id))


def test_a_poster_has_one_url_for_an_hour_that_opens_it_alone(acme: tenancy.TenantRecord, asset_id: UUID) -> None:
    current = playback.current_revision(asset_id)
    assert current is not None
    first, second = (poster_urls({asset_id: current.id})[asset_id] for _ in range(2))

    assert first == second
    parts = urlsplit(first)
    assert parts.path == f"/media/t/{acme.id}/v/{asset_id}/{current.id}/poster.jpg"
    query = parse_qs(parts.query)
    assert set(query) == {"Expires", "Signature", "Key-Pair-Id", "Hash-Algorithm"}
    assert 3500 <= int(query["Expires"][0]) - now().timestamp() <= 7200


def use(organization: tenancy.TenantRecord, percent: int, *, overage: bool = False) -> None:
    with tenancy.platform():
        Quota.objects.filter(organization_id=organization.id, meter=DELIVERED_BYTES).update(
            plan_limit=1000, used=percent * 10, hard_limit=max(1000, percent * 10), overage=overage
        )


@playback_right("test-learner", spare_percent=10)
def learns(actor: Actor, right_id: UUID | None, asset_id: UUID) -> bool:
    return True


def test_nobody_is_cut_off_in_the_middle_however_far_beyond_the_limit(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID
) -> None:
    given = grant(member_id=leo.id, asset_id=asset_id, right="test-learner")
    use(acme, 500)

    for minutes in range(5, 120, 5):
        with time_machine.travel(now() + timedelta(minutes=minutes), tick=False):
            given = renew(given.sid, actor=Actor(leo.id))
    with time_machine.travel(now() + timedelta(minutes=125), tick=False):
        again = grant(member_id=leo.id, asset_id=asset_id, right="test-learner")
        assert again.sid != given.sid, "a page that is loaded again goes on under a new session"


def test_at_the_limit_previews_wait_first_and_learners_last(
    acme: tenancy.TenantRecord, leo: Person, avery: Person, asset_id: UUID
) -> None:
    for percent, preview, learning in ((99, True, True), (100, False, True), (109, False, True), (110, False, False)):
        use(acme, percent)
        for right, may in (("test", preview), ("test-learner", learning)):
            member = new_id()
            if may:
                grant(member_id=member, asset_id=asset_id, right=right)
            else:
                with pytest.raises(PlaybackPaused) as refusal:
                    grant(member_id=member, asset_id=asset_id, right=right)
                assert "Your organization has used up its video traffic" in refusal.value.detail
    use(acme, 500, overage=True)
    grant(member_id=new_id(), asset_id=asset_id, right="test")


def test_who_stopped_long_ago_begins_anew(acme: tenancy.TenantRecord, leo: Person, asset_id: UUID) -> None:
    grant(member_id=leo.id, asset_id=asset_id, right="test-learner")
    use(acme, 500)
    with time_machine.travel(now() + timedelta(hours=2), tick=False), pytest.raises(PlaybackPaused):
        grant(member_id=leo.id, asset_id=asset_id, right="test-learner")


def test_a_session_knows_its_course_and_the_grant_before(
    acme: tenancy.TenantRecord, leo: Person, asset_id: UUID
) -> None:
    course = new_id()
    given = grant(member_id=leo.id, asset_id=asset_id, right="test-learner", course_id=course)
    first = PlaybackSession.objects.get(id=given.sid)
    with later(5):
        renew(given.sid, actor=Actor(leo.id))
    then = PlaybackSession.objects.get(id=given.sid)
    assert (then.course_id, then.policy_before) == (course, first.policy_hash)
    assert then.policy_hash != first.policy_hash
