import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/errors';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/notice';
import { Radio } from '@/ui/radio';
import { toast } from '@/ui/toast';
import { chooseOverage, monthKeys, monthQuery } from './api';
import { capWords, flowName, type Mode, type MonthMeter, monthAmount, overageWords, priceWords } from './month-words';

/** What happens beyond what is included. Owners choose; others read what was chosen. */
export function OverageChoice({ meter }: { meter: MonthMeter }) {
  const mayChoose = useCan('billing.manage');
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const choice = useMutation({
    mutationFn: (mode: Mode) => chooseOverage({ [meter.meter]: mode }),
    onSuccess: (usage, mode) => {
      client.setQueryData(monthQuery('').queryKey, usage);
      void client.invalidateQueries({ queryKey: monthKeys.all, refetchType: 'none' });
      setAsking(false);
      toast(mode === 'overage' ? t`What is beyond is paid for from now on.` : t`It stops at the limit from now on.`);
    },
  });
  const price = priceWords(meter);
  if (!mayChoose) return <p className="t-sm text-text-2">{meter.mode === 'overage' ? t`Beyond what is included nothing stops.` : capWords(meter.meter)}</p>;
  if (!price) {
    return (
      <p className="t-sm text-text-2">
        {capWords(meter.meter)} <a href="/studio/settings/billing" className="text-link underline underline-offset-3"><Trans>Choose a plan with more</Trans></a>
      </p>
    );
  }
  const choose = (mode: Mode) => (mode === 'overage' ? setAsking(true) : choice.mutate(mode));
  const failed = choice.error ? (choice.error instanceof ApiError ? choice.error.detail : t`It was not saved. Try again.`) : '';
  return (
    <>
      <Radio
        label={<Trans>Beyond what is included</Trans>}
        value={meter.mode ?? 'cap'}
        onChange={choose}
        options={[
          { value: 'cap', label: <Trans>Stop at the limit</Trans>, detail: capWords(meter.meter), disabled: choice.isPending },
          { value: 'overage', label: <Trans>Pay for more as it is used</Trans>, detail: overageWords(meter), disabled: choice.isPending },
        ]}
      />
      {failed && !asking ? <Notice tone="danger" title={failed} /> : null}
      <Dialog
        open={asking}
        onOpenChange={(open) => {
          setAsking(open);
          if (!open) choice.reset();
        }}
        size="sm"
        title={<Trans>Pay for more than {monthAmount(meter.meter, meter.included ?? 0)}?</Trans>}
        description={<Trans>{flowName(meter.meter)}: {price} beyond what is included, on your next invoice. It holds from now on: what was used beyond the limit before is not charged. You can go back at any time.</Trans>}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>
              <Trans>Cancel</Trans>
            </Button>
            <Button variant="primary" loading={choice.isPending} onClick={() => choice.mutate('overage')}>
              <Trans>Pay for more</Trans>
            </Button>
          </>
        }
      >
        {failed ? <Notice tone="danger" title={failed} /> : null}
      </Dialog>
    </>
  );
}
