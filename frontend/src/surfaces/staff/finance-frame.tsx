import { t } from '@lingui/core/macro';
import { can, useMe } from '@/lib/permissions';
import { FINANCE_PAGES } from './finance-nav';
import { PagesFrame } from './pages-frame';

/** The pages about money that one may see: whoever may not look into the books still sees what is sold. */
export function FinanceFrame() {
  const me = useMe();
  return <PagesFrame label={t`Finance`} pages={FINANCE_PAGES.filter((page) => can(page.permission, me))} />;
}
