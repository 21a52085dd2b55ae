import { t } from '@lingui/core/macro';

/** The pages about the fleet, in the order of the bar under the strip. */
export const FLEET_PAGES: readonly { to: string; label: () => string }[] = [
  { to: '/fleet', label: () => t`Overview` },
  { to: '/fleet/releases', label: () => t`Releases` },
  { to: '/fleet/dispatcher', label: () => t`Dispatcher` },
  { to: '/fleet/capacity', label: () => t`Capacity` },
  { to: '/fleet/delivery', label: () => t`Delivery` },
  { to: '/fleet/cells', label: () => t`Cells` },
  { to: '/fleet/policy', label: () => t`Policy reports` },
];
