import { t } from '@lingui/core/macro';

/** How an organization stands with its payments, as finance tells them apart. */
export const PAYMENTS = ['trialing', 'active', 'past_due', 'read_only', 'given', 'canceled'] as const;

export function paymentWord(payment: (typeof PAYMENTS)[number]): string {
  switch (payment) {
    case 'trialing':
      return t`On trial`;
    case 'active':
      return t`Paying`;
    case 'past_due':
      return t`Past due`;
    case 'read_only':
      return t`Read-only, unpaid`;
    case 'given':
      return t`Given without charge`;
    case 'canceled':
      return t`Canceled`;
  }
}
