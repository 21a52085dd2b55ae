import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { cx } from './cx';
import { Icon } from './icon';
import { Tooltip } from './tooltip';

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** What it does, as a verb: the accessible name and the tooltip. */
  label: string;
  icon: LucideIcon;
  iconSize?: 14 | 16 | 18 | 20;
  variant?: 'ghost' | 'secondary';
  size?: 'sm' | 'md';
  shortcut?: string;
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A square of the control height with one icon. */
export function IconButton({
  label,
  icon,
  iconSize = 16,
  variant = 'ghost',
  size = 'md',
  shortcut,
  pressed,
  className,
  type = 'button',
  ref,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={label} {...(shortcut ? { shortcut } : {})}>
      <button
        ref={ref}
        type={type}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(
          'inline-grid flex-none place-items-center rounded-2 border transition-colors duration-[90ms] disabled:cursor-not-allowed disabled:text-text-3',
          size === 'md' ? 'size-(--ctl)' : 'size-[calc(var(--ctl)-8px)]',
          variant === 'ghost'
            ? 'border-transparent text-text-2 hover:bg-hover hover:text-text aria-pressed:bg-hover aria-pressed:text-text'
            : 'border-line-2 bg-surface text-text shadow-e1 hover:bg-hover',
          className,
        )}
        {...rest}
      >
        <Icon as={icon} size={iconSize} />
      </button>
    </Tooltip>
  );
}
