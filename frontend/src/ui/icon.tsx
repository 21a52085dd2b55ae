import type { LucideIcon } from 'lucide-react';
import { cx } from './cx';

interface IconProps {
  as: LucideIcon;
  /** Pixels. 16 in studio and staff, 18 to 20 in learn; 14 gets a heavier stroke to stay legible. */
  size?: 12 | 14 | 16 | 18 | 20 | 24;
  className?: string;
  /** Chevrons and arrows mirror with the direction of writing; media controls do not. */
  mirror?: boolean;
}

/** A lucide icon at the weight of our type. Always decorative: the word or the control's label carries the meaning. */
export function Icon({ as: Glyph, size = 16, className, mirror = false }: IconProps) {
  const stroke = size === 12 ? 3 : size === 14 ? 2 : size === 24 ? 1.6 : 1.75;
  return (
    <Glyph
      aria-hidden="true"
      focusable="false"
      size={size}
      strokeWidth={stroke}
      className={cx('flex-none', mirror && 'rtl:-scale-x-100', className)}
    />
  );
}
