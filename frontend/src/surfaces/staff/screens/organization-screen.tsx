import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { OrganizationDetail } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { OrganizationAudit } from '@/features/staff-audit/organization-audit';
import { BillingPanel } from '@/features/staff-billing/billing-panel';
import { OrganizationCell } from '@/features/staff-cells/organization-cell';
import { OrganizationDelivery } from '@/features/staff-delivery/organization-delivery';
import { OrganizationFlags } from '@/features/staff-flags/organization-flags';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { organizationQuery } from '@/features/staff-organization/api';
import { AccountPanel, UsagePanel } from '@/features/staff-organization/account-panel';
import { ArchivePanel } from '@/features/staff-organization/archive-panel';
import { ErrorsPanel } from '@/features/staff-organization/errors-panel';
import { OrganizationHeader } from '@/features/staff-organization/header';
import { NotesPanel } from '@/features/staff-organization/notes-panel';
import { PeoplePanel } from '@/features/staff-organization/people-panel';
import { Timeline } from '@/features/staff-organization/timeline';
import { TransitionDialog } from '@/features/staff-organization/transition-dialog';
import { warnings } from '@/features/staff-organization/warnings';
import { jobsQuery } from '@/features/staff-jobs/api';
import { OrganizationJobs } from '@/features/staff-jobs/organization-jobs';
import { can, useMe } from '@/lib/permissions';
import { Notice } from '@/ui/notice';
import { Tabs } from '@/ui/tabs';
import { JobsAside } from './jobs-aside';
import { SupportCard } from './support-card';

const TABS = ['timeline', 'people', 'billing', 'jobs', 'errors', 'archives', 'notes', 'audit'] as const;
type TabName = (typeof TABS)[number];

interface OrganizationSearch {
  tab?: string | undefined;
  q?: string | undefined;
  support?: '1' | undefined;
}

/** One organization: its account left, what happened in the middle, what one does about it right. */
export function OrganizationScreen() {
  const { organization } = useParams({ strict: false }) as { organization: string };
  const found = useQuery(organizationQuery(organization));
  usePageTitle(found.data?.organization.name ?? t`Organization`);
  return (
    <div className="px-3 pt-4 pb-10 sm:px-5">
      {found.isPending ? (
        <>
          <h1 tabIndex={-1} className="mb-6 text-[22px] leading-[30px] font-[620] text-text-3">
            <Trans>Organization</Trans>
          </h1>
          <RowsSkeleton rows={12} />
        </>
      ) : found.isError ? (
        <Failure error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        // A new organization begins anew: nothing half typed for one is sent to another.
        <Found key={organization} detail={found.data} />
      )}
    </div>
  );
}

function Found({ detail }: { detail: OrganizationDetail }) {
  const { organization } = detail;
  const search = useSearch({ strict: false }) as OrganizationSearch;
  const navigate = useNavigate();
  const me = useMe();
  const card = useRef<HTMLElement>(null);
  const [event, setEvent] = useState<string | null>(null);
  const jobs = useQuery(jobsQuery({ organization: organization.id }));
  const lines = jobs.data?.items ?? [];
  const [first, ...others] = warnings(detail);
  const tab = TABS.find((name) => name === search.tab) ?? 'timeline';
  const go = (next: OrganizationSearch) =>
    void navigate({ to: '/organizations/$organization', params: { organization: organization.id }, search: next, replace: true });
  const toSupport = () => {
    card.current?.scrollIntoView({ block: 'center' });
    card.current?.querySelector<HTMLElement>('textarea, a, button')?.focus();
  };
  const tabs: { value: TabName; label: React.ReactNode; count?: number; content: React.ReactNode }[] = [
    { value: 'timeline', label: <Trans>Timeline</Trans>, content: <Timeline organization={organization.id} /> },
    {
      value: 'people',
      label: <Trans>People</Trans>,
      count: detail.people_total,
      content: <PeoplePanel organization={organization.id} q={search.q} onSearch={(q) => go({ tab, q })} />,
    },
    { value: 'billing', label: <Trans>Billing</Trans>, content: <BillingPanel organization={organization.id} /> },
    { value: 'jobs', label: <Trans>Jobs</Trans>, content: <OrganizationJobs organization={organization.id} /> },
    { value: 'errors', label: <Trans>Errors</Trans>, ...(detail.errors.length > 0 ? { count: detail.errors.length } : {}), content: <ErrorsPanel errors={detail.errors} /> },
    { value: 'archives', label: <Trans>Archives</Trans>, content: <ArchivePanel organization={organization} /> },
    { value: 'notes', label: <Trans>Notes</Trans>, content: <NotesPanel organization={organization.id} /> },
    ...(can('staff.audit', me) ? [{ value: 'audit' as const, label: <Trans>Audit</Trans>, content: <OrganizationAudit organization={organization.id} /> }] : []),
  ];
  return (
    <>
      <OrganizationHeader detail={detail} onEvent={setEvent} onSupport={toSupport} />
      {first ? (
        <Notice tone={first.tone} title={first.title} className="rounded-2! px-3.5! py-2.5!">
          {first.words}
          {others.map((warning) => (
            <span key={warning.title} className="mt-1 block">
              <strong className="font-semibold">{warning.title}</strong> {warning.words}
            </span>
          ))}
        </Notice>
      ) : null}
      {/* Timeline first on phones; three columns where there is room. */}
      <div className="mt-4 grid gap-8 lg:grid-cols-[300px_minmax(0,1fr)] xl:grid-cols-[300px_minmax(0,1fr)_300px]">
        <div className="order-1 min-w-0 lg:order-2">
          <Tabs label={t`About this organization`} value={tab} onChange={(next) => go({ tab: next === 'timeline' ? undefined : next })} tabs={tabs} />
        </div>
        <aside aria-label={t`What to do`} className="order-2 grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-7 lg:order-3 lg:col-span-2 lg:grid-cols-2 xl:col-span-1 xl:grid-cols-[minmax(0,1fr)]">
          <SupportCard ref={card} detail={detail} focus={search.support === '1'} />
          <JobsAside jobs={lines} onAll={() => go({ tab: 'jobs' })} />
        </aside>
        <div className="order-3 grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-7 lg:order-1">
          <AccountPanel detail={detail} />
          <UsagePanel usage={detail.usage} />
          <OrganizationCell organization={organization} />
          <OrganizationDelivery organization={organization.id} />
          <OrganizationFlags organization={organization.id} plan={detail.plan} />
        </div>
      </div>
      {event ? <TransitionDialog organization={organization} event={event} onClose={() => setEvent(null)} /> : null}
    </>
  );
}
