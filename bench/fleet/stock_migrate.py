"""django-tenants' ``migrate_schemas`` with one real ``AddField``, on organizations that know their migrations.

``python -m bench.fleet.stock_migrate 20`` makes so many copies of an organization's schema as of the release before,
each with the table ``django_migrations`` that our own do without, and migrates one after the other, with the command's
own executor. Prints the seconds of each. Run as the owning login with the settings ``bench.fleet.stock_settings``.
"""

from __future__ import annotations

import json
import sys
import time

import django

from bench.fleet.next_release import COLUMN, MIGRATION, TABLE


def main() -> None:
    """Make the copies, migrate them, look whether the column is there."""
    django.setup()
    from django.db import connection
    from django_tenants.management.commands.migrate_schemas import Command
    from django_tenants.migration_executors import get_executor

    names = [f"bench_copy_{number}" for number in range(int(sys.argv[1]))]
    for name in names:
        _copy(name)
    options = vars(Command().create_parser("manage.py", "migrate_schemas").parse_args(["--verbosity=0", "--noinput"]))
    executor = get_executor(codename="standard")((), options)
    seconds = []
    for name in names:
        began = time.perf_counter()
        executor.run_migrations(tenants=[name])
        seconds.append(time.perf_counter() - began)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = ANY(%s)"
            " AND table_name = %s AND column_name = %s",
            [names, TABLE, COLUMN],
        )
        if cursor.fetchone() != (len(names),):
            raise RuntimeError("migrate_schemas left copies without the column")
    print(json.dumps(seconds))


def _copy(name: str) -> None:
    """Replay the template of the release before, and write down every migration that led to it."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    from tenants.schema import replay
    from tenants.schema.releases import previous_template

    connection.set_schema_to_public()
    replay.create(connection, previous_template(), schema=name, role=f"r_{name}")
    connection.set_schema(name, include_public=False)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    recorder.migration_qs.bulk_create(
        recorder.Migration(app=app, name=migration) for app, migration in known if not migration.endswith(MIGRATION)
    )
    connection.set_schema_to_public()


if __name__ == "__main__":
    main()
