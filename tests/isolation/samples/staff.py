"""The staff host: organizations, operations. ``by`` names a role of the staff."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import tenancy
from core.clock import now
from core.ids import new_id
from tests.isolation.samples import Call, Sample, World, sample, thing

PASSWORD = "quiet-lantern-above-9-rivers"
SUPPORT, OPERATIONS, FINANCE = "support", "operations", "finance"


def of(world: World) -> dict[str, str]:
    return {"organization_id": str(world.organization.id)}


@thing("staff_figures")
def staff_figures(world: World) -> None:
    """Figures of every organization: a page then counts its own and makes nobody else's row."""
    from staff.console import figures

    with tenancy.platform():
        figures.refresh()


@thing("staff_link")
def staff_link(world: World) -> dict[str, str]:
    """Somebody new on the staff, and the token of their set-up link."""
    from staff.accounts import people

    with tenancy.platform():
        account, link = people.create(email="nadia@staff.example", name="Nadia New", roles=["support"])
    return {"id": str(account.id), "token": link.rsplit("/", 1)[1]}


@thing("staff_own")
def staff_own(world: World) -> dict[str, str]:
    """Of operations' own: a session in another browser, a second passkey, a saved view."""
    from staff.accounts import sessions
    from staff.models import Passkey, SavedView
    from staff.testing import account

    with tenancy.platform():
        mine = account(OPERATIONS)
        session, _ = sessions.begin(mine, "signed_in", sessions.Place(ip="127.0.0.1", user_agent="elsewhere"))
        session.ends_at = session.seen_at = now() + timedelta(days=1)
        session.save()
        keys = [
            Passkey.objects.create(account=mine, name=name, credential_id=name.encode(), public_key=b"key")
            for name in ("one", "two")
        ]
        view = SavedView.objects.create(account=mine, name="Trials", query="plan=trial")
    return {"session": str(session.id), "passkey": str(keys[0].id), "view": str(view.id)}


@thing("staff_parked")
def staff_parked(world: World) -> str:
    """A parked delivery of the organization."""
    from events.models import OutboxDelivery

    with tenancy.platform():
        return str(
            OutboxDelivery.objects.create(
                message_id=new_id(),
                subscriber="progress.place_enrollments",
                organization_id=world.organization.id,
                generation=world.organization.generation,
                type="lms.courses.course.published.v1",
                payload={},
                state="parked",
                attempts=12,
                last_error=world.text("ValueError: no such version"),
            ).id
        )


@thing("staff_flag")
def staff_flag(world: World) -> str:
    """The key of a flag."""
    from staff.flags import services

    with tenancy.platform():
        until = (now() + timedelta(days=30)).date()
        return services.create(key="walk.flag", description="", owner="walk", expires_on=until, kill=False).key


@thing("staff_announcement")
def staff_announcement(world: World) -> str:
    """The id of an announcement to the organization's studio and the staff."""
    from staff.announcements import services

    with tenancy.platform():
        made = services.create(
            created_by=new_id(),
            title=world.text("We move house"),
            surfaces=["studio", "staff"],
            organizations=[world.organization.id],
        )
    services.forget()
    return str(made.id)


@sample("announcements:current")
def announced(world: World) -> Sample:
    assert world["staff_announcement"]
    return Sample(calls={"GET": Call(query={"surface": "studio"})})


# -- organizations --------------------------------------------------------------------------------------------------


@sample("staff:organization-list")
def organization_list(world: World) -> Sample:
    assert world["staff_figures"] is None
    return Sample(calls={"GET": Call(by=FINANCE, query={"order": "name"})}, fleet=True)


@sample("staff:organization-csv")
def organization_csv(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:saved-view-list")
def saved_view_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT), "POST": Call({"name": "V", "query": "state=failed"}, by=SUPPORT)})


@sample("staff:saved-view-detail")
def saved_view_detail(world: World) -> Sample:
    return Sample(path={"view_id": world["staff_own"]["view"]}, calls={"DELETE": Call(by=OPERATIONS)})


@sample("staff:organization-detail")
def organization_detail(world: World) -> Sample:
    assert world["staff_parked"]
    return Sample(path=of(world), calls={"GET": Call(by=SUPPORT)})


@sample("staff:organization-people")
def organization_people(world: World) -> Sample:
    return Sample(path=of(world), calls={"GET": Call(by=SUPPORT)})


@thing("staff_note")
def staff_note(world: World) -> str:
    """A note about the organization."""
    from staff.console import page

    with tenancy.platform():
        body = world.text("They ask for invoices by mail")
        return str(page.add_note(world.organization.id, body=body, author_id=new_id(), author_name="Sam").id)


@sample("staff:organization-timeline")
def organization_timeline(world: World) -> Sample:
    assert world["staff_note"]
    return Sample(path=of(world), calls={"GET": Call(by=FINANCE)})


