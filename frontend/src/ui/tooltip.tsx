import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Kbd } from './kbd';
import { useFloatContainer } from './portal';

/** Wrap a surface once, so that tooltips opened one after the other skip their delay. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return <Radix.Provider delayDuration={400}>{children}</Radix.Provider>;
}

interface TooltipProps {
  label: ReactNode;
  /** The key that does the same. */
  shortcut?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  children: ReactNode;
}

/** Names a control that shows only an icon. Never the only place of something a person needs to read. */
export function Tooltip({ label, shortcut, side = 'top', children }: TooltipProps) {
  const container = useFloatContainer();
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal {...(container ? { container } : {})}>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex items-center gap-2 rounded-[6px] bg-night px-2.5 py-1.5 text-[13px] leading-[18px] text-night-text ring-1 ring-white/10 animate-[fade_160ms_var(--ease-out)]"
        >
          {label}
          {shortcut ? <Kbd tone="night">{shortcut}</Kbd> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
