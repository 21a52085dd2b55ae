import { PricingPage } from '@/features/pricing/pricing-page';
import { SiteChrome } from './chrome';

/** The price list in the site's chrome. */
export function Pricing() {
  return (
    <SiteChrome>
      <PricingPage />
    </SiteChrome>
  );
}
