import type { ReactNode } from 'react';

/**
 * The bar at the bottom of a phone. Children are links with an icon and a word; the current one carries
 * `aria-current="page"`. Hidden from 768 px up, where the header or the side navigation takes over.
 */
export function TabBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav
      aria-label={label}
      data-tab-bar
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface px-1 pt-1.5 pb-[calc(8px+env(safe-area-inset-bottom))] md:hidden [&_a]:grid [&_a]:min-h-11 [&_a]:flex-1 [&_a]:justify-items-center [&_a]:gap-[3px] [&_a]:rounded-2 [&_a]:py-1.5 [&_a]:text-[11px] [&_a]:leading-[14px] [&_a]:font-medium [&_a]:text-text-3 [&_a[aria-current=page]]:text-brand-text"
    >
      {children}
    </nav>
  );
}
