import { type ButtonHTMLAttributes, type ReactNode, useId } from 'react';
import { cx } from './cx';
import { Spinner } from './spinner';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'sm' | 'md' | 'lg';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  /** Shows the spinner, keeps the width and ignores presses; the label should turn into a verb in -ing. */
  loading?: boolean;
  icon?: ReactNode;
  iconEnd?: ReactNode;
  /** Why it cannot be pressed, shown beside it. A button is never disabled without one. */
  disabledReason?: ReactNode;
  /** Takes the whole width of its column. */
  wide?: boolean;
}

const BASE =
  'relative inline-flex select-none items-center justify-center gap-2 rounded-2 border font-[560] whitespace-nowrap transition-[background-color,border-color,color] duration-[90ms] active:translate-y-[0.5px]';

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'border-brand-edge bg-brand-solid text-brand-on hover:bg-brand-solid-hover',
  secondary: 'border-line-2 bg-surface text-text shadow-e1 hover:bg-hover',
  ghost: 'border-transparent bg-transparent text-text-2 hover:bg-hover hover:text-text',
  danger: 'border-line-2 bg-surface text-danger-text shadow-e1 hover:bg-danger-soft hover:text-danger-soft-text',
};

const SIZES: Record<ButtonSize, string> = {
  sm: 'h-[calc(var(--ctl)-8px)] px-3 text-[0.93em]',
  md: 'h-(--ctl) px-[calc(var(--ctl)*0.4)]',
  lg: 'h-[52px] px-6 text-[17px]',
};

const OFF = 'cursor-not-allowed border-transparent bg-hover text-text-3';

/** The class names of a button, for elements that must stay something else (a router link, a label). */
export function buttonClass(variant: ButtonVariant = 'secondary', size: ButtonSize = 'md', extra?: string): string {
  return cx(BASE, VARIANTS[variant], SIZES[size], extra);
}

export function Button({
  variant = 'secondary',
  size = 'md',
  loading = false,
  icon,
  iconEnd,
  disabledReason,
  wide = false,
  className,
  children,
  onClick,
  type = 'button',
  disabled,
  ...rest
}: ButtonProps) {
  const reasonId = useId();
  const off = Boolean(disabledReason) || Boolean(disabled);
  const classes = cx(BASE, SIZES[size], off ? OFF : VARIANTS[variant], wide && 'w-full', loading && 'cursor-progress', className);
  const button = (
    // aria-disabled, not disabled: the button stays in the tab order, so its reason can be read.
    <button
      type={off || loading ? 'button' : type}
      className={classes}
      aria-disabled={off || loading || undefined}
      aria-busy={loading || undefined}
      aria-describedby={disabledReason ? reasonId : rest['aria-describedby']}
      onClick={(event) => {
        if (off || loading) {
          event.preventDefault();
          return;
        }
        onClick?.(event);
      }}
      {...rest}
    >
      {loading ? <Spinner /> : icon}
      {children}
      {loading ? null : iconEnd}
    </button>
  );
  if (!disabledReason) return button;
  return (
    <span className={cx('inline-flex flex-wrap items-center gap-x-3 gap-y-1', wide && 'w-full')}>
      {button}
      <span id={reasonId} className="t-xs text-text-3">
        {disabledReason}
      </span>
    </span>
  );
}
