import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { ApiError } from '@/api/errors';
import { can, useMe } from '@/lib/permissions';

interface Up {
  /** Where an owner changes it, with what is missing filled in. */
  search: { change: '1'; plan?: string; seats?: string };
  label: string;
}

/** The way up out of a refusal for want of room or of a plan; null for any other refusal. */
export function wayUpOf(error: unknown): Up | null {
  if (!(error instanceof ApiError) || (error.code !== 'quota_exceeded' && error.code !== 'not_in_plan')) return null;
  const { meter, needed, free, limit, next_plan } = error.problem;
  if (meter === 'seats' && typeof needed === 'number' && typeof limit === 'number') {
    const lacking = needed - (typeof free === 'number' ? free : 0);
    return { search: { change: '1', seats: String(limit + Math.max(lacking, 1)) }, label: t`Get more seats` };
  }
  return { search: { change: '1', ...(typeof next_plan === 'string' ? { plan: next_plan } : {}) }, label: t`See what brings more` };
}

/** Below the sentence of such a refusal: an owner gets there with a press, everybody else hears whom to ask. */
export function WayUp({ error }: { error: unknown }) {
  const up = wayUpOf(error);
  return up ? <WayToMore {...up} /> : null;
}

/** Where everything of something is taken, before anybody is refused. */
export function WayToMore({ search = { change: '1' }, label }: Partial<Up>) {
  const me = useMe();
  if (!can('billing.manage', me)) return <Trans>An owner of your organization can change that.</Trans>;
  return (
    <Link to="/studio/settings/billing" search={search} className="link">
      {label ?? <Trans>See what brings more</Trans>}
    </Link>
  );
}
