import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useContext, type ReactNode } from 'react';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { useFloatContainer } from '@/ui/portal';
import { StageElement } from './stage-element';
import { usePlayerState } from './use-player';

interface StageMenuProps {
  label: string;
  trigger: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

export function StageMenu({ label, trigger, open, onOpenChange, children }: StageMenuProps) {
  const stage = useContext(StageElement);
  const fullscreen = usePlayerState('fullscreen');
  const page = useFloatContainer();
  // Over the page a menu may leave the picture, which on a phone is lower than the list.
  const container = fullscreen ? stage : page;
  return (
    <DropdownMenu.Root modal={false} {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal {...(container ? { container } : {})}>
        <DropdownMenu.Content
          aria-label={label}
          data-theme="dark"
          data-brand={document.documentElement.dataset['brand']}
          side="top"
          align="end"
          sideOffset={8}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-[150px] overflow-y-auto rounded-[10px] bg-raised p-1 text-start font-sans text-[14px] font-normal leading-5 text-text shadow-e2 animate-[fade_160ms_var(--ease-out)]"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface StageChoicesProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
}

/** One of a few, the chosen one ticked. */
export function StageChoices({ label, value, onChange, options }: StageChoicesProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange} aria-label={label}>
      <DropdownMenu.Label className="px-2.5 pt-2 pb-1 text-[13px] leading-[18px] text-text-3">{label}</DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          className={cx(
            'relative flex min-h-8 items-center rounded-[6px] ps-9 pe-3 tabular-nums outline-none select-none',
            'data-[highlighted]:bg-hover data-[state=checked]:font-[560] pointer-coarse:min-h-11',
          )}
        >
          <DropdownMenu.ItemIndicator className="absolute start-2.5">
            <Icon as={Check} size={16} />
          </DropdownMenu.ItemIndicator>
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
