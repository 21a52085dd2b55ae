import type { ReactNode } from 'react';
import { cx } from './cx';
import { TrackPicture } from './track-picture';

interface EmptyProps {
  title: ReactNode;
  /** One sentence: why it is empty and what fills it. */
  children?: ReactNode;
  /** The one action that fills it. */
  action?: ReactNode;
  headingLevel?: 2 | 3 | 4;
  className?: string;
}

/** Nothing here yet: the unfilled Track, a sentence, one action. */
export function Empty({ title, children, action, headingLevel = 2, className }: EmptyProps) {
  const Heading = `h${headingLevel}` as const;
  return (
    <div className={cx('max-w-[480px] py-8', className)}>
      <TrackPicture condition="empty" className="mb-4 max-w-[320px]" />
      <Heading className="t-h4">{title}</Heading>
      {children ? <p className="mt-1.5 text-text-2">{children}</p> : null}
      {action ? <div className="mt-4">{action}</div> : null}
    </div>
  );
}
