"""What the table of members holds to."""

import re

import pytest
from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction

import tenancy
from apps.accounts import api
from apps.accounts.errors import AlreadyMember
from apps.accounts.models import Invitation, Member, RoleAssignment
from apps.accounts.passwords import WORDS
from apps.accounts.services.members import hashed, join
from core.errors import ValidationFailed
from core.ids import new_id
from tests.architecture.tree import ROOT


def refused(**fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(name="X", **fields)


def test_an_address_is_one_members_in_any_case(acme, leo):
    refused(email=leo.email)
    refused(email=leo.email.upper())
    with pytest.raises(AlreadyMember):
        join(email=leo.email.title(), name="Leo", password_hash="!", roles=["learner"], via="import")


def test_an_address_goes_with_the_person_and_only_then(acme, leo):
    refused(email=None)
    refused(email="ghost@acme.example", state="anonymised")
    for _ in range(2):
        Member.objects.create(name="Former member", email=None, state="anonymised")


def test_a_role_is_held_once_and_where_it_says(acme, leo):
    for wrong in (
        {"role": "learner"},
        {"role": "emperor"},
        {"role": "author", "scope": "course"},
        {"role": "author", "scope_id": new_id()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleAssignment.objects.create(member_id=leo.id, **wrong)
    RoleAssignment.objects.create(member_id=leo.id, role="instructor", scope="course", scope_id=new_id())


def test_a_role_on_one_course_is_none_in_the_organization(acme, leo):
    RoleAssignment.objects.create(member_id=leo.id, role="admin", scope="course", scope_id=new_id())

    assert list(Member.objects.with_roles().get(id=leo.id).role_names) == ["learner"]


def test_other_apps_find_members_by_address_and_id(acme, leo, lea, mallory):
    found = api.member_with_email(f" {leo.email.upper()} ")

    assert found is not None
    assert (found.id, found.name, found.is_active) == (leo.id, "Leo Learner", True)
    assert api.member_with_email("nobody@acme.example") is None
    assert api.member_with_id(mallory.id) is None
    assert set(api.cards([leo.id, lea.id, new_id()])) == {leo.id, lea.id}


def test_words_that_everybody_tries_here_make_nothing_of_a_password(acme):
    for weak in ("AcmeAcademy2026", "acme-learning-1", "Welcome-to-ACME!", "elearning-platform", "lms.localhost-12"):
        with pytest.raises(ValidationFailed) as refusal:
            hashed(weak, email="x@example.com", name="X")
        assert "everybody tries" in refusal.value.errors["password"]
    for good in ("acme-nine-quiet-rivers", "learn-7h3-old-clarinet"):
        assert hashed(good, email="x@example.com", name="X")


def test_those_words_are_written_down():
    page = (ROOT / "docs/operations/accounts.md").read_text()
    listed = re.search(r"\*\*Words that make nothing of a password\*\*[^:]*:\s([a-z, \n]+)\.", page)
    assert listed is not None
    assert tuple(re.split(r",\s+", listed[1].strip())) == WORDS


def test_a_long_password_counts_to_its_last_letter(acme, leo):
    long = "a sentence that is longer than most people would ever type, but a manager does " * 2 + "é9"
    stored = hashed(long, email="x@example.com", name="X")
    assert check_password(long, stored)
    assert not check_password(long[:-1], stored)


def test_nobody_is_a_member_before_somebody_made_them_one(globex, world):
    with tenancy.bind(globex):
        made = {person.email for person in world.people.values() if person.organization.id == globex.id}
        invited = set(Invitation.objects.filter(used__gt=0).values_list("email", flat=True))
        assert made <= set(Member.objects.values_list("email", flat=True)) <= made | invited


def test_the_password_policy(acme):
    assert hashed("a-sentence-nobody-guesses-3", email="x@acme.example", name="X")
    for weak in ("short", "0123456789", "iloveyou123", "xaver-example"):
        with pytest.raises(ValidationFailed):
            hashed(weak, email="xaver@example.com", name="Xaver Example")
