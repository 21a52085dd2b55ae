"""The wall around an organization that is being moved: nothing of it changes, whoever tries, and readers notice none.

Two halves. Its own tables carry a trigger while they are walled; taking that lock waits for the writers that are under
way. The shared tables that move along carry one always: it looks the organization's row up, and its advisory lock,
shared between writers, is what the mover waits for, so that nobody who looked before the freeze writes after it.

An organization's own write is refused with an SQLSTATE of its own. Of the platform's writes an INSERT is refused; an
UPDATE or DELETE leaves the organization's rows out, so that one statement over many organizations does its work for all
the others. To the platform those rows are somebody else's just then: it finds zero, and comes again.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from tenancy.errors import MOVING_SQLSTATE
from tenancy.models import SharedModel

TRIGGER = "moving_wall"
# The first half of the advisory key; the second is the organization's. "move" in ASCII.
LOCK_CLASS = 0x6D6F7665

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION public.tenancy_wall() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the organization of %.% is being moved', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = '{MOVING_SQLSTATE}';
END $$;
REVOKE ALL ON FUNCTION public.tenancy_wall() FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.tenancy_shared_wall() RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  whose uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  is_frozen boolean := false;
BEGIN
  IF whose IS NOT NULL THEN
    -- First the lock, then the look: each statement in here sees what was committed when it begins.
    IF NOT pg_try_advisory_xact_lock_shared({LOCK_CLASS}, hashtext(whose::text)) THEN
      -- The mover waits for it. A statement over many organizations must not stand in line behind the mover: of one
      -- that is frozen already it writes nothing, with the lock or without.
      SELECT frozen_at IS NOT NULL INTO is_frozen FROM public.tenants_organization WHERE id = whose;
      IF is_frozen IS NOT TRUE THEN
        PERFORM pg_advisory_xact_lock_shared({LOCK_CLASS}, hashtext(whose::text));
      END IF;
    END IF;
    IF is_frozen IS NOT TRUE THEN
      SELECT frozen_at IS NOT NULL INTO is_frozen FROM public.tenants_organization WHERE id = whose;
    END IF;
    IF is_frozen THEN
      IF current_setting('role') IN ('r_platform', 'none') AND TG_OP <> 'INSERT' THEN
        RETURN NULL;
      END IF;
      RAISE EXCEPTION 'organization % is being moved', whose USING ERRCODE = '{MOVING_SQLSTATE}';
    END IF;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
REVOKE ALL ON FUNCTION public.tenancy_shared_wall() FROM PUBLIC;

-- Its own row, too, is changed by nobody but the mover, who has the owning login.
CREATE OR REPLACE FUNCTION public.tenancy_row_wall() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('role') <> 'none' THEN
    RAISE EXCEPTION 'organization % is being moved', OLD.id USING ERRCODE = '{MOVING_SQLSTATE}';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.tenancy_row_wall() FROM PUBLIC;
"""  # noqa: S608 - constants of this module
ORGANIZATIONS = "tenants_organization"


def has_organization(model: type[SharedModel]) -> bool:
    """Return whether the table's rows belong to organizations, one each."""
    return any(field.column == "organization_id" for field in model._meta.concrete_fields)


def shared_statements(model: type[SharedModel]) -> Iterator[str]:
    """Yield the SQL that puts the wall on one shared table, or takes it off."""
    table = f'public."{model._meta.db_table}"'
    if model._meta.db_table == ORGANIZATIONS:
        yield (
            f"CREATE OR REPLACE TRIGGER {TRIGGER} BEFORE UPDATE ON {table}"
            " FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION public.tenancy_row_wall()"
        )
    elif model.moves and has_organization(model):
        yield (
            f"CREATE OR REPLACE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION public.tenancy_shared_wall()"
        )
    elif has_organization(model):
        yield f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}"


def own_statement(schema: str, table: str) -> str:
    """Return the SQL that walls one table of an organization. It waits for the transactions that write there."""
    return (
        f'CREATE OR REPLACE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{schema}"."{table}"'
        " FOR EACH STATEMENT EXECUTE FUNCTION public.tenancy_wall()"
    )


def own_opening(schema: str, table: str) -> str:
    """Return the SQL that takes the wall off one table of an organization."""
    return f'DROP TRIGGER IF EXISTS {TRIGGER} ON "{schema}"."{table}"'


def lock_statement(organization_id: UUID) -> str:
    """Return the SQL that waits until no transaction writes rows of the organization into shared tables."""
    return f"SELECT pg_advisory_xact_lock({LOCK_CLASS}, hashtext('{organization_id}'))"
