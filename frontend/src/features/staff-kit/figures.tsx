import type { ReactNode } from 'react';

/** The few numbers on top of a page, side by side on a hairline. */
export function Figures({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 border-y border-line border-t-line-2 sm:grid-cols-3 lg:grid-cols-5 [&>div]:border-line [&>div]:px-4 [&>div]:py-3 lg:[&>div+div]:border-s lg:[&>div:first-child]:ps-0 max-lg:[&>div]:px-0">
      {children}
    </dl>
  );
}

export function Figure({ name, value, note }: { name: ReactNode; value: ReactNode; note?: ReactNode }) {
  return (
    <div>
      <dt className="text-text-2">{name}</dt>
      <dd className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-[22px] leading-7 font-semibold tracking-[-0.022em] whitespace-nowrap">{value}</span>
        {note ? <span className="t-xxs text-text-3">{note}</span> : null}
      </dd>
    </div>
  );
}

/** A note that is no good news. */
export function BadNote({ children }: { children: ReactNode }) {
  return <span className="font-medium text-danger-text">{children}</span>;
}
