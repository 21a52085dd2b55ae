"""Attack tests against the product with a guard cut out: each has to turn red, or it promises nothing.

``make attack-mutants`` runs the attack tests that are named here, each with its cut (``tests.isolation.surgery``), in
one pytest of its own. A mutant is caught only by a check of the test's own (an assertion, a refusal that did not come),
never by an error on the way. The walk over every route has mutants of its own: ``tests/isolation/mutants.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.architecture.tree import ROOT
from tests.isolation.surgery import edited


@dataclass(frozen=True)
class Mutant:
    """A guard that is cut out: ``edits`` are (function, passage, what stands there instead)."""

    name: str
    edits: tuple[tuple[str, str, str], ...]


def _cut(name: str, *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(name, edits)


_ACCOUNTS, _BILLING, _STAFF = "apps/accounts/tests", "platform/billing/tests", "platform/staff/tests"
_ANY_STATE = (
    "apps.accounts.session_rows.active_member",
    "cursor.execute(_MEMBER,",
    "cursor.execute(_MEMBER.replace(\"AND m.state = 'active'\", ''),",
)

# The attack test by its node -> what it is to notice. The most dangerous ones: of organizations, sessions, tokens,
# codes, webhooks, uploads and addresses.
MUTANTS: dict[str, Mutant] = {
    "tests/attacks/test_attacks.py::test_attack_01_who_owns_one_organization_writes_nothing_in_another": _cut(
        "roles are not asked for", ("core.actor.Actor.can", "permission in self.permissions", "True")
    ),
    f"{_ACCOUNTS}/test_signing_in.py::"
    "test_attack_03_a_copied_session_names_nobody_even_where_the_same_member_exists": _cut(
        "sessions do not know their organization",
        ("apps.accounts.sessions._read", "row.data.get(ORGANIZATION_KEY) != str(tenant.id)", "False"),
        ("apps.accounts.models.Member._get_session_auth_hash", "{tenancy.current().id}:", ""),
    ),
    "platform/tenancy/tests/test_cache_and_tokens.py::test_attack_04_what_one_organization_keeps_no_other_reads": _cut(
        "cache keys do not name the organization", ("tenancy.cache.make_key", 'if tenant else "g"', 'if False else "g"')
    ),
    "platform/tenancy/tests/test_tasks.py::test_attack_11_a_task_without_an_organization_refuses": _cut(
        "a task runs for whoever the worker was bound to",
        (
            "tenancy.tasks.TenantTask.__call__",
            "raw = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)",
            "raw = _caller()",
        ),
    ),
    "tenants/domains/tests/test_custom.py::"
    "test_attack_17_a_released_domain_is_not_taken_over_by_what_was_left_in_dns": _cut(
        "every claim of a domain has the same proof",
        ("tenants.domains.custom.claim", "txt_token=new_secret()", 'txt_token="always-the-same-proof"'),
    ),
    "tests/attacks/test_attacks.py::test_attack_32_a_stranger_reads_nothing": _cut(
        "nobody asks who is signed in", ("core.http.views.APIView.initial", "actor = request.actor", "return")
    ),
    "apps/progress/tests/test_learning.py::test_attack_35_more_than_can_have_been_played_is_cut_off": _cut(
        "time that did not pass counts as played",
        ("apps.progress.watch.credit", "if end - start > allowance:", "if False:"),
    ),
    f"{_ACCOUNTS}/test_signing_in.py::test_attack_39_a_suspended_member_neither_signs_in_nor_stays": _cut(
        "whoever is suspended is read as anybody", _ANY_STATE
    ),
    "platform/media/tests/test_playback.py::test_attack_39_a_right_that_ended_ends_the_playing": _cut(
        "a right is not looked at again",
        (
            "media.services.playback._renew",
            "if right is None or not right.checker(actor, session.right_id, session.asset_id):",
            "if False:",
        ),
    ),
    "apps/audit/tests/test_rest.py::test_attack_40_only_owners_and_admins_read_it": _cut(
        "roles are not asked for", ("core.actor.Actor.can", "permission in self.permissions", "True")
    ),
    "tenants/tests/test_exports.py::test_attack_42_a_link_opens_one_archive_of_one_organization_until_its_end": _cut(
        "a link opens for ever", ("tenants.archive.services.open_link", "link_expires_at__gt=now(),", "")
    ),
    "platform/media/transcoding/tests/test_hostile_files.py::"
    "test_attack_58_a_hostile_file_is_refused_in_words_and_touches_nothing": _cut(
        "a film is whatever its reader makes of it",
        (
            "media.transcoding.probe.probe",
            "family = sniff(source)",
            'from media.transcoding.sniff import Family; family = Family("hls", "hls", "ALL")',
        ),
    ),
    f"{_ACCOUNTS}/test_signing_in.py::test_attack_75_nothing_leads_off_this_host": _cut(
        "every address is safe",
        ("apps.accounts.adapter.AccountAdapter.is_safe_url", "return bool(", "return True or bool("),
    ),
    f"{_STAFF}/test_support.py::test_attack_84_a_code_opens_once": _cut(
        "a code that was spent stays",
        (
            "staff.support.sessions.redeem",
            'code_sha256="", nonce_sha256="", code_expires_at=None, token_sha256=sha256(token)',
            "token_sha256=sha256(token)",
        ),
    ),
    f"{_STAFF}/test_support.py::test_attack_86_it_ends_by_the_clock": _cut(
        "support access never runs out", ("staff.support.services.in_force", "expires_at__gt=now(),", "")
    ),
    f"{_ACCOUNTS}/test_second_factor.py::test_attack_86_a_code_is_worth_nothing_twice": _cut(
        "the step of a code is not remembered",
        ("apps.accounts.factors.codes.spend", 'after=row.data.get("last_step", -1)', "after=-1"),
    ),
    f"{_ACCOUNTS}/test_second_factor.py::"
    "test_attack_87_five_wrong_codes_end_guessing_whatever_address_they_claim": _cut(
        "guesses are not counted", ("apps.accounts.factors.codes.attempt", "attempts.begin()", "pass")
    ),
    "platform/config/tests/test_requests.py::test_attack_87_nobody_chooses_the_address_that_limits_count_by": _cut(
        "the browser's own word for its address",
        ("core.http.client.client_ip", "told[-settings.PROXY_HOPS]", "told[0]"),
    ),
    f"{_ACCOUNTS}/test_keeping.py::test_attack_91_restoring_brings_no_old_session_back": _cut(
        "sessions do not know the epoch",
        ("apps.accounts.models.Member._get_session_auth_hash", "{self.session_epoch or ''}", ""),
    ),
    f"{_BILLING}/test_inbox.py::test_attack_101_without_a_secret_nothing_is_taken": _cut(
        "without a secret everything is genuine", ("billing.gateway.verified", "raise BillingNotConfigured", "return")
    ),
    f"{_BILLING}/test_inbox.py::test_attack_101_what_is_not_for_us_is_refused_and_not_kept": _cut(
        "whose event it is is not asked",
        (
            "billing.inbox.intake.take",
            'if event.get("account") or event["livemode"] is not gateway.is_live():',
            "if False:",
        ),
    ),
}

RED = (AssertionError, pytest.fail.Exception)


class Cutting:
    """Runs each test under its mutant, and fails where the test does not."""

    def __init__(self) -> None:
        self.red: dict[str, int] = dict.fromkeys(MUTANTS, 0)
        self.errors: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Cut, run, put back: red is what is wanted."""
        node = item.nodeid.partition("[")[0]
        by_target: dict[str, list[tuple[str, str]]] = {}
        for target, old, new in MUTANTS[node].edits:
            by_target.setdefault(target, []).append((old, new))
        with ExitStack() as stack:
            for target, passages in by_target.items():
                stack.enter_context(edited(target, passages))
            try:
                yield
            except RED:
                self.red[node] += 1
            except Exception as error:  # noqa: BLE001 - said at the end: an error catches nothing
                self.errors.append(f"{node}: {type(error).__name__}: {error}")

    def told(self) -> list[str]:
        """Return what survived, in words."""
        return [f"survived: {MUTANTS[node].name} ({node})" for node, red in self.red.items() if not red]


def main() -> int:
    """Run them; 0 where every mutant was caught."""
    cutting = Cutting()
    names = [f"{ROOT}/{node}" for node in MUTANTS]
    code = pytest.main(["-q", "-p", "no:cacheprovider", *names], plugins=[cutting])
    survived = cutting.told()
    for line in [*cutting.errors, *survived]:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(MUTANTS) - len(survived)} of {len(MUTANTS)} mutants caught\n")
    return 1 if survived or code else 0


if __name__ == "__main__":
    sys.exit(main())
