import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { InDialog } from './portal';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One or two sentences below the title; also what a screen reader says first. */
  description?: ReactNode;
  /** Buttons, the safe choice first. Full width on phones. */
  actions?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
  /** Pressing outside or Escape does not close it: for what must be answered. */
  sticky?: boolean;
  /** A dialog is read as one; an alert interrupts. */
  alert?: boolean;
  children?: ReactNode;
}

const WIDTH = { sm: 'max-w-[420px]', md: 'max-w-[520px]', lg: 'max-w-[720px]' };

/** A question or a short form over the page. Focus goes in, stays in, and returns to what opened it. */
export function Dialog({ open, onOpenChange, title, description, actions, size = 'md', sticky, alert, children }: DialogProps) {
  const keep = (event: Event) => {
    if (sticky) event.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 grid items-end bg-overlay p-3 animate-[fade_240ms_var(--ease-out)] sm:place-items-center sm:p-6">
          <Radix.Content
            role={alert ? 'alertdialog' : 'dialog'}
            {...(description ? {} : { 'aria-describedby': undefined })}
            onPointerDownOutside={keep}
            onInteractOutside={keep}
            onEscapeKeyDown={keep}
            className={cx(
              'flex max-h-[calc(100dvh-24px)] w-full flex-col overflow-hidden rounded-4 bg-raised shadow-e3 outline-none animate-[rise_240ms_var(--ease-out)] sm:max-h-[calc(100dvh-48px)]',
              WIDTH[size],
            )}
          >
            <InDialog value>
              <div className="min-h-0 overflow-y-auto p-5">
                <Radix.Title className="t-h4">{title}</Radix.Title>
                {description ? (
                  <Radix.Description className="mt-1.5 text-text-2">{description}</Radix.Description>
                ) : null}
                {children ? <div className="mt-4">{children}</div> : null}
              </div>
              {actions ? (
                <div className="flex flex-none flex-col-reverse gap-2 px-5 pb-5 *:w-full sm:flex-row sm:justify-end sm:*:w-auto">
                  {actions}
                </div>
              ) : null}
            </InDialog>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}
