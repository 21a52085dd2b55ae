import { t } from '@lingui/core/macro';

export interface SettingsPlace {
  to: string;
  label: () => string;
  permission: string;
}

/** The sections of the settings, in the order of their navigation. */
export const SETTINGS: readonly SettingsPlace[] = [
  { to: '/studio/settings/organization', label: () => t`Organization`, permission: 'organization.view' },
  { to: '/studio/settings/domains', label: () => t`Domains`, permission: 'domains.manage' },
  { to: '/studio/settings/audit', label: () => t`Audit`, permission: 'audit.view' },
  { to: '/studio/settings/support', label: () => t`Support access`, permission: 'support_access.view' },
  { to: '/studio/settings/security', label: () => t`Security`, permission: 'people.view' },
  { to: '/studio/settings/billing', label: () => t`Billing`, permission: 'billing.view' },
  { to: '/studio/settings/usage', label: () => t`Usage`, permission: 'usage.view' },
  { to: '/studio/settings/data', label: () => t`Your data`, permission: 'organization.export' },
];
