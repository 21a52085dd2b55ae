"""Making an organization: its owner is there once, however often the step runs."""

import tenancy
from apps.accounts.models import Member, RoleAssignment
from apps.accounts.steps import CreateOwner


def test_the_step_has_made_the_owner_and_makes_no_second(acme, olga):
    step = CreateOwner()
    with tenancy.platform():
        assert step.is_done(acme)
        step.run(acme)

    owner = Member.objects.get(id=olga.id)
    assert owner.emailaddress_set.get().verified
    assert RoleAssignment.objects.filter(role="owner").count() == 1
    assert Member.objects.filter(email=olga.email).count() == 1
