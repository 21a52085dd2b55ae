"""What the dispatcher sees to: sign-ups that stalled, a full pool, and personal data that nobody needs any more."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from core.clock import now
from events.api import duty, has_room
from tenants import tasks
from tenants.archive import queue
from tenants.archive import services as archives
from tenants.archive.tasks import drop_old
from tenants.cells import catalogue, moves
from tenants.domains import address, sweep
from tenants.fleet import data_steps, desk
from tenants.lifecycle import ending, notices
from tenants.models import DriftCheck, HandOver, Organization, SignUp
from tenants.provisioning import engine, pool

STALLED_SECONDS = 5.0
NUDGE_SECONDS = 30  # a nudge is worth nothing after the next ones
ADDRESS_KEPT_FOR = timedelta(days=1)
DRIFT_CHECKED_EVERY = timedelta(days=1)


@duty("tenants.resume_provisioning", period_seconds=2.0)
def resume_provisioning() -> None:
    """Ask again for organizations whose provisioner died. One still at work holds the lock; asking is harmless."""
    if not has_room("provisioning"):
        return  # what was sent before still waits there
    for organization_id in engine.stalled(older_than_seconds=STALLED_SECONDS):
        tasks.provision.delay(str(organization_id))


@duty("tenants.send_notices", period_seconds=5.0)
def send_notices() -> None:
    """Ask for the mails about transitions that nobody has sent yet."""
    if notices.due():
        tasks.send_notices.apply_async(expires=NUDGE_SECONDS)


@duty("tenants.end_organizations", period_seconds=30.0)
def end_organizations() -> None:
    """Begin the deletions whose 30 days have passed; hand on those that have begun until they are through."""
    ending.begin_due()
    ending.hand_on()


@duty("tenants.refill_pool", period_seconds=5.0)
def refill_pool() -> None:
    """Ask for warm schemas where the pool lacks some."""
    if pool.missing():
        tasks.refill_pool.apply_async(expires=NUDGE_SECONDS)


@duty("tenants.forget_sign_ups", period_seconds=3600)
def forget_sign_ups() -> None:
    """Erase what was kept for a hand-over that never came, and codes that nobody can use any more."""
    long_ago = now() - ADDRESS_KEPT_FOR
    settled = SignUp.objects.exclude(
        organization__state__in=(Organization.State.REQUESTED, Organization.State.PROVISIONING)
    )
    settled.filter(verified_at__lt=long_ago).exclude(owner_email="").update(
        owner_name="", owner_email="", password_hash=""
    )
    HandOver.objects.filter(expires_at__lt=long_ago).delete()


@duty("tenants.archive_work", period_seconds=2.0)
def archive_work() -> None:
    """Hand out exports, restores and deletions that wait, and those whose worker died."""
    for kind, job_id in queue.take_due():
        tasks.work_on_archives.delay(kind, str(job_id))


@duty("tenants.leave_cells", period_seconds=60)
def leave_cells() -> None:
    """Let go of what organizations left behind that moved away and whose days of grace are over."""
    moves.drop_due()


@duty("tenants.announce_arrivals", period_seconds=1.0)
def announce_arrivals() -> None:
    """Tell this cell's processes of organizations that another cell's mover has changed: it can't reach our Redis."""
    catalogue.announce_arrivals()


@duty("tenants.expire_archives", period_seconds=600)
def expire_archives() -> None:
    """Delete archives whose day has come, and what restores have replaced and kept for a week."""
    archives.expire_due()
    for job in archives.old_due():
        drop_old.delay(str(job.id))


@duty("tenants.recheck_domains", period_seconds=300)
def recheck_domains() -> None:
    """Look at the DNS of the domains whose turn it is: daily, hourly where somebody waits or something fails."""
    sweep.send_due()


@duty("tenants.end_redirects", period_seconds=3600)
def end_redirects() -> None:
    """Quarantine addresses that redirected for a year."""
    address.end_redirects()


@duty("tenants.continue_fleet", period_seconds=20)
def continue_fleet() -> None:
    """Go on with a release whose runner died, and take along who came behind after it was out."""
    if desk.has_work():
        tasks.continue_fleet.apply_async(expires=NUDGE_SECONDS)


@duty("tenants.data_steps", period_seconds=2.0)
def hand_out_data_steps() -> None:
    """Hand out a few organizations' data steps at a time."""
    with transaction.atomic():
        taken = data_steps.take_due()
    for run in taken:
        tasks.run_data_step.apply_for(run.organization_id, run.organization.generation, str(run.id))


@duty("tenants.check_drift", period_seconds=600)
def check_drift() -> None:
    """Ask once a day whether every schema is what its template makes, however often the dispatcher begins anew."""
    if not DriftCheck.objects.filter(at__gt=now() - DRIFT_CHECKED_EVERY).exists():
        tasks.check_drift.apply_async(expires=NUDGE_SECONDS)
