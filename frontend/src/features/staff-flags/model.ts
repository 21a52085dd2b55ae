import { plural, t } from '@lingui/core/macro';
import type { Flag, FlagRule } from '@/api/staff';

/** Days until a flag's time is over; negative once it is. */
export function daysLeft(expiresOn: string, today = new Date()): number {
  const start = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((start(new Date(`${expiresOn}T00:00:00`)) - start(today)) / 86_400_000);
}

/** "25 %" of 250 permille; halves and tenths show. */
export const percentText = (permille: number) => `${Number((permille / 10).toFixed(1))}\u00a0%`;

/** For whom a flag is on, in one line. */
export function reach(flag: Pick<Flag, 'kill' | 'rules'>): string {
  if (flag.kill) return t`Off for everyone: killed`;
  const organizations = flag.rules.filter((rule) => rule.kind === 'organization').length;
  const plans = flag.rules.filter((rule) => rule.kind === 'plan').map((rule) => rule.value);
  const permille = Math.max(0, ...flag.rules.filter((rule) => rule.kind === 'permille').map((rule) => Number(rule.value)));
  if (permille >= 1000) return t`On for everyone`;
  const parts = [
    ...(organizations > 0 ? [plural(organizations, { one: '# organization', other: '# organizations' })] : []),
    ...plans.map((plan) => t`plan ${plan}`),
    ...(permille > 0 ? [t`${percentText(permille)} of organizations`] : []),
  ];
  return parts.length === 0 ? t`Off for everyone` : t`On for ${parts.join(', ')}`;
}

export type Why = 'killed' | 'organization' | 'plan' | 'everyone' | 'share' | null;

/** By which rule a flag is on for an organization; whether a share reaches it is only known to the server. */
export function onFor(flag: Pick<Flag, 'kill' | 'rules'>, organization: string, plan: string): Why {
  if (flag.kill) return 'killed';
  if (flag.rules.some((rule) => rule.kind === 'organization' && rule.value === organization)) return 'organization';
  if (flag.rules.some((rule) => rule.kind === 'plan' && rule.value === plan)) return 'plan';
  const permille = Math.max(0, ...flag.rules.filter((rule) => rule.kind === 'permille').map((rule) => Number(rule.value)));
  return permille >= 1000 ? 'everyone' : permille > 0 ? 'share' : null;
}

/** The same rule twice says nothing more. */
export function withRule(rules: readonly FlagRule[], rule: FlagRule): FlagRule[] {
  // There is one share of all organizations, and the newest word on it counts.
  const others = rules.filter((one) => (rule.kind === 'permille' ? one.kind !== 'permille' : one.kind !== rule.kind || one.value !== rule.value));
  return [...others, rule];
}

export const withoutRule = (rules: readonly FlagRule[], rule: FlagRule) => rules.filter((one) => one.kind !== rule.kind || one.value !== rule.value);

/** What is wrong with a key, or null. It ends up in code: lower case, digits, dots and hyphens. */
export function keyProblem(key: string): string | null {
  if (key === '') return t`Give it a key.`;
  return /^[a-z][a-z0-9_.-]{2,59}$/.test(key) ? null : t`3 to 60 lower case letters, digits, dots and hyphens; a letter first.`;
}
