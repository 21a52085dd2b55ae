import { type CSSProperties, type ReactNode, useMemo } from 'react';
import { useScheme } from './color-scheme';
import { type Mode, themeVariables } from './palette';

interface BrandScopeProps {
  /** The organization's colour; without it the page's own tenant theme is used. */
  color?: string;
  mode?: Mode;
  className?: string;
  children: ReactNode;
}

/** Re-themes a subtree: the live preview of a brand, or an organization's mark inside our own chrome. */
export function BrandScope({ color, mode, className, children }: BrandScopeProps) {
  const scheme = useScheme();
  const shown = mode ?? scheme;
  const style = useMemo(() => (color ? (themeVariables(color, shown) as CSSProperties) : undefined), [color, shown]);
  return (
    <div data-brand="tenant" data-theme={shown} style={style} className={className}>
      {children}
    </div>
  );
}
