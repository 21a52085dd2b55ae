import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { organizationQuery } from '@/features/organization/api';
import { seatsWord } from '@/features/pricing/words';
import { boot, updateBoot } from '@/lib/boot';
import { useBoot } from '@/lib/permissions';
import { Notice } from '@/ui/notice';
import { Spinner } from '@/ui/spinner';
import { billingQuery } from './api';
import { hasArrived } from './model';

const LOOK_MS = 1_500;
/** From here on the page says that it takes long, and looks less often. */
const LONG_MS = 60_000;

interface CheckoutReturnProps {
  how: 'done' | 'cancelled';
  onSeen: () => void;
}

/** Back from Checkout: waits until what was bought stands here, and says so; or says that nothing was bought. */
export function CheckoutReturn({ how, onSeen }: CheckoutReturnProps) {
  if (how === 'cancelled') {
    return (
      <Notice title={<Trans>Nothing was bought.</Trans>} action={<Away onPress={onSeen} />}>
        <Trans>You left the checkout before the end. What you have is as it was.</Trans>
      </Notice>
    );
  }
  return <Waiting onSeen={onSeen} />;
}

/** A moment after a payment its studio is open; another reason may keep it shut, so this is not asked for ever. */
const MOST_LOOKS = 20;

/** Paying opens a studio that was read-only; this page was loaded before that. */
function useOpenAgain(paid: boolean): void {
  const shut = useBoot().organization?.state === 'read_only';
  const { data } = useQuery({
    ...organizationQuery,
    enabled: paid && shut,
    refetchInterval: (query) => (query.state.data?.state === 'active' || query.state.dataUpdateCount >= MOST_LOOKS ? false : LOOK_MS),
  });
  const state = data?.state;
  useEffect(() => {
    const { organization } = boot();
    if (paid && organization?.state === 'read_only' && state === 'active') updateBoot({ organization: { ...organization, state } });
  }, [paid, state]);
}

function Waiting({ onSeen }: { onSeen: () => void }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useQuery({
    ...billingQuery,
    refetchInterval: (query) => {
      const subscription = query.state.data?.subscription;
      if (subscription && hasArrived(subscription)) return false;
      return long ? LOOK_MS * 4 : LOOK_MS;
    },
  });
  const subscription = data?.subscription;
  const arrived = subscription ? hasArrived(subscription) : false;
  useOpenAgain(arrived);
  if (subscription && arrived) {
    return (
      <Notice tone="success" live title={<Trans>You have {subscription.plan.name}.</Trans>} action={<Away onPress={onSeen} />}>
        <Trans>{seatsWord(subscription.seats)}; everything of it works now.</Trans>
      </Notice>
    );
  }
  return (
    <div role="status" className="flex items-start gap-3 rounded-3 bg-sunken px-4 py-3 ring-1 ring-line ring-inset">
      <span className="flex h-(--lh) items-center text-text-2">
        <Spinner />
      </span>
      <p className="min-w-0 flex-1">
        <strong className="font-semibold">
          <Trans>Waiting for Stripe to tell us.</Trans>
        </strong>{' '}
        {long ? (
          <Trans>This takes longer than usual. What you bought is safe with Stripe; it appears here by itself, and you may leave this page.</Trans>
        ) : (
          <Trans>Usually a few seconds.</Trans>
        )}
      </p>
    </div>
  );
}

function Away({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" onClick={onPress} className="link flex-none pointer-coarse:min-h-11">
      <Trans>Put away</Trans>
    </button>
  );
}
