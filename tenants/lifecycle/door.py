"""The door: an organization's role, given to the application's login or taken from it in the transaction of the state.

A process may have read the organization as active long ago; PostgreSQL refuses its next ``SET ROLE`` all the same.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from tenants.lifecycle.rules import CLOSED, OPEN


def _names(states: frozenset[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


# The owner's right to grant, lent for one act. It takes no role, schema or state from its caller: these are read from
# the organization's row and held against the schema's own stamp and privileges. So whoever may call it can only bring
# the door to where the row's state says it belongs, and a row that was tampered with opens nobody else's.
DOOR = f"""
CREATE OR REPLACE FUNCTION public.tenants_set_door(organization uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  home record;
  stamped uuid;
BEGIN
  SELECT o.schema_name, o.db_role, o.state INTO home
    FROM public.tenants_organization o WHERE o.id = organization FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no organization %', organization USING ERRCODE = '42501';
  END IF;
  IF home.schema_name !~ '^t_[a-z2-7]{{12}}$' OR home.db_role !~ '^r_[a-z2-7]{{12}}$' THEN
    RAISE EXCEPTION 'not a schema and role of an organization' USING ERRCODE = '42501';
  END IF;
  EXECUTE format('SELECT organization_id FROM %I._tenant', home.schema_name) INTO stamped;
  IF stamped IS DISTINCT FROM organization OR NOT has_schema_privilege(home.db_role, home.schema_name, 'USAGE') THEN
    RAISE EXCEPTION '% is not the schema of %', home.schema_name, organization USING ERRCODE = '42501';
  END IF;
  IF home.state IN ({_names(frozenset(OPEN))}) THEN
    EXECUTE format('GRANT %I TO lms_app WITH INHERIT FALSE, SET TRUE', home.db_role);
    RETURN 'open';
  ELSIF home.state IN ({_names(frozenset(CLOSED))}) THEN
    EXECUTE format('REVOKE %I FROM lms_app', home.db_role);
    EXECUTE format('DELETE FROM %I.django_session', home.schema_name);
    RETURN 'closed';
  END IF;
  RAISE EXCEPTION 'an organization that is % has no door', home.state USING ERRCODE = '42501';
END $$;
REVOKE ALL ON FUNCTION public.tenants_set_door(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.tenants_set_door(uuid) TO r_platform;
"""  # noqa: S608 - the names are our own states


def follow_state(organization_id: UUID) -> str:
    """Open or close the organization's door as its row says now; return ``open`` or ``closed``.

    Call it in the transaction that changed the state. Closing ends every session of its people for good.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.tenants_set_door(%s)", [organization_id])
        return str(cursor.fetchone()[0])
