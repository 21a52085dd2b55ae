import { Check, type LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';
import { Kbd } from './kbd';
import { useFloatContainer } from './portal';

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'bottom' | 'right' | 'left';
  width?: number;
  children: ReactNode;
  onOpenChange?: (open: boolean) => void;
}

const ROW =
  'flex min-h-[34px] items-center gap-2.5 rounded-[6px] px-2.5 py-1.5 outline-none select-none data-[highlighted]:bg-hover data-[disabled]:text-text-3 pointer-coarse:min-h-11';

/** Actions on one thing. The current row is grey, never brand; a dangerous one is last, in its own words. */
export function Menu({ trigger, align = 'end', side = 'bottom', width = 220, children, onOpenChange }: MenuProps) {
  const container = useFloatContainer();
  return (
    // Not modal: the page stays readable and scrolls; a press outside still closes.
    <Radix.Root modal={false} {...(onOpenChange ? { onOpenChange } : {})}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal {...(container ? { container } : {})}>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          style={{ minWidth: width }}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) max-w-[calc(100vw-16px)] overflow-y-auto rounded-[10px] bg-raised p-1 text-start font-sans text-(length:--fs) leading-(--lh) font-normal text-text shadow-e2 animate-[fade_160ms_var(--ease-out)]"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  icon?: LucideIcon;
  onSelect?: (event: Event) => void;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  /** A second line; for a disabled row it says why. */
  detail?: ReactNode;
  /** Renders the single child (a link) as the row. */
  asChild?: boolean;
  children: ReactNode;
}

export function MenuItem({ icon, onSelect, shortcut, danger = false, disabled, detail, asChild = false, children }: MenuItemProps) {
  const common = {
    ...(onSelect ? { onSelect } : {}),
    ...(disabled ? { disabled } : {}),
    className: cx(ROW, danger && 'text-danger-text'),
  };
  if (asChild) {
    return (
      <Radix.Item asChild {...common}>
        {children}
      </Radix.Item>
    );
  }
  return (
    <Radix.Item {...common}>
      {icon ? <Icon as={icon} className={danger ? '' : 'text-text-2'} /> : null}
      <span className="min-w-0 flex-1">
        {children}
        {detail ? <span className="block t-xs text-text-3">{detail}</span> : null}
      </span>
      {shortcut ? <Kbd>{shortcut}</Kbd> : null}
    </Radix.Item>
  );
}

interface MenuChoicesProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: ReactNode }[];
}

/** One of a few inside a menu, the chosen one ticked. */
export function MenuChoices<Value extends string>({ label, value, onChange, options }: MenuChoicesProps<Value>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)} aria-label={label}>
      <Radix.Label className="px-2.5 pt-2 pb-1 t-xs text-text-3">{label}</Radix.Label>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={cx(ROW, 'ps-9 relative')}>
          <Radix.ItemIndicator className="absolute start-2.5">
            <Icon as={Check} />
          </Radix.ItemIndicator>
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 py-2 t-xs text-text-3">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
