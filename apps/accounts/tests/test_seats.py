"""A seat is a member who may sign in: taken with them, freed with them, never more than there are."""

import random

import pytest

import tenancy
from apps.accounts.errors import NoFreeSeat
from apps.accounts.models import Invitation, Member
from apps.accounts.services import invitations, keeping
from billing import api as billing
from billing.errors import QuotaExceeded
from billing.gauges import recount_bound
from billing.models import Quota, Subscription
from core.errors import DomainError

PASSWORD = "quite-a-long-sentence-4"


def used():
    return billing.usage(billing.SEATS).used


@pytest.fixture
def full(acme):
    """Every seat of acme is taken."""
    with tenancy.platform():
        billing.set_limit(acme.id, billing.SEATS, billing.quotas_of([acme.id], billing.SEATS)[acme.id][0])
    return acme


@pytest.fixture
def invited(acme, olga, actor, letters):
    """An open invitation of Nia as a learner: its token."""
    return invitations.invite(actor=actor(olga), email="nia@acme.example", role="learner")[1]


def test_everybody_who_may_sign_in_has_a_seat(acme):
    assert used() == Member.objects.active().count() == 6


def test_an_invitation_holds_no_seat_and_whoever_accepts_takes_one(acme, invited):
    assert used() == 6
    invitations.accept(token=invited, name="Nia", password=PASSWORD)
    assert used() == 7


def test_without_a_free_seat_whoever_accepts_is_told_whom_to_ask_and_the_link_goes_on(full, invited):
    with pytest.raises(NoFreeSeat) as refused:
        invitations.accept(token=invited, name="Nia", password=PASSWORD)

    assert refused.value.detail == (
        "Every seat of Acme Academy is taken. Ask Olga Owner, who invited you, to make room; this link goes on working."
    )
    assert refused.value.members == {"meter": "seats", "needed": 1, "free": 0}  # what is paid is no guest's business
    assert not Member.objects.filter(email="nia@acme.example").exists()
    assert Invitation.objects.redeemable().filter(email="nia@acme.example").exists()
    with tenancy.platform():
        billing.set_limit(full.id, billing.SEATS, 7)
    assert invitations.accept(token=invited, name="Nia", password=PASSWORD).is_active


def test_the_refusal_over_http_is_a_conflict_with_its_code(full, invited, client):
    answer = client.post(
        f"/api/v1/invitation-links/{invited}/acceptance/",
        {"name": "Nia", "password": PASSWORD},
        "application/json",
        headers={"host": full.host},
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["meter"]) == (409, "quota_exceeded", "seats")


def test_suspending_frees_the_seat_at_once_and_restoring_takes_one(full, olga, leo, actor):
    keeping.suspend(actor=actor(olga), member_id=leo.id, reason="On leave")
    keeping.suspend(actor=actor(olga), member_id=leo.id, reason="On leave")  # twice frees once
    assert used() == 5

    keeping.restore(actor=actor(olga), member_id=leo.id)
    keeping.restore(actor=actor(olga), member_id=leo.id)
    assert used() == 6


def test_restoring_needs_a_free_seat(full, olga, leo, actor, invited):
    keeping.suspend(actor=actor(olga), member_id=leo.id, reason="On leave")
    invitations.accept(token=invited, name="Nia", password=PASSWORD)

    with pytest.raises(QuotaExceeded) as refused:
        keeping.restore(actor=actor(olga), member_id=leo.id)

    assert (refused.value.members["plan"], refused.value.members["next_plan"]) == ("trial", "start")
    assert Member.objects.get(id=leo.id).state == "suspended"
    assert used() == 6


def test_erasing_frees_the_seat_of_whoever_had_one(acme, olga, leo, lea, actor):
    keeping.erase(actor=actor(olga), member_id=leo.id, reason="Asked for it")
    keeping.suspend(actor=actor(olga), member_id=lea.id, reason="On leave")
    assert used() == 4
    keeping.erase(actor=actor(olga), member_id=lea.id, reason="Asked for it")  # hers was free already
    keeping.erase(actor=actor(olga), member_id=lea.id, reason="Asked for it")
    assert used() == 4 == Member.objects.active().count()


def test_a_recount_makes_the_gauge_agree_with_the_people(acme):
    assert recount_bound() == 0
    Quota.objects.filter(meter=billing.SEATS).update(used=1)
    assert recount_bound() == 1
    assert used() == 6


def test_who_invites_sees_how_many_more_there_is_room_for(acme, invited, alice, leo):
    browser = alice.client()
    found = browser.get("/api/v1/seats/").json()
    assert found == {
        "used": 6,
        "limit": 50,
        "free": 44,
        "invited": 1,
        "plan": "trial",
        "seat_minor": None,
        "currency": None,
        "interval": None,
    }
    with tenancy.platform():
        from billing.offers import newest_of

        Subscription.objects.filter(organization_id=acme.id).update(
            version=newest_of("team"), seats=10, state="active", stripe_id="sub_1", currency="gbp", interval="year"
        )
        billing.apply(acme.id)
    found = browser.get("/api/v1/seats/").json()
    assert (found["limit"], found["free"]) == (10, 4)
    assert (found["seat_minor"], found["currency"], found["interval"]) == (6000, "gbp", "year")
    assert leo.client().get("/api/v1/seats/").status_code == 403


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_to_people_the_gauge_is_how_many_may_sign_in(acme, olga, actor, letters, seed):
    chance, me = random.Random(seed), actor(olga)
    with tenancy.platform():
        billing.set_limit(acme.id, billing.SEATS, 9)
    tokens = []
    for number in range(40):
        others = list(Member.objects.exclude(id=olga.id).exclude(state="anonymised").values_list("id", flat=True))
        act = chance.choice(["invite", "accept", "accept", "suspend", "restore", "restore", "erase"])
        try:
            if act == "invite":
                tokens.append(invitations.invite(actor=me, email=f"guest-{number}@acme.example", role="learner")[1])
            elif act == "accept" and tokens:
                invitations.accept(token=chance.choice(tokens), name="Guest", password=PASSWORD)
            elif act == "suspend":
                keeping.suspend(actor=me, member_id=chance.choice(others), reason="On leave")
            elif act == "restore":
                keeping.restore(actor=me, member_id=chance.choice(others))
            elif act == "erase" and len(others) > 3:
                keeping.erase(actor=me, member_id=chance.choice(others), reason="Asked for it")
        except DomainError:
            pass  # no seat, an invitation that was used: nothing may be half done then
        assert used() == Member.objects.active().count() <= 9
    assert Member.objects.count() > 6
