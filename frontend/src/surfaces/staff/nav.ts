import { t } from '@lingui/core/macro';

export interface StaffPlace {
  to: string;
  label: () => string;
  /** What one must be allowed to have any use for it. */
  permission: string;
  /** Pages of this place whose address is not below its own. */
  also?: readonly string[];
}

/** The console's places, in the order of the strip. */
export const PLACES: readonly StaffPlace[] = [
  { to: '/organizations', label: () => t`Organizations`, permission: 'support.view' },
  { to: '/fleet', label: () => t`Fleet`, permission: 'support.view' },
  { to: '/jobs', label: () => t`Jobs`, permission: 'support.view' },
  { to: '/support', label: () => t`Support`, permission: 'support.view' },
  { to: '/finance', label: () => t`Finance`, permission: 'finance.view', also: ['/plans', '/stripe-events'] },
  { to: '/flags', label: () => t`Flags`, permission: 'support.view' },
  { to: '/announcements', label: () => t`Announcements`, permission: 'support.view' },
  { to: '/incidents', label: () => t`Incidents`, permission: 'support.view' },
  { to: '/audit', label: () => t`Audit`, permission: 'staff.audit' },
];
