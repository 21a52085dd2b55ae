"""Signs organizations up and provisions them, as the site and the provisioner do. Run as the owning login.

python -m tests.support.organizations acme "Acme Academy" olga@acme.example "Olga Owner"
"""

from __future__ import annotations

import sys

import django

PASSWORD = "correct-horse-battery-9"


def make(slug: str, name: str, email: str, owner: str) -> str:
    """Return the id of a new active organization; its owner's password is ``PASSWORD``."""
    import tenancy
    from tenants import mails, sign_up
    from tenants.models import SignUp
    from tenants.pending import sha256
    from tenants.provisioning import engine

    codes: list[str] = []
    mails.send_sign_up_code = lambda *, code, **_: codes.append(code)  # read the mailbox without one
    with tenancy.platform():
        started = sign_up.start(
            organization_name=name,
            slug=slug,
            name=owner,
            email=email,
            password=PASSWORD,
            terms_version=sign_up.TERMS_VERSION,
            ip="127.0.0.1",
        )
        sign_up.verify(started.token, codes[-1])
        organization_id = SignUp.objects.get(token_sha256=sha256(started.token)).organization_id
        for _ in range(2):
            state = engine.provision(organization_id)
        if state != "active":
            from tenants.models import ProvisioningStep

            errors = ProvisioningStep.objects.filter(organization_id=organization_id).values_list("name", "error")
            raise SystemExit(f"{slug} is {state}: {list(errors)}")
    return str(organization_id)


if __name__ == "__main__":
    django.setup()
    arguments = sys.argv[1:]
    while arguments:
        print(make(*arguments[:4]))
        arguments = arguments[4:]
