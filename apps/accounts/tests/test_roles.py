"""Roles: who may give which, and the owner who stays."""

import threading

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

import tenancy
from apps.accounts.errors import LastOwner, OwnersOnly, UnknownMember
from apps.accounts.models import Member, RoleAssignment
from apps.accounts.policies import ROLES, permissions_of
from apps.accounts.services.members import set_roles
from core.errors import PermissionDenied, ValidationFailed
from core.ids import new_id

PEOPLE = {"people.view", "people.manage", "roles.manage"}


def roles_of(person):
    return list(Member.objects.with_roles().get(id=person.id).role_names)


@pytest.mark.parametrize(
    ("role", "held"),
    [("owner", PEOPLE), ("admin", PEOPLE), ("author", set()), ("instructor", set()), ("learner", set())],
)
def test_who_manages_people(role, held):
    assert permissions_of(frozenset({role})) & PEOPLE == held


def test_every_policy_speaks_of_the_five_roles_and_no_other():
    for path in settings.ROLE_POLICIES:
        assert set(import_string(path)) <= set(ROLES), path


def test_several_roles_add_up():
    both = permissions_of(frozenset({"author", "instructor"}))

    assert both == permissions_of(frozenset({"author"})) | permissions_of(frozenset({"instructor"}))
    assert permissions_of(frozenset({"learner"})) <= permissions_of(frozenset({"owner"}))


def test_an_owner_gives_and_takes_every_role(acme, olga, leo, actor):
    member = set_roles(actor=actor(olga), member_id=leo.id, roles=["owner", "author"])
    assert list(member.role_names) == ["author", "owner"]

    set_roles(actor=actor(olga), member_id=leo.id, roles=["learner"])
    assert roles_of(leo) == ["learner"]


def test_an_admin_gives_every_role_but_owner(acme, alice, leo, actor):
    set_roles(actor=actor(alice), member_id=leo.id, roles=["admin", "instructor"])
    assert roles_of(leo) == ["admin", "instructor"]

    with pytest.raises(OwnersOnly):
        set_roles(actor=actor(alice), member_id=leo.id, roles=["owner"])
    assert roles_of(leo) == ["admin", "instructor"]


def test_an_admin_cannot_end_an_owner(acme, alice, olga, leo, actor):
    set_roles(actor=actor(olga), member_id=leo.id, roles=["owner"])

    with pytest.raises(OwnersOnly):
        set_roles(actor=actor(alice), member_id=leo.id, roles=["learner"])


@pytest.mark.parametrize("person", ["avery", "ines", "lea"])
def test_others_give_nothing(acme, request, leo, actor, person):
    with pytest.raises(PermissionDenied):
        set_roles(actor=actor(request.getfixturevalue(person)), member_id=leo.id, roles=["author"])


def test_the_last_owner_stays_and_the_last_but_one_may_go(acme, olga, leo, actor):
    with pytest.raises(LastOwner):
        set_roles(actor=actor(olga), member_id=olga.id, roles=["admin"])

    set_roles(actor=actor(olga), member_id=leo.id, roles=["owner"])
    set_roles(actor=actor(olga), member_id=olga.id, roles=["admin"])

    assert roles_of(leo) == ["owner"]


def test_an_owner_who_is_suspended_does_not_count(acme, olga, leo, actor):
    set_roles(actor=actor(olga), member_id=leo.id, roles=["owner"])
    Member.objects.filter(id=leo.id).update(state="suspended")

    with pytest.raises(LastOwner):
        set_roles(actor=actor(olga), member_id=olga.id, roles=["admin"])


def test_nobody_and_no_role_are_refused(acme, olga, leo, mallory, actor):
    for stranger in (new_id(), mallory.id):
        with pytest.raises(UnknownMember):
            set_roles(actor=actor(olga), member_id=stranger, roles=["author"])
    with pytest.raises(ValidationFailed):
        set_roles(actor=actor(olga), member_id=leo.id, roles=["emperor"])


