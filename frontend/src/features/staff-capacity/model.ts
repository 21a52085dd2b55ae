import { plural, t } from '@lingui/core/macro';
import type { Capacity } from '@/api/staff';
import { count, moment } from '@/features/staff-kit/age';
import type { StatusTone } from '@/ui/status';

/** From here on the next busy hour may find no connection free. */
const NEARLY_FULL = 0.85;

export const POOL_TONES: Record<Capacity['pool']['state'], StatusTone> = { full: 'fine', filling: 'running', capped: 'look' };

/** What the pool is at, and until when it may not go on. */
export function poolSentence(pool: Capacity['pool']): string {
  switch (pool.state) {
    case 'full':
      return t`As many are ready as are wanted.`;
    case 'filling':
      return plural(pool.missing, { one: '# is being built.', other: '# are being built.' });
    case 'capped':
      return pool.capped_until
        ? t`${count(pool.missing)} are missing: the cap of ${count(pool.cap_an_hour)} an hour is reached until ${moment(pool.capped_until)}.`
        : t`${count(pool.missing)} are missing: the cap of ${count(pool.cap_an_hour)} an hour is reached.`;
  }
}

export type Room = 'fine' | 'look';

/** How near the connections are to what PostgreSQL takes. */
export const room = (connections: Pick<Capacity['connections'], 'used' | 'limit'>): Room =>
  connections.limit > 0 && connections.used / connections.limit >= NEARLY_FULL ? 'look' : 'fine';

export const DAYS = ['30', '90', '180', '365'] as const;
const DEFAULT_DAYS = '90';

/** The days that an address asks for, or ninety. */
export const daysOf = (text: string | undefined): string => (text && /^[1-9]\d{0,3}$/.test(text) ? text : DEFAULT_DAYS);

export const ORDERS = ['active', '-storage', '-schema', '-members', 'name'] as const;

export function orderWord(order: string): string {
  switch (order) {
    case '-storage':
      return t`Most stored`;
    case '-schema':
      return t`Largest schema`;
    case '-members':
      return t`Most members`;
    case 'name':
      return t`Name`;
    default:
      return t`Longest idle`;
  }
}
