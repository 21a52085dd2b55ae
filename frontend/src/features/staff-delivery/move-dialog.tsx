import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Distribution, Standing } from '@/api/staff';
import { count } from '@/features/staff-kit/age';
import { ReasonDialog } from '@/features/staff-kit/reason-dialog';
import { Field } from '@/ui/field';
import { Select } from '@/ui/select';
import { toast } from '@/ui/toast';
import { DELIVERY, moveDelivery } from './api';
import { callsOff, strategyWord } from './model';

interface DeliveryMoveDialogProps {
  standing: Standing;
  distributions: readonly Distribution[];
  onClose: () => void;
}

/** Where to and why, after what happens meanwhile was read; or why a move under way is called off. */
export function DeliveryMoveDialog({ standing, distributions, onClose }: DeliveryMoveDialogProps) {
  const client = useQueryClient();
  const [pool, setPool] = useState('');
  const strategy = standing.choices[0] ?? standing.strategy;
  const off = callsOff(standing, strategy);
  const word = strategyWord(strategy).toLowerCase();
  const shared = distributions.filter((one) => one.kind === 'shared');
  return (
    <ReasonDialog
      title={
        off ? (
          <Trans>
            Call the move of <bdi>{standing.name}</bdi> off?
          </Trans>
        ) : (
          <Trans>
            Move <bdi>{standing.name}</bdi> to a {word}?
          </Trans>
        )
      }
      description={off ? <Trans>It stays where it was. The other edge lets go once what was granted meanwhile has ended, in about two hours. Nobody who watches is cut off.</Trans> : undefined}
      act={off ? <Trans>Call it off</Trans> : <Trans>Move it</Trans>}
      acting={off ? <Trans>Calling off</Trans> : <Trans>Asking</Trans>}
      noTicket
      run={({ reason }) => moveDelivery(standing.organization_id, { strategy, pool, reason })}
      onClose={onClose}
      onDone={() => {
        void client.invalidateQueries({ queryKey: DELIVERY });
        toast(off ? t`The move is called off` : t`The move begins`);
        onClose();
      }}
    >
      {off ? null : (
        <>
          {strategy === 'pooled' ? (
            <Field label={<Trans>To the distribution</Trans>}>
              <Select
                value={pool}
                onChange={setPool}
                options={[
                  { value: '', label: t`The first with room` },
                  ...shared.map((one) => ({
                    value: one.id,
                    label: one.has_room ? t`${one.id}, ${count(one.organizations)} organizations` : t`${one.id}: no room`,
                    disabled: !one.has_room,
                  })),
                ]}
              />
            </Field>
          ) : null}
          <section aria-label={t`What this does`} className="rounded-3 bg-sunken p-3.5">
            <ul className="grid gap-1.5">
              {[
                t`Both edges serve meanwhile: nobody who watches is cut off.`,
                t`It takes about five hours, most of it waiting until older grants have ended.`,
                strategy === 'pooled'
                  ? t`Films on the organization's own domains need a distribution tenant: with one, it goes back there by itself.`
                  : t`To change from one shared distribution to another, move it back afterwards and choose.`,
                t`Until its hosts go over you can call it off.`,
              ].map((words) => (
                <li key={words} className="flex gap-2">
                  <span aria-hidden="true" className="mt-[7px] size-1 flex-none rounded-full bg-text-3" />
                  <span>{words}</span>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </ReasonDialog>
  );
}
