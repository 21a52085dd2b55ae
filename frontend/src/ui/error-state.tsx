import { Copy } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from './button';
import { cx } from './cx';
import { Icon } from './icon';
import { type TrackCondition, TrackPicture } from './track-picture';

interface ErrorStateProps {
  condition?: TrackCondition;
  /** What happened, as a heading. */
  title: ReactNode;
  /** What is safe, then what can be done. */
  children?: ReactNode;
  /** One way on, and at most one way back. */
  actions?: ReactNode;
  /** A reference to hand to an administrator, with its labels. */
  reference?: { intro: string; text: string; copyLabel: string; copiedLabel: string };
  /** Inside a panel: smaller, without the large picture's width. */
  compact?: boolean;
  headingLevel?: 1 | 2 | 3;
}

/** What happened, what is safe, one way on, a reference to copy. The picture is the Track in that condition. */
export function ErrorState({
  condition = 'error',
  title,
  children,
  actions,
  reference,
  compact = false,
  headingLevel = 1,
}: ErrorStateProps) {
  const Heading = `h${headingLevel}` as const;
  return (
    <div className={cx(compact ? 'max-w-[480px] py-6' : 'max-w-[640px]')}>
      <TrackPicture condition={condition} className={compact ? 'mb-4 max-w-[320px]' : 'mb-6 sm:mb-8'} />
      <Heading tabIndex={-1} className={compact ? 't-h4' : 't-h1'}>
        {title}
      </Heading>
      {children ? (
        <div className={compact ? 'mt-1.5 text-text-2' : 't-lead mt-3 max-w-[34em]'}>{children}</div>
      ) : null}
      {actions ? (
        <div className={cx('flex flex-wrap gap-3', compact ? 'mt-4' : 'mt-6 max-sm:*:w-full sm:mt-8')}>{actions}</div>
      ) : null}
      {reference ? <Reference {...reference} compact={compact} /> : null}
    </div>
  );
}

function Reference({
  intro,
  text,
  copyLabel,
  copiedLabel,
  compact,
}: NonNullable<ErrorStateProps['reference']> & { compact: boolean }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={cx('grid justify-items-start gap-2 border-t border-line t-sm', compact ? 'mt-5 pt-4' : 'mt-12 pt-5')}>
      <p className="text-text-2">{intro}</p>
      <p className="mono break-all">{text}</p>
      <Button
        size="sm"
        className="mt-1.5"
        icon={<Icon as={Copy} />}
        onClick={() => {
          void navigator.clipboard?.writeText(text).then(() => setCopied(true));
        }}
      >
        <span aria-live="polite">{copied ? copiedLabel : copyLabel}</span>
      </Button>
    </div>
  );
}
