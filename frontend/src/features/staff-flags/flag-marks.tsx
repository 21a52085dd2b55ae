import { plural, t } from '@lingui/core/macro';
import type { Flag } from '@/api/staff';
import { day } from '@/lib/time';
import { Status } from '@/ui/status';
import { daysLeft, reach } from './model';

/** For whom the flag is on: shape and words. */
export function Reach({ flag }: { flag: Flag }) {
  const words = reach(flag);
  if (flag.kill)
    return (
      <Status tone="failed" className="whitespace-normal!">
        {words}
      </Status>
    );
  return (
    <Status tone={flag.rules.length > 0 ? 'fine' : 'off'} className="whitespace-normal!">
      {words}
    </Status>
  );
}

/** Past its end, as loud as a state gets. */
function ExpiredStatus({ on }: { on: string }) {
  return (
    <Status tone="failed">
      <strong className="font-semibold text-danger-text">{t`Expired ${day(on)}`}</strong>
    </Status>
  );
}

/** When the flag's time is over. */
export function Ends({ flag }: { flag: Flag }) {
  if (flag.expired) return <ExpiredStatus on={flag.expires_on} />;
  const left = daysLeft(flag.expires_on);
  if (left <= 14) return <Status tone="look">{plural(left, { one: '# day left', other: '# days left' })}</Status>;
  return <span className="text-text-2">{day(flag.expires_on)}</span>;
}
