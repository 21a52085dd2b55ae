import { t } from '@lingui/core/macro';
import { FLEET_PAGES } from './fleet-nav';
import { PagesFrame } from './pages-frame';

/** The pages about the fleet. */
export const FleetFrame = () => <PagesFrame label={t`Fleet`} pages={FLEET_PAGES} />;
