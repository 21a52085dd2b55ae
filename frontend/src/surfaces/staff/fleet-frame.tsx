import { t } from '@lingui/core/macro';
import { Link, Outlet } from '@tanstack/react-router';
import { FLEET_PAGES } from './fleet-nav';

/** The bar with the pages about the fleet, and the page below it. */
export function FleetFrame() {
  return (
    <>
      <nav aria-label={t`Fleet`} className="flex gap-5 overflow-x-auto border-b border-line px-3 [scrollbar-width:none] sm:gap-6 sm:px-5">
        {FLEET_PAGES.map((page) => (
          <Link
            key={page.to}
            to={page.to}
            activeOptions={{ exact: true, includeSearch: false }}
            className="relative flex min-h-10 flex-none items-center font-medium whitespace-nowrap text-text-2 after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-t-[2px] hover:text-text focus-visible:-outline-offset-2 aria-[current=page]:text-text aria-[current=page]:after:bg-brand-edge pointer-coarse:min-h-11"
          >
            {page.label()}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