@sample("staff:organization-notes")
def organization_notes(world: World) -> Sample:
    note = {"body": world.text("They called")}
    return Sample(path=of(world), calls={"GET": Call(by=FINANCE), "POST": Call(note, by=SUPPORT)})


@sample("staff:transition-effects")
def transition_effects(world: World) -> Sample:
    return Sample(path=of(world), calls={"GET": Call(by=OPERATIONS, query={"event": "suspend"})})


@sample("staff:transition-list")
def transition_list(world: World) -> Sample:
    # The token of a preview is good for a quarter of an hour: here the refusal of an old one shows the open door.
    suspend = {"event": "suspend", "reason": "Abuse", "ticket": "T-1", "token": "x" * 40}
    return Sample(path=of(world), calls={"POST": Call(suspend, by=OPERATIONS, expect=(200, 409, 412, 422, 428))})


@sample("staff:organization-exports")
def organization_exports(world: World) -> Sample:
    why = {"reason": "Asked by the owner"}
    assert world["export"]
    return Sample(path=of(world), calls={"GET": Call(by=SUPPORT), "POST": Call(why, by=OPERATIONS)})


@sample("staff:organization-restores")
def organization_restores(world: World) -> Sample:
    why = {"archive_id": str(uuid4()), "reason": "They deleted a course"}
    return Sample(
        path=of(world), calls={"GET": Call(by=SUPPORT), "POST": Call(why, by=OPERATIONS, expect=(202, 404, 409))}
    )


@sample("staff:organization-deletion-report")
def organization_deletion_report(world: World) -> Sample:
    why = {"reason": "Keep one"}
    calls = {
        "GET": Call(by=SUPPORT, expect=(200, 404, 409)),
        "POST": Call(why, by=OPERATIONS, expect=(202, 404, 409)),
    }
    return Sample(path=of(world), calls=calls)


def _restore(calls: dict[str, Call]) -> Sample:
    return Sample(path={"restore_id": str(uuid4())}, calls=calls)


@sample("staff:restore-detail")
def restore_detail(world: World) -> Sample:
    return _restore({"GET": Call(by=SUPPORT, expect=(404,))})


@sample("staff:restore-swap")
def restore_swap(world: World) -> Sample:
    return _restore({"POST": Call({"reason": "Right"}, by=OPERATIONS, expect=(404,))})


@sample("staff:restore-discard")
def restore_discard(world: World) -> Sample:
    return _restore({"POST": Call({"reason": "Wrong"}, by=OPERATIONS, expect=(404,))})


# -- cells ----------------------------------------------------------------------------------------------------------


@sample("staff:cell-list")
def cell_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:cell-detail")
def cell_detail(world: World) -> Sample:
    drain = {"state": "draining", "reason": "Its disk is nearly full"}
    return Sample(path={"name": "local"}, calls={"PATCH": Call(drain, by=OPERATIONS)}, fleet=True)


@sample("staff:organization-move")
def organization_move(world: World) -> Sample:
    # There is one cell: what it says of an organization that never moved, and of a cell that nobody knows.
    move = {"cell": "nowhere", "reason": "Nearer to its people"}
    calls = {"GET": Call(by=SUPPORT, expect=(200, 404)), "POST": Call(move, by=OPERATIONS, expect=(404,))}
    return Sample(path=of(world), calls=calls)


@sample("staff:organization-move-abort")
def organization_move_abort(world: World) -> Sample:
    return Sample(path=of(world), calls={"POST": Call({"reason": "Not today"}, by=OPERATIONS, expect=(404,))})


# -- delivery of films ----------------------------------------------------------------------------------------------


@sample("staff:delivery")
def delivery(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:delivery-organization-list")
def delivery_organization_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE, query={"only": "moving"})}, fleet=True)


@sample("staff:organization-delivery")
def organization_delivery(world: World) -> Sample:
    # The embedded edge serves: it says how an organization stands, and that there is nowhere to move it to.
    move = {"strategy": "distribution_tenant", "reason": "Their own domain"}
    calls = {"GET": Call(by=SUPPORT, expect=(200, 404)), "POST": Call(move, by=OPERATIONS, expect=(404, 409))}
    return Sample(path=of(world), calls=calls)


# -- support access -------------------------------------------------------------------------------------------------


@sample("staff:support-grant-list")
def support_grant_list(world: World) -> Sample:
    ask = {"organization": str(world.organization.id), "reason": "Cannot open a course", "ticket": "T-2", "minutes": 30}
    calls = {"GET": Call(by=FINANCE), "POST": Call(ask, by=SUPPORT, expect=(201, 202))}
    return Sample(calls=calls, fleet=True)


