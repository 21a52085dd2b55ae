"""Guards, removed one at a time: each must turn the walk red, or the walk promises nothing.

A mutant is the product with one guard cut out (``surgery.edited``) or one wall of the database taken down by its
owner. It counts as caught only by what the walk itself holds against answers and walls, never by an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from django.apps import apps

from tenancy.models import SharedModel
from tests.isolation.database import owner_cursor
from tests.isolation.routes import Route, Surface
from tests.isolation.surgery import edited
from tests.isolation.twin import Twin

Cut = Callable[[Twin], AbstractContextManager[None]]


@dataclass(frozen=True)
class Mutant:
    """A removed guard.

    ``setup`` is the mishap that the guard is for, where everyday traffic never meets it. ``near`` are beginnings of
    the names of the routes that the guard is nearest to: these run first, others follow.
    """

    name: str
    cut: Cut
    setup: Cut | None = None
    near: tuple[str, ...] = ()
    surface: Surface = "tenant"

    def routes(self, among: Sequence[Route], least: int) -> list[Route]:
        """Return the routes that this mutant runs: all that are near, and at least ``least``."""
        nearest = sorted(among, key=lambda route: not route.name.startswith(self.near))
        count = sum(route.name.startswith(self.near) for route in among) if self.near else 0
        return nearest[: max(count, least)]


def _source(*edits: tuple[str, str, str]) -> Cut:
    @contextmanager
    def cut(twin: Twin) -> Iterator[None]:
        by_target: dict[str, list[tuple[str, str]]] = {}
        for target, old, new in edits:
            by_target.setdefault(target, []).append((old, new.replace("{b_host}", twin.b.host)))
        with ExitStack() as stack:
            for target, passages in by_target.items():
                stack.enter_context(edited(target, passages))
            yield

    return cut


_SWITCH = "tenancy.postgresql.base._switch_message"
_APPLY = "tenancy.postgresql.base.DatabaseWrapper._handle_search_path"
_UNBIND = "tenancy.postgresql.base.DatabaseWrapper.unbind"


def _database(down: str, up: str) -> Cut:
    @contextmanager
    def cut(twin: Twin) -> Iterator[None]:
        names = {"a_role": twin.a.db_role, "b_schema": twin.b.schema_name}
        with owner_cursor() as cursor:
            cursor.execute(down.format(**names))
            try:
                yield
            finally:
                cursor.execute(up.format(**names))

    return cut


@contextmanager
def _schemas_swapped(twin: Twin) -> Iterator[None]:
    """A restore under the wrong name: A's schema and role names lead to B's rows, all rights in order."""

    def swap() -> None:
        a, b = twin.a, twin.b
        with owner_cursor() as cursor:
            for kind, mine, theirs in (("SCHEMA", a.schema_name, b.schema_name), ("ROLE", a.db_role, b.db_role)):
                cursor.execute(f'ALTER {kind} "{mine}" RENAME TO swapping')
                cursor.execute(f'ALTER {kind} "{theirs}" RENAME TO "{mine}"')
                cursor.execute(f'ALTER {kind} swapping RENAME TO "{theirs}"')

    swap()
    try:
        yield
    finally:
        swap()


def row_security() -> list[Mutant]:
    """Row security off, one table with a door at a time."""
    tables = sorted(
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, SharedModel) and model.tenant_door in ("own_rows", "append")
    )
    return [
        Mutant(
            f"no row security on {table}",
            _database(
                f"ALTER TABLE public.{table} DISABLE ROW LEVEL SECURITY",
                f"ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY",
            ),
            near=("library:", "enrollments:", "progress:") if table.startswith(("media", "billing")) else (),
        )
        for table in tables
    ]


def all_mutants() -> list[Mutant]:
    """Return every mutant of the walk."""
    return [
        Mutant(
            "the search path is not switched",
            _source((_SWITCH, "SET search_path = {path}; {role}", "{role}")),
        ),
        Mutant(
            "the role is not set",
            _source((_SWITCH, "SET search_path = {path}; {role}", "SET search_path = {path}")),
        ),
        Mutant(
            "the stamp is not compared",
            _source(
                (
                    _APPLY,
                    "if wanted.tenant and (stamp is None or str(stamp[0]) != str(wanted.tenant.id)):",
                    "if False:",
                )
            ),
            setup=_schemas_swapped,
        ),
        Mutant(
            "a connection keeps the state of its last binding",
            _source(
                (
                    _APPLY,
                    "if self._applied == wanted:",
                    "if self._applied is not None:",
                ),
                (_UNBIND, "self._applied = None", "pass"),
                (
                    _UNBIND,
                    "if self.connection is None",
                    "if True or self.connection is None",
                ),
            ),
        ),
        Mutant(
            "unbound code works for the platform",
            _source(
                (
                    "tenancy.binding.target",
                    "if found is None:",
                    "if found is None:\n        return _PLATFORM\n    if False:",
                )
            ),
        ),
        Mutant(
            "cache keys do not name the organization",
            _source(("tenancy.cache.make_key", 'if tenant else "g"', 'if False else "g"')),
        ),
        Mutant(
            "sessions do not know their organization",
            _source(
                ("apps.accounts.sessions._read", "row.data.get(ORGANIZATION_KEY) != str(tenant.id)", "False"),
                ("apps.accounts.models.Member._get_session_auth_hash", "{tenancy.current().id}:", ""),
            ),
        ),
        Mutant(
            "tokens are signed without the organization",
            _source(("tenancy.signing._salt", "{tenant.id if tenant else 'platform'}", "anyone")),
        ),
        Mutant(
            "an unknown host is served by some organization",
            _source(("tenancy.catalog.resolve", "load(host)", 'load(host) or load("{b_host}")')),
        ),
        Mutant(
            "the catalogue's cache forgets which host it was asked for",
            _source(
                ("tenancy.catalog.resolve", "_cache.get(host)", '_cache.get("")'),
                ("tenancy.catalog.resolve", "_cache.put(host, entry)", '_cache.put("", entry)'),
            ),
        ),
        Mutant(
            "a task runs for whoever the worker was bound to",
            _source(
                (
                    "tenancy.tasks.TenantTask.__call__",
                    "raw = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)",
                    "raw = _caller()",
                )
            ),
        ),
        Mutant(
            "a task does not ask for the generation",
            _source(("tenancy.tasks._is_served", "record.generation == generation", "True")),
        ),
        Mutant(
            "a hand-over code opens any organization",
            _source(
                (
                    "tenants.hand_over.redeem_hand_over",
                    "organization_id=organization_id,",
                    "",
                )
            ),
            near=("accounts:hand-over",),
        ),
        Mutant(
            "what the process keeps of a version does not name the organization",
            _source(("apps.courses.kept.Kept.get", "full = (tenant.id, tenant.generation, key)", "full = key")),
            near=("progress:", "courses:"),
        ),
        Mutant(
            "uploads are looked up for anybody",
            _source(
                (
                    "media.services.uploads._own",
                    "row = Upload.objects.filter(id=upload_id, member_id=member_id).first()",
                    "with tenancy.platform():\n        row = Upload.objects.filter(id=upload_id).first()",
                )
            ),
            near=("library:upload",),
        ),
        Mutant(
            "films are looked up for anybody",
            _source(
                (
                    "media.services.playback.current_revision",
                    'return rows.order_by("-published_at").first()',
                    'with tenancy.platform():\n        return rows.order_by("-published_at").first()',
                )
            ),
            near=("library:", "progress:"),
        ),
        Mutant(
            "playback sessions are renewed for anybody",
            _source(
                (
                    "media.services.playback.renew",
                    "session = PlaybackSession.objects.filter(id=sid, member_id=actor.member_id).first()",
                    "with tenancy.platform():\n            session = PlaybackSession.objects.filter(id=sid).first()",
                ),
                # The other organization's row could not be written, and renewing would begin again for ever.
                (
                    "media.services.playback._renew",
                    "if not tenancy.is_frozen() and not as_read.update(",
                    "if tenancy.is_frozen() and not as_read.update(",
                ),
            ),
            near=("library:playback", "progress:lesson-grant"),
        ),
        Mutant(
            "support access writes",
            _source(("staff.support.middleware.refusal_of", "if not can_write:", "if False:")),
            near=("courses:", "library:"),
        ),
        Mutant(
            "support access reaches what is not listed",
            _source(("staff.support.middleware.SupportAccess.process_view", "if refusal is None:", "if True:")),
            near=("audit:", "accounts:"),
        ),
        Mutant(
            "support access never runs out",
            _source(("staff.support.services.in_force", "expires_at__gt=now(),", "")),
            near=("courses:", "support:"),
        ),
        Mutant(
            "support access to one organization opens another",
            _source(
                (
                    "staff.support.sessions.view_of",
                    ".filter(in_force(), token_sha256=hashed, organization_id=organization_id)",
                    ".filter(in_force(), token_sha256=hashed)",
                )
            ),
            near=("courses:", "support:"),
        ),
        Mutant(
            "support access is ended by anybody's owner",
            _source(
                (
                    "staff.support.services._locked",
                    "rows = rows.filter(organization_id=organization_id)",
                    "pass",
                )
            ),
            near=("support:",),
        ),
        Mutant(
            "permissions are not asked for",
            _source(("core.actor.Actor.can", "permission in self.permissions", "True")),
        ),
        Mutant(
            "nobody asks who is signed in",
            _source(("core.http.views.APIView.initial", "actor = request.actor", "return")),
        ),
        Mutant(
            "a right password opens the console",
            _source(
                (
                    "staff.rest.authentication.StaffAuthentication.authenticate",
                    "session is None or session.state != StaffSession.State.SIGNED_IN",
                    "session is None",
                )
            ),
            surface="staff",
        ),
        Mutant(
            "a right password makes a new factor",
            _source(
                (
                    "staff.rest.views.StaffAPIView.initial",
                    "session.state not in _FACTOR_STEPS[needed]",
                    "session is None",
                )
            ),
            near=("staff:factor", "staff:session"),
            surface="staff",
        ),
        Mutant(
            "roles of the staff are not asked for",
            _source(("core.actor.Actor.can", "permission in self.permissions", "True")),
            surface="staff",
        ),
        Mutant(
            "an organization's page shows notes about another",
            _source(
                (
                    "staff.console.timeline.timeline",
                    "OrganizationNote.objects.filter(organization_id=organization_id)",
                    "OrganizationNote.objects.all()",
                )
            ),
            near=("staff:organization",),
            surface="staff",
        ),
        Mutant(
            "writes from pages of a sibling host are taken",
            _source(("config.middleware.OwnOrigin.__call__", "not self._is_own(request)", "False")),
        ),
        Mutant(
            "an organization's role may read another's schema",
            _database(
                "GRANT USAGE ON SCHEMA {b_schema} TO {a_role};"
                "GRANT SELECT ON ALL TABLES IN SCHEMA {b_schema} TO {a_role}",
                "REVOKE ALL ON ALL TABLES IN SCHEMA {b_schema} FROM {a_role};"
                "REVOKE ALL ON SCHEMA {b_schema} FROM {a_role}",
            ),
        ),
        Mutant(
            "a closed shared table is open to organizations",
            _database(
                "GRANT SELECT ON public.tenants_organization, public.tenants_handover TO tenant_any",
                "REVOKE ALL ON public.tenants_organization, public.tenants_handover FROM tenant_any",
            ),
        ),
        Mutant(
            "an append door lets organizations read",
            _database(
                "GRANT SELECT ON public.events_outboxmessage TO tenant_any",
                "REVOKE SELECT ON public.events_outboxmessage FROM tenant_any",
            ),
        ),
        *row_security(),
    ]
