import { Check, ChevronsUpDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { useField } from './field';
import { Icon } from './icon';
import { pageNonce } from './nonce';

export interface SelectOption<Value extends string> {
  value: Value;
  label: ReactNode;
  /** A second line under the label in the list. */
  detail?: ReactNode;
  disabled?: boolean;
}

interface SelectProps<Value extends string> {
  value: Value | undefined;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  placeholder?: string;
  disabled?: boolean;
  /** Needed outside a Field. */
  'aria-label'?: string;
  name?: string;
  size?: 'sm' | 'md';
  className?: string;
}

/** One of a few values. The menu opens below; the chosen row carries a tick at the left. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  placeholder,
  disabled,
  name,
  size = 'md',
  className,
  ...rest
}: SelectProps<Value>) {
  const field = useField();
  return (
    <Radix.Root
      {...(value === undefined ? {} : { value })}
      onValueChange={(next) => onChange(next as Value)}
      {...(disabled === undefined ? {} : { disabled })}
      {...(name === undefined ? {} : { name })}
    >
      <Radix.Trigger
        id={field.id}
        aria-label={rest['aria-label']}
        aria-describedby={field.describedBy}
        aria-invalid={field.invalid || undefined}
        className={cx(
          'flex w-full items-center justify-between gap-2 rounded-2 border bg-surface px-3 text-start disabled:cursor-not-allowed disabled:bg-hover disabled:text-text-3 data-[placeholder]:text-text-3',
          'focus-visible:border-brand-focus focus-visible:-outline-offset-1',
          size === 'md' ? 'h-(--ctl)' : 'h-[calc(var(--ctl)-8px)] t-xs',
          field.invalid ? 'border-danger-mark' : 'border-control',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Radix.Icon>
          <Icon as={ChevronsUpDown} size={16} />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          className="z-50 max-h-[min(var(--radix-select-content-available-height),420px)] min-w-(--radix-select-trigger-width) overflow-hidden rounded-[10px] bg-raised p-1 shadow-e2 animate-[fade_160ms_var(--ease-out)]"
        >
          <Radix.Viewport {...(pageNonce() ? { nonce: pageNonce() } : {})}>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value}
                {...(option.disabled ? { disabled: true } : {})}
                className="relative flex min-h-[34px] items-center rounded-[6px] py-1.5 ps-9 pe-3 outline-none select-none data-[disabled]:text-text-3 data-[highlighted]:bg-hover"
              >
                <Radix.ItemIndicator className="absolute start-2.5">
                  <Icon as={Check} size={16} />
                </Radix.ItemIndicator>
                <span>
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.detail ? <span className="block t-xs text-text-3">{option.detail}</span> : null}
                </span>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
