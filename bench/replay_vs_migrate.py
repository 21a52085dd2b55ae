"""CPU of replaying the committed template against a `migrate` of the same schema, in one run."""

from __future__ import annotations

from bench import cpu, product, report

BAR = 0.05
REPLAYS = 20


def run() -> None:
    """Measure both in the same process against the same backend, as the owning login."""
    with product.database(owner=True):
        from django.core.management import call_command
        from django.core.management.commands.migrate import Command as Migrate
        from django.db import connection, transaction

        import tenancy
        from tenants.schema import replay
        from tenants.schema.template import current

        template = current()
        with tenancy.schema_owner():
            backend = product.backend_pid()

        def replay_one(number: int) -> None:
            with tenancy.schema_owner(), transaction.atomic():
                replay.create(connection, template, schema=f"bench_{number}", role=f"r_bench_{number}")

        def migrate_one() -> None:
            with tenancy.schema_owner("bench_migrated"):
                with connection.cursor() as cursor:
                    cursor.execute("CREATE SCHEMA bench_migrated")
                connection.schema_name = "bench_migrated"
                call_command(Migrate(), interactive=False, verbosity=0)

        replay_one(0)  # the first fills the caches
        replays = [
            cpu.measure(lambda number=number: replay_one(number), backends=[backend]).total
            for number in range(1, REPLAYS + 1)
        ]
        migrated = cpu.measure(migrate_one, backends=[backend])
        replayed = sorted(replays)[len(replays) // 2]
        report.figure(
            "replay_vs_migrate",
            replayed / migrated.total,
            "ratio",
            "<=",
            BAR,
            replay_cpu_ms=round(replayed * 1000, 1),
            migrate_cpu_ms=round(migrated.total * 1000, 1),
            replays=REPLAYS,
            spread=report.spread(replays),
        )
