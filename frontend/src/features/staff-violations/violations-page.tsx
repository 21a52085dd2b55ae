import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Violation } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { ago, count, moment } from '@/features/staff-kit/age';
import { Chip } from '@/features/staff-kit/chip';
import { LoadMore } from '@/features/staff-kit/load-more';
import { StaffPage } from '@/features/staff-kit/page';
import { sentence } from '@/features/staff-kit/problem';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Empty } from '@/ui/empty';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { forgetViolation, violationKeys, violationsQuery } from './api';
import { blockedWord, SURFACES, surfaceOf, surfaceWord, toneOf } from './model';

/** What browsers say that pages tried and their policy forbade, by kind. */
export function ViolationsPage() {
  usePageTitle(t`Policy reports`);
  const search = useSearch({ strict: false }) as { surface?: string | undefined };
  const surface = surfaceOf(search.surface);
  const navigate = useNavigate();
  const found = useInfiniteQuery(violationsQuery(surface));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <StaffPage
      title={<Trans>Policy reports</Trans>}
      filters={
        <div role="group" aria-label={t`Surface`} className="flex flex-wrap gap-1.5">
          {SURFACES.map((one) => (
            <Chip key={one} on={surface === one} onPress={() => void navigate({ to: '/fleet/policy', search: { surface: one === 'all' ? undefined : one }, replace: true })}>
              {surfaceWord(one)}
            </Chip>
          ))}
        </div>
      }
    >
      <p className="max-w-[72ch] pb-3 text-text-2">
        <Trans>
          What pages tried and their content security policy forbade, as browsers report it: anybody can send such a report, so look at what many
          send. Kept for thirty days after the last one; whose browser it was is not kept.
        </Trans>
      </p>
      {found.isPending ? (
        <RowsSkeleton rows={5} />
      ) : found.isError ? (
        <Failure compact error={found.error} onRetry={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <Empty title={<Trans>Nothing was reported</Trans>}>
          {surface === 'all' ? (
            <Trans>No page tried what its policy forbids within the last thirty days.</Trans>
          ) : (
            <Trans>No page of this surface tried what its policy forbids within the last thirty days.</Trans>
          )}
        </Empty>
      ) : (
        <>
          <Rows rows={rows} />
          <LoadMore list={found} />
        </>
      )}
    </StaffPage>
  );
}

function Rows({ rows }: { rows: readonly Violation[] }) {
  const may = useCan('operations.act');
  return (
    <Table label={t`Policy reports`}>
      <thead>
        <tr>
          <Th>
            <Trans>Forbidden</Trans>
          </Th>
          <Th className="max-md:hidden">
            <Trans>Page</Trans>
          </Th>
          <Th numeric>
            <Trans>Reports</Trans>
          </Th>
          <Th numeric className="max-sm:hidden">
            <Trans>First</Trans>
          </Th>
          <Th numeric className="max-sm:hidden">
            <Trans>Last</Trans>
          </Th>
          {may ? (
            <Th className="w-0 pe-0!">
              <span className="sr-only">
                <Trans>What to do</Trans>
              </span>
            </Th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Tr key={row.id}>
            <Td className="py-1.5">
              <Status tone={toneOf(row)} className="whitespace-normal! wrap-anywhere">
                <bdi>{blockedWord(row.blocked)}</bdi>
              </Status>
              <span className="ms-[15px] block mono text-text-3">{row.directive}</span>
              <span className="ms-[15px] block md:hidden">
                <Where row={row} />
              </span>
              <span className="ms-[15px] block text-text-3 sm:hidden">{t`last: ${ago(row.last_seen_at)}`}</span>
            </Td>
            <Td className="py-1.5 max-md:hidden">
              <Where row={row} />
            </Td>
            <Td numeric>{count(row.count)}</Td>
            <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
              <time dateTime={row.first_seen_at}>{moment(row.first_seen_at)}</time>
            </Td>
            <Td numeric className="whitespace-nowrap text-text-2 max-sm:hidden">
              <time dateTime={row.last_seen_at} title={moment(row.last_seen_at)}>
                {ago(row.last_seen_at)}
              </time>
            </Td>
            {may ? (
              <Td className="pe-0!">
                <Forget row={row} />
              </Td>
            ) : null}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Where({ row }: { row: Violation }) {
  return (
    <>
      <span className="block text-text-2">{surfaceWord(row.surface)}</span>
      <bdi className="block mono text-text-3 wrap-anywhere">{row.page}</bdi>
    </>
  );
}

function Forget({ row }: { row: Violation }) {
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: () => forgetViolation(row.id),
    onSuccess: () => {
      toast(t`Forgotten. If it comes again it is counted anew.`);
      return client.invalidateQueries({ queryKey: violationKeys.all });
    },
    onError: (error) => toast(sentence(error)),
  });
  return (
    <Button
      size="sm"
      variant="ghost"
      className="pointer-coarse:h-11!"
      loading={forget.isPending}
      aria-label={t`Forget ${row.directive} of ${row.blocked} on ${row.page}`}
      onClick={() => forget.mutate()}
    >
      {forget.isPending ? <Trans>Forgetting</Trans> : <Trans>Forget</Trans>}
    </Button>
  );
}
