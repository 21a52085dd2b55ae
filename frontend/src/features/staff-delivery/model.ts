import { t } from '@lingui/core/macro';
import type { Delivery, Distribution, Quota, Standing } from '@/api/staff';
import type { StatusTone } from '@/ui/status';

type Phase = NonNullable<Standing['phase']>;

export function strategyWord(strategy: Standing['strategy']): string {
  return strategy === 'pooled' ? t`Shared distribution` : t`Distribution tenant`;
}

export function kindWord(kind: Distribution['kind']): string {
  return kind === 'shared' ? t`Shared` : t`Template of tenants`;
}

export function quotaWord(name: Quota['name']): string {
  switch (name) {
    case 'public_keys':
      return t`Public keys`;
    case 'key_groups':
      return t`Key groups`;
    case 'distribution_tenants':
      return t`Distribution tenants`;
    case 'behaviours':
      return t`Behaviours`;
    case 'aliases':
      return t`Host names`;
  }
}

/** How full, 0 to 1. What is kept free counts as taken: nobody new gets it. */
export const fill = (quota: Quota): number => (quota.limit > 0 ? Math.min(1, (quota.used + quota.kept_free) / quota.limit) : 1);

/** Less than a tenth is left: the next ones will find no room. */
export const isTight = (quota: Quota): boolean => (quota.limit - quota.kept_free - quota.used) * 10 <= quota.limit;

export function distributionTone(one: Distribution): StatusTone {
  if (one.problem) return 'failed';
  if (one.looked_at === null) return 'off';
  if (!one.is_set) return 'look';
  return one.is_deployed ? 'fine' : 'running';
}

export function distributionWord(one: Distribution): string {
  if (one.problem) return t`Not as it has to be`;
  if (one.looked_at === null) return t`Not looked at yet`;
  if (!one.is_set) return t`Not in the settings`;
  return one.is_deployed ? t`Deployed` : t`Being deployed`;
}

export function standingTone(one: Standing): StatusTone {
  if (one.state === 'revoked') return 'off';
  if (one.problem) return 'look';
  if (one.phase || one.state === 'pending') return 'running';
  return 'fine';
}

export function standingWord(one: Standing): string {
  if (one.state === 'revoked') return t`Switched off`;
  if (one.phase) return phaseWord(one.phase);
  if (one.state === 'pending') return one.distribution ? t`Being set up` : t`Waits for a place`;
  return one.is_settled ? t`Delivered` : t`Being told of a change`;
}

export function phaseWord(phase: Phase): string {
  switch (phase) {
    case 'preparing':
      return t`Other edge is made ready`;
    case 'both':
      return t`Both edges serve`;
    case 'switching':
      return t`Hosts go over`;
    case 'settling':
      return t`Old grants run out`;
  }
}

export type Mark = 'done' | 'now' | 'open';
const PHASES: readonly Phase[] = ['preparing', 'both', 'switching', 'settling'];

/** The steps of a move, and where it is. */
export function marks(phase: Phase): { phase: Phase; mark: Mark }[] {
  const at = PHASES.indexOf(phase);
  return PHASES.map((one, index) => ({ phase: one, mark: index < at ? 'done' : index === at ? 'now' : 'open' }));
}

/** Of a move that goes on, naming the strategy it has calls it off. */
export const callsOff = (one: Pick<Standing, 'phase' | 'strategy'>, strategy: Standing['strategy']): boolean => one.phase !== null && strategy === one.strategy;

/** What has to be looked at, most pressing first. */
export function troubles(found: Delivery): string[] {
  const said: string[] = [];
  for (const one of found.distributions) if (one.problem) said.push(`${one.id}: ${one.problem}`);
  for (const one of found.account) {
    if (isTight(one)) said.push(t`${one.used.toLocaleString('en-GB')} of ${one.limit.toLocaleString('en-GB')} ${quotaWord(one.name).toLowerCase()} of the account are used: ask AWS for more.`);
  }
  const shared = found.distributions.filter((one) => one.kind === 'shared');
  if (shared.length > 0 && shared.every((one) => !one.has_room)) said.push(t`No shared distribution has room: add one to LMS_CLOUDFRONT_POOLS.`);
  return said;
}
