import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { ShieldAlert } from 'lucide-react';
import { useMe } from '@/lib/permissions';
import { day } from '@/lib/time';
import { buttonClass } from '@/ui/button';
import { Icon } from '@/ui/icon';

/** While there is time: until when a second step must be set up, and the way there. */
export function SecondStepBanner() {
  const due = useMe()?.second_factor;
  if (due?.state !== 'due' || !due.due_at) return null;
  return (
    <section aria-label={t`Second step`} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-warning-soft px-4 py-2 md:px-8">
      <Icon as={ShieldAlert} className="text-warning-soft-text" />
      <p className="min-w-[200px] flex-1">
        <Trans>Your role needs a second step for signing in by {day(due.due_at)}. It takes a minute.</Trans>
      </p>
      <a href="/account/security" className={buttonClass('secondary', 'sm', 'pointer-coarse:h-11!')}>
        <Trans>Set it up</Trans>
      </a>
    </section>
  );
}
