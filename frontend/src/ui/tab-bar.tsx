import type { ReactNode } from 'react';

/**
 * The bar at the bottom of a phone. Children are links (or the account's button) with an icon and a word; the current one carries
 * `aria-current="page"`. Hidden from 768 px up, where the header or the side navigation takes over.
 */
export function TabBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav
      aria-label={label}
      data-tab-bar
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface px-1 pt-1.5 pb-[calc(8px+env(safe-area-inset-bottom))] md:hidden *:grid *:min-h-11 *:flex-1 *:content-start *:justify-items-center *:gap-[3px] *:rounded-2 *:py-1.5 *:text-[11px] *:leading-[14px] *:font-medium *:text-text-3 *:aria-[current=page]:text-brand-text"
    >
      {children}
    </nav>
  );
}
