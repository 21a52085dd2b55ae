import { t } from '@lingui/core/macro';
import type { SupportGrant } from '@/api/staff';
import { spaced } from '@/features/staff-kit/words';
import type { StatusTone } from '@/ui/status';

export const MINUTES = [15, 30, 60] as const;

/** Whole minutes that are left; 0 when it is over. */
export const minutesLeft = (grant: Pick<SupportGrant, 'expires_at'>, now: number = Date.now()) =>
  Math.max(0, Math.ceil((new Date(grant.expires_at).getTime() - now) / 60_000));

export function grantTone(grant: Pick<SupportGrant, 'state' | 'scope'>): StatusTone {
  if (grant.state === 'awaiting_consent') return 'running';
  if (grant.state === 'ended') return 'off';
  return grant.scope === 'write' ? 'look' : 'fine';
}

/** "Open, 12 min left", "Waits for an owner", "Ended by an owner". */
export function grantWords(grant: Pick<SupportGrant, 'state' | 'expires_at' | 'end_reason'>, now: number = Date.now()): string {
  if (grant.state === 'awaiting_consent') return t`Waits for an owner`;
  if (grant.state === 'active') return t`Open, ${minutesLeft(grant, now)}\u00a0min left`;
  switch (grant.end_reason) {
    case 'staff':
      return t`Ended by staff`;
    case 'owner':
      return t`Ended by an owner`;
    case 'refused':
      return t`Refused by an owner`;
    case 'expired':
      return t`Time was over`;
    case 'killed':
      return t`Ended by the kill switch`;
    default:
      return grant.end_reason ? spaced(grant.end_reason) : t`Ended`;
  }
}
