"""Holds what clients noted against what is there: nothing acknowledged is lost, or twice, or half-made."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from apps.progress.watch import load
from tests.faults.campaign.crowd import Crowd
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.stage import Mail

if TYPE_CHECKING:
    from tests.faults.campaign.model import Run

MAIL_SECONDS = 100.0
HALF_MADE_SECONDS = 90.0
# What a client may be told while something is away. Anything else that is no 2xx is an error of ours.
EXPECTED = frozenset({0, 409, 429, 502, 503, 504})


def writes(run: Run, crowd: Crowd, ledger: Ledger, *, school: str = "reef") -> None:
    """Judge every write of a crowd that was at work in ``school``."""
    strange = Counter(
        (answer.kind, answer.status, answer.words)
        for answer in crowd.answers()
        if not answer.good and answer.status not in EXPECTED
    )
    run.require(not strange, f"answers that nobody should get: {strange.most_common(3)}")
    schema = run.stage.schools[school].schema
    lost = _beacons(run, ledger, schema) + _courses(run, ledger, schema) + _completions(run, ledger, schema)
    lost += _invitations(run, ledger, schema)
    acked = sum(entry.acked is not None for entry in ledger.entries)
    run.figure(
        requests=len(crowd.answers()),
        failed=sum(not answer.good for answer in crowd.answers()),
        failed_as=Counter(f"{answer.kind} {answer.status}" for answer in crowd.answers() if not answer.good),
        acked=acked,
        sent=len(ledger.entries),
        repeated=sum(max(0, entry.tries - 1) for entry in ledger.entries),
        lost=lost,
        twice=run.figures.get("twice", 0),
    )
    run.require(acked, "nothing was acknowledged, so nothing was shown")
    run.require(lost == 0, f"{lost} acknowledged writes are lost")
    run.require(run.figures["twice"] == 0, f"{run.figures['twice']} effects happened twice")
    if ledger.of("invitation", acked=True):
        _mails(run, ledger)


def _twice(run: Run, count: int) -> None:
    run.figure(twice=run.figures.get("twice", 0) + count)


def _beacons(run: Run, ledger: Ledger, schema: str) -> int:
    """Each acknowledged report is among those that its session applied, and none was applied twice."""
    sessions = sorted({entry.facts["session"] for entry in ledger.of("beacon")})
    rows = run.stage.ask(
        "SELECT id::text, seqs::text, seconds_played FROM progress_playsession WHERE id = ANY(%s::uuid[])",
        sessions,
        schema=schema,
    )
    applied: dict[str, set[int]] = {}
    short = 0
    for session, seqs, played in rows:
        applied[session] = {seq for low, high in load(seqs) for seq in range(low, high)}
        _twice(run, max(0, played - len(applied[session])))  # each report is of one second
        short += max(0, len(applied[session]) - played)
    return short + sum(
        entry.facts["seq"] not in applied.get(entry.facts["session"], set())
        for entry in ledger.of("beacon", acked=True)
    )


def _courses(run: Run, ledger: Ledger, schema: str) -> int:
    titles = [entry.key for entry in ledger.of("course")]
    rows = run.stage.ask(
        "SELECT title, count(*) FROM courses_course WHERE title = ANY(%s) GROUP BY title", titles, schema=schema
    )
    there = dict(rows)
    _twice(run, sum(count - 1 for count in there.values()))
    return sum(entry.key not in there for entry in ledger.of("course", acked=True))


def _completions(run: Run, ledger: Ledger, schema: str) -> int:
    rows = run.stage.ask(
        "SELECT enrollment_id::text, item_id::text, count(*) FROM progress_itemfact WHERE kind = 'completed'"
        " GROUP BY 1, 2",
        schema=schema,
    )
    there = {(enrollment, item): count for enrollment, item, count in rows}
    _twice(run, sum(count - 1 for count in there.values()))
    return sum(
        (entry.facts["enrollment"], entry.facts["item"]) not in there for entry in ledger.of("completion", acked=True)
    )


def _invitations(run: Run, ledger: Ledger, schema: str) -> int:
    emails = [entry.key for entry in ledger.of("invitation")]
    rows = run.stage.ask(
        "SELECT email::text, count(*) FROM accounts_invitation WHERE email = ANY(%s) GROUP BY 1", emails, schema=schema
    )
    there = dict(rows)
    _twice(run, sum(count - 1 for count in there.values()))
    return sum(entry.key not in there for entry in ledger.of("invitation", acked=True))


def _mails(run: Run, ledger: Ledger) -> None:
    """Each acknowledged invitation's mail arrives. A copy with the same Message-ID is the same mail; another is not."""
    wanted = {entry.key: entry for entry in ledger.of("invitation", acked=True)}
    domain = next(iter(wanted)).partition("@")[2]
    began = time.monotonic()
    while True:
        arrived: dict[str, list[Mail]] = {}
        for mail in run.stage.mails(f"@{domain}"):
            arrived.setdefault(mail.to, []).append(mail)
        missing = set(wanted) - set(arrived)
        if not missing or time.monotonic() - began > MAIL_SECONDS:
            break
        time.sleep(0.5)
    lags = [
        min(mail.received_at for mail in mails) - (wanted[to].acked or 0)
        for to, mails in arrived.items()
        if to in wanted
    ]
    copies = sum(len(mails) - 1 for mails in arrived.values())
    others = sum(len({mail.message_id for mail in mails}) - 1 for mails in arrived.values())
    run.figure(mails=len(arrived), mail_copies=copies, mail_longest_s=round(max(lags, default=0.0), 1))
    run.require(not missing, f"{len(missing)} mails did not arrive within {MAIL_SECONDS:.0f} s")
    run.require(not others, f"{others} mails were sent twice under different Message-IDs")


def organizations(run: Run) -> None:
    """Every organization is whole or absent: what was asked for becomes active or fails and leaves nothing."""
    deadline = time.monotonic() + HALF_MADE_SECONDS
    waiting = "SELECT count(*) FROM tenants_organization WHERE state = 'provisioning'"
    while (open_ := run.stage.ask(waiting)[0][0]) and time.monotonic() < deadline:
        time.sleep(0.5)
    run.require(not open_, f"{open_} organizations are still being made after {HALF_MADE_SECONDS:.0f} s")
    rows = run.stage.ask(
        "SELECT o.state, o.schema_name, to_regnamespace(o.schema_name) IS NOT NULL,"
        " EXISTS (SELECT FROM pg_roles WHERE rolname = o.db_role),"
        " (SELECT count(*) FROM tenants_schemaledger l WHERE l.organization_id = o.id),"
        " (SELECT count(*) FROM media_namespace n WHERE n.organization_id = o.id),"
        " (SELECT count(*) FROM tenants_domain d WHERE d.organization_id = o.id AND d.is_primary)"
        " FROM tenants_organization o WHERE o.state NOT IN ('deleted', 'deleting')"
    )
    half = [row for row in rows if row[0] == "active" and not all(row[2:])]
    half += [row for row in rows if row[0] == "failed" and any(row[2:5])]
    owned = [
        schema
        for state, schema, *_ in rows
        if state == "active" and run.stage.ask("SELECT count(*) FROM accounts_member", schema=schema)[0][0] < 1
    ]
    stray = run.stage.ask(
        "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_' AND nspname NOT IN"
        " (SELECT schema_name FROM public.tenants_organization)"
    )
    run.figure(organizations=len(rows), half_made=len(half) + len(owned), stray_schemas=len(stray))
    run.require(not half and not owned, f"half-made organizations: {half or owned}")
    run.require(not stray, f"schemas of nobody: {stray}")
