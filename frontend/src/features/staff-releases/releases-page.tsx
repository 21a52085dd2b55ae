import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Release } from '@/api/staff';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { count, moment } from '@/features/staff-kit/age';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { PageSkeleton } from '@/features/staff-kit/page-skeleton';
import { Empty } from '@/ui/empty';
import { Table, Td, Th, Tr } from '@/ui/table';
import { releasesQuery } from './api';
import { Drift } from './drift';
import { releaseName, ROW_STATES, type RowState, split } from './model';
import { ReleasePanel } from './release-panel';

/** Releases of the organization schema on their way through the fleet. */
export function ReleasesPage() {
  usePageTitle(t`Releases`);
  const found = useQuery(releasesQuery);
  const current = found.data?.items.find((release) => release.is_current);
  const name = current ? releaseName(current.number) : '';
  return (
    <StaffPage title={<Trans>Releases</Trans>} aside={current ? <Trans>of the organization schema; this code is of {name}</Trans> : null}>
      {found.isPending ? <PageSkeleton /> : found.isError ? <Failure compact error={found.error} onRetry={() => void found.refetch()} /> : <Found releases={found.data.items} />}
    </StaffPage>
  );
}

function Found({ releases }: { releases: readonly Release[] }) {
  const search = useSearch({ strict: false }) as { release?: string; state?: string };
  const navigate = useNavigate();
  const { open, past } = split(releases);
  const state = ROW_STATES.find((one) => one === search.state);
  // The address names one release; without a number it is the first one's list that was asked for.
  const asked = search.release ?? String(open[0]?.number);
  const show = (number: number, next: RowState) => void navigate({ to: '/fleet/releases', search: { release: String(number), state: next }, replace: true });
  if (releases.length === 0) {
    return (
      <Empty title={<Trans>No release yet</Trans>}>
        <Trans>The first stands here once the database was prepared.</Trans>
      </Empty>
    );
  }
  return (
    <div className="grid gap-x-10 gap-y-8 border-t border-line-2 pt-5 lg:grid-cols-[minmax(0,1fr)_340px]">
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-10">
        {open.map((release) => (
          <ReleasePanel
            key={release.number}
            release={release}
            state={asked === String(release.number) ? state : undefined}
            onState={(next) => show(release.number, next)}
          />
        ))}
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-8">
        <Drift />
        {past.length > 0 ? <Past releases={past} /> : null}
      </div>
    </div>
  );
}

function Past({ releases }: { releases: readonly Release[] }) {
  return (
    <Section title={<Trans>Earlier releases</Trans>}>
      <Table label={t`Earlier releases`}>
        <thead>
          <tr>
            <Th>
              <Trans>Release</Trans>
            </Th>
            <Th numeric>
              <Trans>Still on it</Trans>
            </Th>
            <Th numeric className="pe-0!">
              <Trans>Done</Trans>
            </Th>
          </tr>
        </thead>
        <tbody>
          {releases.map((release) => (
            <Tr key={release.number}>
              <Td className="wrap-anywhere">
                <span className="mono">{releaseName(release.number)}</span> {release.name}
              </Td>
              <Td numeric>{count(release.on_it)}</Td>
              <Td numeric className="pe-0! whitespace-nowrap text-text-2">
                {release.finished_at ? moment(release.finished_at) : moment(release.recorded_at)}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
