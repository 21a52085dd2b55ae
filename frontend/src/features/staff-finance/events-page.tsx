import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { infiniteQueryOptions, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '@/api/client';
import type { StripeEventDetail, StripeEventLine, StripeInbox } from '@/api/staff';
import type { Page } from '@/api/types';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { act } from '@/features/staff-kit/act';
import { moment } from '@/features/staff-kit/age';
import { Breaks } from '@/features/staff-kit/breaks';
import { LoadMore } from '@/features/staff-kit/load-more';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { StaffPage } from '@/features/staff-kit/page';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { spaced } from '@/features/staff-kit/words';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { Status, type StatusTone } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';

interface Filter {
  state?: string | undefined;
  q?: string | undefined;
}

const STATES = ['parked', 'new', 'done', 'ignored'] as const;
const TONES: Record<string, StatusTone> = { new: 'running', done: 'fine', ignored: 'off', parked: 'failed' };
const KEY = ['stripe-events'] as const;

const eventsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...KEY, filter.state ?? '', filter.q ?? ''],
    initialPageParam: `stripe-events/?${new URLSearchParams({ state: filter.state ?? '', q: filter.q ?? '' }).toString()}`,
    queryFn: ({ pageParam, signal }) => call<Page<StripeEventLine> & { inbox: StripeInbox }>('GET', pageParam, { signal }),
    getNextPageParam: (last) => last.next,
    refetchInterval: 10_000,
  });

/** What Stripe told us: when it came, what became of it, and another look at what failed. */
export function EventsPage() {
  usePageTitle(t`Stripe events`);
  const search = useSearch({ strict: false }) as Filter;
  const navigate = useNavigate();
  const found = useInfiniteQuery(eventsQuery(search));
  const [open, setOpen] = useState<StripeEventLine | null>(null);
  const [retrying, setRetrying] = useState<StripeEventLine | null>(null);
  const change = (next: Filter) => void navigate({ to: '/stripe-events', search: { ...search, ...next }, replace: true });
  const inbox = found.data?.pages[0]?.inbox;
  return (
    <StaffPage
      title={<Trans>Stripe events</Trans>}
      aside={inbox ? plural(inbox.received_24h, { one: '# in 24 h', other: '# in 24 h' }) : null}
      filters={
        <>
          <Select
            aria-label={t`State`}
            className="w-[140px]!"
            value={search.state ?? ''}
            onChange={(state) => change({ state: state || undefined })}
            options={[{ value: '', label: t`Any state` }, ...STATES.map((state) => ({ value: state as string, label: spaced(state) }))]}
          />
          <Input
            aria-label={t`Type, or an id`}
            placeholder={t`Type, or an id`}
            defaultValue={search.q ?? ''}
            onKeyDown={(event) => event.key === 'Enter' && change({ q: event.currentTarget.value.trim() || undefined })}
            onBlur={(event) => change({ q: event.currentTarget.value.trim() || undefined })}
          />
        </>
      }
    >
      {inbox ? <Standing inbox={inbox} /> : null}
      {found.isPending ? (
        <RowsSkeleton rows={10} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <>
          <Rows rows={found.data.pages.flatMap((page) => page.items)} onOpen={setOpen} onRetry={setRetrying} />
          <LoadMore list={found} />
        </>
      )}
      {open ? <EventDialog line={open} onClose={() => setOpen(null)} /> : null}
      {retrying ? <RetryDialog line={retrying} onClose={() => setRetrying(null)} /> : null}
    </StaffPage>
  );
}

const seconds = (ms: number) => `${(ms / 1000).toLocaleString('en-GB', { maximumFractionDigits: 1 })}\u00a0s`;

function Standing({ inbox }: { inbox: StripeInbox }) {
  const { states } = inbox;
  return (
    <p className="flex flex-wrap gap-x-5 gap-y-1 pb-3 text-text-2">
      <Status tone={states['parked'] ? 'failed' : 'fine'}>{states['parked'] ? t`${states['parked']} parked` : t`None parked`}</Status>
      <Status tone={states['new'] ? 'running' : 'fine'}>{states['new'] ? t`${states['new']} wait` : t`None waits`}</Status>
      {inbox.median_lag_ms === null || inbox.worst_lag_ms === null ? null : <span>{t`Looked into after ${seconds(inbox.median_lag_ms)}, ${seconds(inbox.worst_lag_ms)} at worst`}</span>}
    </p>
  );
}

