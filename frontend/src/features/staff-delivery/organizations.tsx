import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Delivery, Standing } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { moment } from '@/features/staff-kit/age';
import { Chip } from '@/features/staff-kit/chip';
import { LoadMore } from '@/features/staff-kit/load-more';
import { OrganizationLink } from '@/features/staff-kit/organization-link';
import { SECTION_TITLE } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Select } from '@/ui/select';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { type StandingFilter, standingsQuery } from './api';
import { standingTone, standingWord, strategyWord } from './model';
import { DeliveryMoveDialog } from './move-dialog';

/** Whose films are where, by which strategy, and who is on the way. */
export function DeliveryOrganizations({ edge }: { edge: Delivery }) {
  const search = useSearch({ strict: false }) as StandingFilter;
  const navigate = useNavigate();
  const found = useInfiniteQuery(standingsQuery(search));
  const change = (next: StandingFilter) => void navigate({ to: '/fleet/delivery', search: { ...search, ...next }, replace: true, resetScroll: false });
  const filters = [
    { only: undefined, words: t`All`, count: edge.organizations },
    { only: 'moving', words: t`On the way`, count: edge.moving },
    { only: 'pending', words: t`Not delivered yet`, count: edge.pending },
    { only: 'troubled', words: t`With a problem`, count: edge.troubled },
  ];
  return (
    <section>
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className={SECTION_TITLE}>
          <Trans>Organizations</Trans>
        </h2>
        <div role="group" aria-label={t`Which ones`} className="flex flex-wrap gap-1.5">
          {filters.map(({ only, words, count }) => (
            <Chip key={words} on={search.only === only} onPress={() => change({ only })} count={count}>
              {words}
            </Chip>
          ))}
        </div>
        <Select
          aria-label={t`Distribution`}
          className="w-[220px]!"
          value={search.pool ?? ''}
          onChange={(pool) => change({ pool: pool || undefined })}
          options={[{ value: '', label: t`Any distribution` }, ...edge.distributions.map((one) => ({ value: one.id, label: one.id }))]}
        />
      </div>
      {found.isPending ? (
        <RowsSkeleton rows={5} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <>
          <Rows rows={found.data.pages.flatMap((page) => page.items)} edge={edge} isFiltered={Boolean(search.only || search.pool)} stale={found.isPlaceholderData} />
          <LoadMore list={found} />
        </>
      )}
    </section>
  );
}

function Rows({ rows, edge, isFiltered, stale }: { rows: readonly Standing[]; edge: Delivery; isFiltered: boolean; stale: boolean }) {
  const may = useCan('operations.act');
  const [asked, setAsked] = useState<Standing | null>(null);
  if (rows.length === 0) {
    return <p className="border-t border-line pt-2 text-text-3">{isFiltered ? t`None of them.` : t`No organization has come yet: the first one gets a place here when it signs up.`}</p>;
  }
  return (
    <div className={stale ? 'opacity-60' : undefined}>
      <Table label={t`How organizations' films are delivered`}>
        <thead>
          <tr>
            <Th>
              <Trans>Organization</Trans>
            </Th>
            <Th className="max-sm:hidden">
              <Trans>Where</Trans>
            </Th>
            <Th>
              <Trans>How it stands</Trans>
            </Th>
            <Th className="relative pe-0!">
              <span className="sr-only">
                <Trans>Actions</Trans>
              </span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Tr key={row.organization_id}>
              <Td className="max-w-[260px] py-1.5 font-medium">
                <OrganizationLink id={row.organization_id} name={row.name} />
                <span className="block font-normal text-text-3 wrap-anywhere sm:hidden">
                  {strategyWord(row.strategy)} <span className="mono">{row.distribution}</span>
                </span>
              </Td>
              <Td className="py-1.5 max-sm:hidden">
                {strategyWord(row.strategy)}
                <span className="block mono text-text-3 wrap-anywhere">
                  {row.distribution || '–'}
                  {row.other_distribution ? ` → ${row.other_distribution}` : null}
                </span>
              </Td>
              <Td className="max-w-[340px] py-1.5">
                <Status tone={standingTone(row)} className="whitespace-normal!">
                  {standingWord(row)}
                </Status>
                {row.next_at ? <span className="block text-text-3">{t`until ${moment(row.next_at)}`}</span> : null}
                {row.problem ? <span className="block text-warning-text wrap-anywhere">{row.problem}</span> : null}
              </Td>
              <Td className="pe-0! text-end">
                {may && row.choices.length > 0 ? (
                  <Button size="sm" className="pointer-coarse:h-11!" aria-label={row.phase ? t`Call the move of ${row.name} off` : t`Move ${row.name}`} onClick={() => setAsked(row)}>
                    {row.phase ? <Trans>Call off…</Trans> : <Trans>Move…</Trans>}
                  </Button>
                ) : null}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {asked ? <DeliveryMoveDialog standing={asked} distributions={edge.distributions} onClose={() => setAsked(null)} /> : null}
    </div>
  );
}