@pytest.mark.parametrize(
    "blow",
    [
        lambda olga: RoleAssignment.objects.filter(member_id=olga.id, role="owner").delete(),
        lambda olga: RoleAssignment.objects.filter(member_id=olga.id, role="owner").update(role="admin"),
        lambda olga: Member.objects.filter(id=olga.id).update(state="suspended"),
    ],
    ids=["role-deleted", "role-changed", "member-suspended"],
)
def test_the_database_itself_keeps_the_last_owner(acme, olga, blow):
    with transaction.atomic():
        blow(olga)
        with pytest.raises(IntegrityError, match="at least one active owner"):
            connection.check_constraints()  # what the commit would do
        transaction.set_rollback(True)


def test_an_owner_can_be_replaced_within_one_transaction(acme, olga, leo):
    with transaction.atomic():
        RoleAssignment.objects.filter(member_id=olga.id, role="owner").delete()
        RoleAssignment.objects.create(member_id=leo.id, role="owner")
        connection.check_constraints()


def test_two_owners_who_remove_each_other_at_once_leave_one(world, django_db_blocker):
    organization = world.organizations["globex"]
    people = [world.people["mallory"].id, world.people["marvin"].id]
    with django_db_blocker.unblock():
        with tenancy.bind(organization):
            RoleAssignment.objects.create(member_id=people[1], role="owner")
        together = threading.Barrier(2)
        outcomes: list[str] = []

        def remove(member_id):
            try:
                with tenancy.bind(organization), transaction.atomic():
                    RoleAssignment.objects.filter(member_id=member_id, role="owner").delete()
                    together.wait(60)
                outcomes.append("removed")
            except IntegrityError:
                outcomes.append("refused")
            finally:
                connection.close()

        runners = [threading.Thread(target=remove, args=[member_id]) for member_id in people]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        with tenancy.bind(organization):
            left = RoleAssignment.objects.filter(role="owner").count()
            RoleAssignment.objects.get_or_create(member_id=people[0], role="owner")
            RoleAssignment.objects.filter(member_id=people[1], role="owner").delete()

    assert sorted(outcomes) == ["refused", "removed"]
    assert left == 1


# -- over HTTP ------------------------------------------------------------------------------------------------------


def test_roles_are_replaced_over_http_and_hold_with_the_next_request(acme, alice, leo):
    learner = leo.client()
    assert learner.get("/api/v1/members/").status_code == 403

    done = alice.client().put(f"/api/v1/members/{leo.id}/roles/", {"roles": ["admin"]}, "application/json")

    assert done.status_code == 200
    assert done.json()["roles"] == ["admin"]
    assert learner.get("/api/v1/members/").status_code == 200


def test_changing_ones_own_roles_changes_the_sessions_key(acme, alice):
    browser = alice.client()
    before = browser.cookies["__Host-session"].value

    browser.put(f"/api/v1/members/{alice.id}/roles/", {"roles": ["admin", "author"]}, "application/json")

    assert browser.cookies["__Host-session"].value != before
    assert browser.get("/api/v1/me/").json()["roles"] == ["admin", "author"]


def test_the_refusals_say_what_to_do(acme, olga, alice):
    last = olga.client().put(f"/api/v1/members/{olga.id}/roles/", {"roles": ["admin"]}, "application/json")
    assert (last.status_code, last.json()["code"]) == (409, "last_owner")
    mine = alice.client().put(f"/api/v1/members/{alice.id}/roles/", {"roles": ["owner"]}, "application/json")
    assert (mine.status_code, mine.json()["code"]) == (403, "owners_only")
    typo = alice.client().put(f"/api/v1/members/{alice.id}/roles/", {"roles": ["boss"]}, "application/json")
    assert (typo.status_code, typo.json()["code"]) == (422, "invalid")


def test_the_list_of_people_is_searched_and_filtered(acme, alice):
    browser = alice.client()

    def names(query: str) -> list[str]:
        return [row["name"] for row in browser.get(f"/api/v1/members/?{query}").json()["items"]]

    assert names("") == sorted(names(""))
    assert names("q=LEO%20learner") == ["Leo Learner"]
    assert names("role=owner") == ["Olga Owner"]
    assert names("state=suspended") == []
    assert browser.get("/api/v1/members/?role=boss").status_code == 422
    page = browser.get("/api/v1/members/?limit=2").json()
    assert len(page["items"]) == 2
    assert browser.get(page["next"]).json()["items"][0]["name"] not in {row["name"] for row in page["items"]}