def _grant(world: World, calls: dict[str, Call]) -> Sample:
    # Asking for one writes down the end of all that ran out, whoever's they are.
    return Sample(path={"grant_id": world["support_open"]["id"]}, calls=calls, fleet=True)


@sample("staff:support-grant-detail")
def support_grant_detail(world: World) -> Sample:
    return _grant(world, {"GET": Call(by=FINANCE, expect=(200, 404))})


@sample("staff:support-grant-code")
def support_grant_code(world: World) -> Sample:
    nonce = {"nonce_sha256": "0" * 64}
    return _grant(world, {"POST": Call(nonce, by=SUPPORT, expect=(200, 201, 404))})  # another person's


@sample("staff:support-grant-end")
def support_grant_end(world: World) -> Sample:
    return _grant(world, {"POST": Call(by=OPERATIONS, expect=(200, 204, 404))})


@sample("staff:support-grant-kill")
def support_grant_kill(world: World) -> Sample:
    return Sample(calls={"POST": Call({"reason": "Drill"}, by=OPERATIONS)}, fleet=True)


# -- operations -----------------------------------------------------------------------------------------------------


@sample("staff:job-list")
def job_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE, query={"organization": str(world.organization.id)})})


def _job(world: World, why: str) -> Sample:
    path = {"kind": "delivery", "job_id": world["staff_parked"]}
    return Sample(path=path, calls={"POST": Call({"reason": why}, by=OPERATIONS)})


@sample("staff:job-retry")
def job_retry(world: World) -> Sample:
    return _job(world, "Fixed")


@sample("staff:job-cancel")
def job_cancel(world: World) -> Sample:
    return _job(world, "Gone")


@sample("staff:flag-list")
def flag_list(world: World) -> Sample:
    until = (now() + timedelta(days=9)).date().isoformat()
    new = {"key": "walk.other", "owner": "walk", "expires_on": until}
    return Sample(calls={"GET": Call(by=SUPPORT), "POST": Call(new, by=OPERATIONS)})


@sample("staff:flag-detail")
def flag_detail(world: World) -> Sample:
    calls = {"PATCH": Call({"kill": True}, by=OPERATIONS), "DELETE": Call(by=OPERATIONS)}
    return Sample(path={"key": world["staff_flag"]}, calls=calls)


@sample("staff:flag-rules")
def flag_rules(world: World) -> Sample:
    rules = {"rules": [{"kind": "organization", "value": str(world.organization.id)}]}
    return Sample(path={"key": world["staff_flag"]}, calls={"PUT": Call(rules, by=OPERATIONS)})


@sample("staff:announcement-list")
def announcement_list(world: World) -> Sample:
    new = {"title": world.text("News"), "surfaces": ["learn"], "tone": "info"}
    return Sample(calls={"GET": Call(by=SUPPORT), "POST": Call(new, by=OPERATIONS)})


@sample("staff:announcement-current")
def announcement_current(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)})


@sample("staff:announcement-detail")
def announcement_detail(world: World) -> Sample:
    calls = {"PATCH": Call({"tone": "warning"}, by=OPERATIONS), "DELETE": Call(by=OPERATIONS)}
    return Sample(path={"announcement_id": world["staff_announcement"]}, calls=calls)


@sample("staff:status")
def status(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)})


@sample("staff:dispatcher")
def dispatcher(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:fleet")
def fleet(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:fleet-capacity")
def fleet_capacity(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:idle-organization-list")
def idle_organization_list(world: World) -> Sample:
    assert world["staff_figures"] is None
    return Sample(calls={"GET": Call(by=SUPPORT, query={"days": "1"})}, fleet=True)


@sample("staff:idle-organization-csv")
def idle_organization_csv(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE, query={"days": "1"})}, fleet=True)


def _release(calls: dict[str, Call], *, fleet: bool = False) -> Sample:
    from tenants.schema.template import current

    return Sample(path={"number": current().release}, calls=calls, fleet=fleet)


@sample("staff:fleet-release-list")
def fleet_release_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:fleet-release-organizations")
def fleet_release_organizations(world: World) -> Sample:
    return _release({"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:fleet-release-retry")
def fleet_release_retry(world: World) -> Sample:
    why = {"reason": "The drift is gone", "organization_id": str(world.organization.id)}
    return _release({"POST": Call(why, by=OPERATIONS, expect=(202, 409))})


@sample("staff:fleet-release-pause")
def fleet_release_pause(world: World) -> Sample:
    return _release({"POST": Call({"reason": "Exam day"}, by=OPERATIONS, expect=(200, 409))}, fleet=True)


@sample("staff:fleet-release-resume")
def fleet_release_resume(world: World) -> Sample:
    return _release({"POST": Call({"reason": "Over"}, by=OPERATIONS, expect=(200, 409))}, fleet=True)


@sample("staff:fleet-drift")
def fleet_drift(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)
