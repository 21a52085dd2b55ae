import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useFloatContainer } from './portal';

interface PopoverProps {
  trigger: ReactNode;
  /** Says what the panel is; not shown. */
  label: string;
  align?: 'start' | 'center' | 'end';
  width?: number;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

/** A small panel tied to a control, for what does not deserve a dialog. */
export function Popover({ trigger, label, align = 'start', width = 280, open, onOpenChange, children }: PopoverProps) {
  const container = useFloatContainer();
  return (
    <Radix.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal {...(container ? { container } : {})}>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          style={{ width }}
          className="z-50 max-w-[calc(100vw-16px)] rounded-[10px] bg-raised p-4 shadow-e2 outline-none animate-[fade_160ms_var(--ease-out)]"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
