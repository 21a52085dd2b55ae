import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Cell, OrganizationDetail } from '@/api/staff';
import { deliveryQuery } from '@/features/staff-delivery/api';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { Field } from '@/ui/field';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { abortMove, cellKeys, startMove } from './api';
import { waitWords, whyNot } from './model';

interface MoveDialogProps {
  organization: OrganizationDetail['organization'];
  cells: readonly Cell[];
  /** Rows that its last move counted, where there was one. */
  rows: number | null;
  onClose: () => void;
}

/** Where to and why, after what happens meanwhile was read. */
export function MoveDialog({ organization, cells, rows, onClose }: MoveDialogProps) {
  const client = useQueryClient();
  const choices = cells.filter((cell) => cell.name !== organization.cell);
  const [target, setTarget] = useState(choices.find((cell) => whyNot(cell, organization.cell) === null)?.name ?? '');
  const wait = waitWords(rows);
  // A distribution is one cell's: the other cell's edge is told of the organization as of a new one.
  const filmsPause = useQuery(deliveryQuery).data?.edge === 'cloudfront';
  return (
    <ReasonDialog
      title={
        <Trans>
          Move <bdi>{organization.name}</bdi> to another cell?
        </Trans>
      }
      act={<Trans>Move it</Trans>}
      acting={<Trans>Asking</Trans>}
      noTicket
      run={({ reason }) => startMove(organization.id, target, reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: cellKeys.move(organization.id) });
        toast(t`The move begins`);
        onClose();
      }}
    >
      <Field label={<Trans>To the cell</Trans>} required>
        <Select
          value={target}
          onChange={setTarget}
          options={choices.map((cell) => {
            const why = whyNot(cell, organization.cell);
            const room = plural(cell.organizations, { one: '# organization', other: '# organizations' });
            return { value: cell.name, label: why ? `${cell.name}: ${why}` : `${cell.name}, ${room}`, disabled: why !== null };
          })}
        />
      </Field>
      <section aria-label={t`What this does`} className="rounded-3 bg-sunken p-3.5">
        <ul className="grid gap-1.5">
          {[
            filmsPause ? t`Reading and signed-in sessions go on all the time. Films are off for some minutes, until the other cell's edge knows the organization.` : t`Reading, watching and signed-in sessions go on all the time.`,
            t`Changes wait for ${wait}: people see a notice, and what they typed is sent afterwards.`,
            t`The copy is compared with the original before anybody is sent there. If it is not the same, everything stays as it is.`,
            t`Until it is sent over you can give it up. What it leaves here is kept for some days.`,
          ].map((words) => (
            <li key={words} className="flex gap-2">
              <span aria-hidden="true" className="mt-[7px] size-1 flex-none rounded-full bg-text-3" />
              <span>{words}</span>
            </li>
          ))}
        </ul>
      </section>
    </ReasonDialog>
  );
}

/** Takes a move back while it can be taken back. */
export function AbortMoveDialog({ organization, onClose }: { organization: OrganizationDetail['organization']; onClose: () => void }) {
  const client = useQueryClient();
  return (
    <ReasonDialog
      title={<Trans>Give the move up?</Trans>}
      description={
        <Trans>
          <bdi>{organization.name}</bdi> stays where it is and takes changes again at once; the copy is thrown away.
        </Trans>
      }
      act={<Trans>Give it up</Trans>}
      acting={<Trans>Giving up</Trans>}
      danger
      noTicket
      run={({ reason }) => abortMove(organization.id, reason)}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: cellKeys.move(organization.id) });
        toast(t`The move is being given up`);
        onClose();
      }}
    />
  );
}