function Rows({ rows, onOpen, onRetry }: { rows: readonly StripeEventLine[]; onOpen: (line: StripeEventLine) => void; onRetry: (line: StripeEventLine) => void }) {
  const mayLook = useCan('finance.view');
  const mayAct = useCan('finance.act');
  if (rows.length === 0) {
    return (
      <p className="border-t border-line pt-2 text-text-3">
        <Trans>No event fits.</Trans>
      </p>
    );
  }
  return (
    <Table label={t`Stripe events`}>
      <thead>
        <tr>
          <Th className="max-sm:hidden">
            <Trans>Received</Trans>
          </Th>
          <Th>
            <Trans>Event</Trans>
          </Th>
          <Th>
            <Trans>Organization</Trans>
          </Th>
          <Th>
            <Trans>State</Trans>
          </Th>
          <Th numeric className="max-sm:hidden">
            <Trans>After</Trans>
          </Th>
          <Th className="pe-0!">
            <span className="sr-only">
              <Trans>Acts</Trans>
            </span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td className="whitespace-nowrap text-text-2 max-sm:hidden">{moment(row.received_at)}</Td>
            <Td className="py-1.5">
              {mayLook ? (
                <button type="button" className="link text-start mono pointer-coarse:min-h-11" onClick={() => onOpen(row)}>
                  <Breaks name={row.type} />
                </button>
              ) : (
                <span className="mono">
                  <Breaks name={row.type} />
                </span>
              )}
              <span className="block t-xxs text-text-3 sm:hidden">{moment(row.received_at)}</span>
              {row.error ? <span className="block text-danger-text wrap-anywhere">{row.error}</span> : null}
            </Td>
            <Td>{row.organization_id ? <OrganizationLink id={row.organization_id} name={row.organization_name} /> : <span className="text-text-3">–</span>}</Td>
            <Td>
              <Status tone={TONES[row.state] ?? 'off'}>{spaced(row.state)}</Status>
              {row.came_by === 'sweep' ? <span className="block t-xxs text-text-3">{t`found by the sweep`}</span> : null}
            </Td>
            <Td numeric className="whitespace-nowrap max-sm:hidden">
              {row.lag_ms === null ? '–' : seconds(row.lag_ms)}
            </Td>
            <Td className="pe-0! text-end">
              {row.state === 'parked' && mayAct ? (
                <Button size="sm" aria-label={t`Look again into ${row.type}`} onClick={() => onRetry(row)}>
                  {t`Look again…`}
                </Button>
              ) : null}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function EventDialog({ line, onClose }: { line: StripeEventLine; onClose: () => void }) {
  const found = useQuery({
    queryKey: [...KEY, 'one', line.id],
    queryFn: ({ signal }) => call<StripeEventDetail>('GET', `stripe-events/${line.id}/`, { signal }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={line.type}
      description={<Trans>As it came, without who people are. After ninety days only what it was about is kept.</Trans>}
      actions={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      {found.isPending ? (
        <RowsSkeleton rows={6} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data.payload === null ? (
        <p className="text-text-3">
          <Trans>What it held was erased.</Trans>
        </p>
      ) : (
        <pre tabIndex={0} aria-label={t`What it held`} className="max-h-[60dvh] overflow-auto rounded-2 bg-sunken p-3 mono whitespace-pre-wrap wrap-anywhere">
          {JSON.stringify(found.data.payload, null, 2)}
        </pre>
      )}
    </Dialog>
  );
}

function RetryDialog({ line, onClose }: { line: StripeEventLine; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <ReasonDialog
      title={<Trans>Look into it again?</Trans>}
      description={<Trans>What Stripe has now is read and folded; what the event held does not matter any more.</Trans>}
      act={<Trans>Look again</Trans>}
      acting={<Trans>Asking</Trans>}
      run={(why) => act('POST', `stripe-events/${line.id}/retry/`, { body: why })}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: KEY });
        toast(t`It is looked into again`);
        onClose();
      }}
    >
      {line.error ? <p className="rounded-2 bg-sunken p-3 mono text-text-2 wrap-anywhere">{line.error}</p> : null}
    </ReasonDialog>
  );
}
