import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Cell } from '@/api/staff';
import { count } from '@/features/staff-kit/age';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { useCan } from '@/lib/permissions';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Progress } from '@/ui/progress';
import { Status } from '@/ui/status';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { cellKeys, setCellState } from './api';
import { fill } from './model';

/** The cells that this one knows: how full each is, and whether it takes more. */
export function CellsTable({ cells }: { cells: readonly Cell[] }) {
  const may = useCan('operations.act');
  const [asked, setAsked] = useState<Cell | null>(null);
  return (
    <>
      <Table label={t`Cells`}>
        <thead>
          <tr>
            <Th>
              <Trans>Cell</Trans>
            </Th>
            <Th>
              <Trans>State</Trans>
            </Th>
            <Th className="w-[30%] max-sm:w-auto">
              <Trans>Organizations</Trans>
            </Th>
            <Th className="max-md:hidden">
              <Trans>Front door</Trans>
            </Th>
            <Th className="relative pe-0!">
              <span className="sr-only">
                <Trans>Actions</Trans>
              </span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <Tr key={cell.name}>
              <Td className="py-2">
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <span className="mono font-medium wrap-anywhere">{cell.name}</span>
                  {cell.is_here ? (
                    <Badge>
                      <Trans>this one</Trans>
                    </Badge>
                  ) : null}
                </span>
                {cell.region ? <span className="block text-text-3 wrap-anywhere">{cell.region}</span> : null}
              </Td>
              <Td>
                <CellState cell={cell} />
              </Td>
              <Td>
                <Filled cell={cell} />
              </Td>
              <Td className="mono text-text-2 wrap-anywhere max-md:hidden">{cell.address || '–'}</Td>
              <Td className="pe-0! text-end">
                {may ? (
                  <Button size="sm" className="pointer-coarse:h-11!" aria-label={cell.state === 'open' ? t`Close ${cell.name}` : t`Open ${cell.name}`} onClick={() => setAsked(cell)}>
                    {cell.state === 'open' ? <Trans>Close…</Trans> : <Trans>Open…</Trans>}
                  </Button>
                ) : null}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {asked ? <CellStateDialog cell={asked} onClose={() => setAsked(null)} /> : null}
    </>
  );
}

function CellState({ cell }: { cell: Cell }) {
  return cell.state === 'open' ? (
    <Status tone="fine">
      <Trans>Open</Trans>
    </Status>
  ) : (
    <Status tone="look" className="whitespace-normal!">
      <Trans>Takes no more</Trans>
    </Status>
  );
}

function Filled({ cell }: { cell: Cell }) {
  const share = fill(cell);
  const words = share === null ? count(cell.organizations) : t`${count(cell.organizations)} of ${count(cell.capacity)}`;
  if (share === null) return <span className="tabular-nums">{words}</span>;
  return (
    <span className="grid gap-1.5 sm:flex sm:items-center sm:gap-3">
      <span className="tabular-nums whitespace-nowrap">{words}</span>
      <Progress value={share} label={t`How full ${cell.name} is`} valueText={words} className="min-w-12 flex-1 sm:max-w-[180px]" />
    </span>
  );
}

function CellStateDialog({ cell, onClose }: { cell: Cell; onClose: () => void }) {
  const client = useQueryClient();
  const closing = cell.state === 'open';
  return (
    <ReasonDialog
      title={closing ? <Trans>Close {cell.name} to organizations from elsewhere?</Trans> : <Trans>Open {cell.name} to organizations from elsewhere?</Trans>}
      description={closing ? <Trans>What it has stays and is served, and its own sign-ups go on. No organization is moved there.</Trans> : <Trans>Organizations can be moved there again.</Trans>}
      act={closing ? <Trans>Close it</Trans> : <Trans>Open it</Trans>}
      acting={closing ? <Trans>Closing</Trans> : <Trans>Opening</Trans>}
      noTicket
      run={({ reason }) => setCellState(cell.name, closing ? 'draining' : 'open', reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: cellKeys.all });
        toast(closing ? t`${cell.name} takes no more` : t`${cell.name} is open`);
        onClose();
      }}
    />
  );
}
