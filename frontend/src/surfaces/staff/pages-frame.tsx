import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

export interface FramedPage {
  to: string;
  label: () => string;
}

/** A bar with the pages about one thing, and the one that is open below it. */
export function PagesFrame({ label, pages }: { label: string; pages: readonly FramedPage[] }) {
  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // On a phone not all of them fit: the one that is open is in sight.
  useEffect(() => bar.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [pathname]);
  return (
    <>
      <nav ref={bar} aria-label={label} className="flex gap-4 overflow-x-auto scroll-px-3 border-b border-line px-3 [scrollbar-width:none] sm:gap-6 sm:px-5">
        {pages.map((page) => (
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
