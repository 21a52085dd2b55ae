"""The doors of shared tables, as SQL: grants to ``tenant_any`` and forced row security through ``tenancy_org_id()``.

Derived from what the models declare, applied by :mod:`tenancy.fitting`, compared with the catalogue by a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps

from tenancy import wall
from tenancy.models import SharedModel

ORGANIZATION_LOOKUP = """
CREATE OR REPLACE FUNCTION public.tenancy_org_id() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found uuid;
BEGIN
  -- The role that SET ROLE chose; current_user would be this function's owner.
  SELECT id INTO found FROM public.tenants_organization WHERE db_role = current_setting('role');
  IF found IS NULL THEN
    RAISE EXCEPTION 'no organization has the role %', current_setting('role') USING ERRCODE = '42501';
  END IF;
  RETURN found;
END $$;
REVOKE ALL ON FUNCTION public.tenancy_org_id() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.tenancy_org_id() TO tenant_any;
"""

# Also such as somebody added by hand: what one policy allows, no other forbids.
_WITHOUT_POLICIES = """
DO $$
DECLARE found name;
BEGIN
  FOR found IN SELECT polname FROM pg_policy WHERE polrelid = '{table}'::regclass LOOP
    EXECUTE format('DROP POLICY %I ON {table}', found);
  END LOOP;
END $$
"""
_OWN = "organization_id = (SELECT public.tenancy_org_id())"


def shared_models() -> list[type[SharedModel]]:
    """Return every table of the shared schema that is ours, by table name."""
    found = [model for model in apps.get_models() if issubclass(model, SharedModel)]
    return sorted(found, key=lambda model: model._meta.db_table)


def functions() -> Iterator[str]:
    """Yield the SQL of the functions that policies and walls ask. Safe to repeat."""
    yield ORGANIZATION_LOOKUP
    yield wall.FUNCTIONS


def all_statements(model: type[SharedModel]) -> Iterator[str]:
    """Yield the SQL that makes one table's grants, policies and wall equal to the declarations. Safe to repeat."""
    yield from table_statements(model)
    yield from wall.shared_statements(model)


def table_statements(model: type[SharedModel]) -> Iterator[str]:
    """Yield the SQL for one table."""
    table = f'public."{model._meta.db_table}"'
    yield f"REVOKE ALL ON {table} FROM PUBLIC, tenant_any, r_platform"
    yield f"GRANT {', '.join(platform_verbs(model))} ON {table} TO r_platform"
    yield _WITHOUT_POLICIES.format(table=table)
    if model.tenant_door == "none":
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        return
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY platform ON {table} TO r_platform, CURRENT_USER USING (true) WITH CHECK (true)"
    if model.tenant_door == "append":
        yield f"GRANT INSERT ON {table} TO tenant_any"
        yield f"CREATE POLICY own ON {table} FOR INSERT TO tenant_any WITH CHECK ({_OWN})"
        return
    yield f"GRANT {', '.join(granted_verbs(model))} ON {table} TO tenant_any"
    yield f"CREATE POLICY own ON {table} TO tenant_any USING ({_OWN}) WITH CHECK ({_OWN})"


def platform_verbs(model: type[SharedModel]) -> tuple[str, ...]:
    """Return what the platform's role may do with the table."""
    return ("SELECT", "INSERT") if model.immutable else ("SELECT", "INSERT", "UPDATE", "DELETE")


def granted_verbs(model: type[SharedModel]) -> list[str]:
    """Return the verbs of an ``own_rows`` door as GRANT writes them."""
    verbs = []
    for verb in model.door_verbs:
        if verb == "UPDATE":
            if not model.door_update_columns:
                continue
            verb = f"UPDATE ({', '.join(model.door_update_columns)})"
        verbs.append(verb)
    return verbs
