import type { ReactNode } from 'react';
import { cx } from '@/ui/cx';

interface StaffPageProps {
  title: ReactNode;
  /** Quiet words after the title: a count, what it covers. */
  aside?: ReactNode;
  /** Filters beside the title. */
  filters?: ReactNode;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** One page of the console: title, filters and actions in one line, content right below. */
export function StaffPage({ title, aside, filters, actions, className, children }: StaffPageProps) {
  return (
    <div className={cx('px-3 pt-4 pb-10 sm:px-5', className)}>
      <header className="mb-3.5 flex min-h-8 flex-wrap items-center gap-x-2.5 gap-y-2">
        <h1 tabIndex={-1} className={PAGE_TITLE}>
          {title}
        </h1>
        {aside ? <span className="text-text-3">{aside}</span> : null}
        {filters ? <div className="flex min-w-0 flex-wrap items-center gap-1.5 sm:ms-3">{filters}</div> : null}
        {actions ? <div className="ms-auto flex flex-wrap items-center gap-2">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

export const PAGE_TITLE = 'font-sans text-[18px] leading-6 font-[620] tracking-[-0.014em]';
export const SECTION_TITLE = 'font-sans text-[13px] leading-[18px] font-semibold';

/** A heading with its content, on a hairline: the sections of the columns. */
export function Section({ title, aside, children, className }: { title: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={className}>
      <div className="mb-2 flex items-baseline justify-between gap-3">
        <h2 className={SECTION_TITLE}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
