import { t } from '@lingui/core/macro';

/** The pages about money, in the order of the bar under the strip. */
export const FINANCE_PAGES: readonly { to: string; label: () => string; permission: string }[] = [
  { to: '/finance', label: () => t`Revenue`, permission: 'finance.view' },
  { to: '/finance/movements', label: () => t`Movements`, permission: 'finance.view' },
  { to: '/finance/comparisons', label: () => t`Comparisons`, permission: 'finance.view' },
  { to: '/plans', label: () => t`Plans`, permission: 'support.view' },
  { to: '/stripe-events', label: () => t`Stripe events`, permission: 'support.view' },
];
