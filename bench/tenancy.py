"""What tenancy costs a request: the same view with host resolution (cached) and binding, and without either."""

from __future__ import annotations

from uuid import UUID

from bench import cpu, product, report

BAR_MS = 0.6
ROUNDS = 9
REPEATS = 400


def run() -> None:
    """Measure CPU (application and PostgreSQL) a request through the handler of both variants, alternating."""
    with product.database() as environment:
        organization_id = UUID(product.organization(environment, "bench-school"))

        from django.conf import settings
        from django.db import connections
        from django.http import HttpRequest, HttpResponse
        from django.test import RequestFactory

        import tenancy
        from tenancy.middleware import HostMiddleware
        from tenants.catalog import load

        record = load(organization_id)
        plain = settings.DATABASES["default"] | {"ENGINE": "django.db.backends.postgresql"}
        # The same login, role and path, set once for the connection: what a single-tenant product has.
        options = f"-c search_path={record.schema_name},public -c role={record.db_role}"
        connections.databases["plain"] = plain | {"OPTIONS": {"options": options}}

        def view_on(alias: str) -> object:
            def view(request: HttpRequest) -> HttpResponse:
                with connections[alias].cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM accounts_member")
                    return HttpResponse(str(cursor.fetchone()[0]))

            return view

        request_factory = RequestFactory(headers={"host": record.host})
        with_tenancy = HostMiddleware(view_on("default"))  # type: ignore[arg-type]
        without = view_on("plain")

        def bound() -> None:
            assert with_tenancy(request_factory.get("/")).content == b"1"

        def bare() -> None:
            assert without(request_factory.get("/")).content == b"1"  # type: ignore[operator]

        bound()
        bare()
        with tenancy.bind(record):
            backends = [product.backend_pid()]
        with connections["plain"].cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backends.append(int(cursor.fetchone()[0]))
        tenant_cost, tenant_rounds = cpu.best_of(bound, backends=backends, rounds=ROUNDS, repeats=REPEATS)
        bare_cost, bare_rounds = cpu.best_of(bare, backends=backends, rounds=ROUNDS, repeats=REPEATS)
        report.figure(
            "tenancy",
            (tenant_cost.total - bare_cost.total) * 1000,
            "ms CPU a request",
            "<=",
            BAR_MS,
            with_tenancy_ms={"own": round(tenant_cost.own * 1000, 3), "postgres": round(tenant_cost.backend * 1000, 3)},
            without_ms={"own": round(bare_cost.own * 1000, 3), "postgres": round(bare_cost.backend * 1000, 3)},
            rounds=ROUNDS,
            repeats=REPEATS,
            spread_ms={"with": report.spread(tenant_rounds), "without": report.spread(bare_rounds)},
        )
