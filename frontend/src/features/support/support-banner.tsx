import './support.css';
import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Eye, LogOut, Pencil } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { SupportBanner as Banner } from '@/lib/boot';
import { clock } from '@/lib/time';
import { Icon } from '@/ui/icon';
import { leave } from './api';

/** Where a browser goes whose support access is over. */
export const ENDED = '/support/ended/';

/**
 * Above every page while somebody of the support team looks in: who, where, how far, how long, and the way out. Nothing
 * closes it and nothing covers it.
 */
export function SupportBanner({ support }: { support: Banner }) {
  const left = useSecondsLeft(support.seconds_left);
  const [leaving, setLeaving] = useState(false);

  useEffect(() => {
    document.documentElement.dataset['support'] = support.scope;
  }, [support.scope]);
  useEffect(() => {
    if (left <= 0) window.location.assign(ENDED);
  }, [left]);

  const end = () => {
    setLeaving(true);
    // Ended here or ended already: either way it is over.
    leave()
      .catch(() => undefined)
      .finally(() => window.location.assign(ENDED));
  };

  const { staff, member, organization } = support;
  return (
    <div
      role="region"
      aria-label={t`Support access`}
      className="pointer-events-auto fixed inset-x-0 top-0 z-60 flex h-(--support-bar) items-center gap-x-4 gap-y-1 bg-danger-solid px-4 text-[14px] leading-5 text-danger-on shadow-e2 max-sm:flex-wrap max-sm:content-center sm:px-8"
    >
      <Icon as={support.scope === 'write' ? Pencil : Eye} size={18} className="max-sm:hidden" />
      <p className="min-w-0 flex-1 max-sm:basis-full sm:truncate">
        <strong className="font-semibold">
          {member ? (
            <Trans>
              {staff} of support sees {organization} as {member}
            </Trans>
          ) : (
            <Trans>
              {staff} of support looks into {organization}
            </Trans>
          )}
        </strong>{' '}
        <span className="max-sm:hidden">
          {support.scope === 'write' ? <Trans>Changes count, under both names.</Trans> : <Trans>Nothing can be changed.</Trans>}
        </span>
      </p>
      <span className="whitespace-nowrap tabular-nums max-sm:flex-1" aria-label={t`Time left`}>
        <Trans>{clock(left)} left</Trans>
      </span>
      <button
        type="button"
        onClick={end}
        aria-busy={leaving || undefined}
        className="inline-flex h-9 items-center gap-2 rounded-2 border border-current px-3 font-[560] whitespace-nowrap hover:bg-danger-on/15 focus-visible:outline-current pointer-coarse:h-11"
      >
        <Icon as={LogOut} />
        {leaving ? <Trans>Ending</Trans> : <Trans>End now</Trans>}
      </button>
    </div>
  );
}

/** Counts by this browser's own clock from what the server said was left: a wrong clock changes nothing. */
function useSecondsLeft(atStart: number): number {
  const [until] = useState(() => performance.now() + atStart * 1000);
  const [left, setLeft] = useState(atStart);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.ceil((until - performance.now()) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, left);
}
