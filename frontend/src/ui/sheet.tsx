import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { IconButton } from './icon-button';
import { InDialog } from './portal';

interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  closeLabel: string;
  /** From the end of the line on wide screens; always from the bottom on phones. */
  side?: 'end' | 'start';
  footer?: ReactNode;
  children: ReactNode;
}

/** A panel that slides over the page and keeps the page's context visible beside it. */
export function Sheet({ open, onOpenChange, title, closeLabel, side = 'end', footer, children }: SheetProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-overlay animate-[fade_240ms_var(--ease-out)]" />
        <Radix.Content
          aria-describedby={undefined}
          className={cx(
            'fixed z-40 flex flex-col bg-raised shadow-e3 outline-none',
            'inset-x-0 bottom-0 max-h-[86dvh] rounded-t-4 animate-[slide-up_240ms_var(--ease-out)]',
            'sm:inset-y-0 sm:max-h-none sm:w-[420px] sm:rounded-none sm:animate-[slide-in_240ms_var(--ease-out)]',
            side === 'end' ? 'sm:start-auto sm:end-0' : 'sm:start-0 sm:end-auto',
          )}
        >
          <InDialog value>
            <div className="flex items-center justify-between gap-3 border-b border-line py-3 ps-5 pe-3">
              <Radix.Title className="t-h4">{title}</Radix.Title>
              <Radix.Close asChild>
                <IconButton icon={X} label={closeLabel} />
              </Radix.Close>
            </div>
            <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
            {footer ? <div className="flex justify-end gap-2 border-t border-line p-4">{footer}</div> : null}
          </InDialog>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
