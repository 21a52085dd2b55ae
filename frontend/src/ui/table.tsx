import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from 'react';
import { cx } from './cx';

/** Rows by hairlines: no zebra, no outer box. Scrolls inside its own region when the page is narrow. */
export function Table({ label, children, className }: { label: string; children: ReactNode; className?: string }) {
  return (
    // Positioned, so that words for screen readers inside scroll with it and never widen the page.
    <div className={cx('relative overflow-x-auto', className)} role="region" aria-label={label} tabIndex={0}>
      <table className="w-full border-collapse">
        <caption className="sr-only">{label}</caption>
        {children}
      </table>
    </div>
  );
}

export function Th({ className, numeric = false, ...rest }: ThHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      className={cx(
        'border-b border-line-2 pe-3 pb-2 t-xxs font-medium whitespace-nowrap text-text-3',
        numeric ? 'text-end' : 'text-start',
        className,
      )}
      {...rest}
    />
  );
}

export function Tr({ selected = false, children }: { selected?: boolean; children: ReactNode }) {
  return (
    <tr
      data-selected={selected || undefined}
      className="*:transition-colors *:duration-[90ms] hover:*:bg-hover data-selected:*:bg-[color-mix(in_oklab,var(--signal-soft)_70%,transparent)]"
    >
      {children}
    </tr>
  );
}

export function Td({ className, numeric = false, ...rest }: TdHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean }) {
  return (
    <td
      className={cx('h-(--row) border-b border-line pe-3 align-middle', numeric && 'text-end tabular-nums', className)}
      {...rest}
    />
  );
}
