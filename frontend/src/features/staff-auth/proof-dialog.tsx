import { Trans } from '@lingui/react/macro';
import { useEffect, useRef, useState } from 'react';
import { whenProofIsNeeded } from '@/features/staff-kit/act';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { SecondFactor } from './second-factor';
import { adopt, lastAnswer } from './session';

/** Before something dangerous: a second factor once more. It then holds for ten minutes. */
export function ProofDialog() {
  const [open, setOpen] = useState(false);
  const answer = useRef<((proved: boolean) => void) | undefined>(undefined);
  const settle = (proved: boolean) => {
    setOpen(false);
    answer.current?.(proved);
    answer.current = undefined;
  };
  useEffect(
    () =>
      whenProofIsNeeded(
        () =>
          new Promise<boolean>((resolve) => {
            answer.current = resolve;
            setOpen(true);
          }),
      ),
    [],
  );
  if (!open) return null;
  return (
    <Dialog
      open
      onOpenChange={(next) => next || settle(false)}
      size="sm"
      title={<Trans>Prove once more that it is you</Trans>}
      description={<Trans>This act asks for a second factor from the last ten minutes. What you typed is kept.</Trans>}
    >
      <SecondFactor
        methods={lastAnswer().methods}
        onAnswer={(result) => {
          adopt(result);
          settle(result.state === 'signed_in');
        }}
      />
      <Button variant="ghost" wide className="mt-2" onClick={() => settle(false)}>
        <Trans>Leave it</Trans>
      </Button>
    </Dialog>
  );
}
