import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { cellsQuery } from '@/features/staff-cells/api';
import { CellsTable } from '@/features/staff-cells/cells-table';
import { jobsQuery } from '@/features/staff-jobs/api';
import { JobsTable } from '@/features/staff-jobs/jobs-table';
import { Section, StaffPage } from '@/features/staff-kit/page';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';

/** The cells, and organizations on their way from one to another. */
export function CellsScreen() {
  usePageTitle(t`Cells`);
  const cells = useQuery(cellsQuery);
  const known = cells.data?.items.length ?? 0;
  return (
    <StaffPage title={<Trans>Cells</Trans>} aside={cells.data ? plural(known, { one: '# that this one knows', other: '# that this one knows' }) : null}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        {cells.isPending ? (
          <RowsSkeleton rows={3} />
        ) : cells.isError ? (
          <Failure compact error={cells.error} onRetry={() => void cells.refetch()} />
        ) : (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            <CellsTable cells={cells.data.items} />
            {known === 1 ? (
              <p className="max-w-[68ch] text-text-3">
                <Trans>
                  Another cell is one more installation of the same code. <code className="mono wrap-anywhere">manage.py add_cell</code> makes it known here; then organizations can be moved there.
                </Trans>
              </p>
            ) : null}
          </div>
        )}
        <Moves />
      </div>
    </StaffPage>
  );
}

function Moves() {
  const moves = useQuery(jobsQuery({ kind: 'move' }));
  return (
    <Section title={<Trans>Moves</Trans>}>
      {moves.isPending ? (
        <RowsSkeleton rows={3} />
      ) : moves.isError ? (
        <Failure compact error={moves.error} onRetry={() => void moves.refetch()} />
      ) : moves.data.items.length === 0 ? (
        <p className="border-t border-line pt-2 text-text-3">
          <Trans>No organization was moved from here yet. A move begins on the organization's page.</Trans>
        </p>
      ) : (
        <JobsTable jobs={moves.data.items} />
      )}
    </Section>
  );
}
