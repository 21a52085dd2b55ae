import type { ReactNode } from 'react';
import { cx } from '../cx';

interface BarsProps {
  rows: readonly { key: string; label: ReactNode; value: number; /** The figure in words, at the end of the bar. */ text: string; strong?: boolean }[];
  /** Said for the whole. */
  label: string;
}

/** Horizontal bars with their names before and their figures after: no legend, no axis to read off. */
export function Bars({ rows, label }: BarsProps) {
  const top = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul aria-label={label} className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)_auto] gap-x-3 gap-y-1.5">
      {rows.map((row) => (
        <li key={row.key} className="col-span-3 grid grid-cols-subgrid items-center">
          <span className="truncate">{row.label}</span>
          <span aria-hidden="true" className="block h-2.5">
            <span
              style={{ width: row.value === 0 ? 0 : `max(2px, ${(row.value / top) * 100}%)` }}
              className={cx('block h-full rounded-[2px]', (row.strong ?? true) ? 'bg-progress' : 'bg-track')}
            />
          </span>
          <span className="min-w-12 text-end text-text-2 tabular-nums">{row.text}</span>
        </li>
      ))}
    </ul>
  );
}
