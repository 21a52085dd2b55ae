import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { type Ref, useEffect, useRef, useState } from 'react';
import type { OrganizationDetail } from '@/api/staff';
import { SECTION_TITLE } from '@/features/staff-kit/page';
import { PersonPicker, type PickedPerson } from '@/features/staff-organization/person-picker';
import { AccessForm } from '@/features/staff-support/access-form';
import { grantsQuery } from '@/features/staff-support/api';
import { GrantsList } from '@/features/staff-support/grants-list';
import { useCan } from '@/lib/permissions';

/** Support access to this organization: what is open now, and the form that asks for it. */
export function SupportCard({ detail, focus, ref }: { detail: OrganizationDetail; focus: boolean; ref: Ref<HTMLElement> }) {
  const { organization } = detail;
  const may = useCan('support.act');
  const mayEnd = useCan('operations.act');
  const form = useRef<HTMLDivElement>(null);
  const [person, setPerson] = useState<PickedPerson | null>(null);
  const grants = useQuery(grantsQuery({ organization: organization.id, open: true }));
  const open = grants.data?.items.filter((grant) => grant.state !== 'ended') ?? [];
  const reachable = organization.state === 'active' || organization.state === 'read_only';
  // Asked for by a key or a link: straight to the reason.
  useEffect(() => {
    if (focus) form.current?.querySelector('textarea')?.focus();
  }, [focus]);
  return (
    <section ref={ref} aria-labelledby="support-title" className="min-w-0 scroll-mt-20">
      <h2 id="support-title" className={`${SECTION_TITLE} mb-2`}>
        <Trans>Support access</Trans>
      </h2>
      {open.length > 0 ? (
        <div className="mb-3">
          <GrantsList grants={open} withOrganization={false} mayEnd={mayEnd} />
        </div>
      ) : null}
      {!may ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>For support and operations.</Trans>
        </p>
      ) : reachable ? (
        <div ref={form} className="rounded-3 border border-line-2 bg-surface p-3.5">
          <AccessForm organization={organization} person={person} personField={<PersonPicker organization={organization.id} label={t`As`} value={person} onChange={setPerson} />} />
        </div>
      ) : (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>Nobody is served here now, so there is nothing to look at.</Trans>
        </p>
      )}
    </section>
  );
}
