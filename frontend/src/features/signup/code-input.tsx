import { useState } from 'react';
import { cx } from '@/ui/cx';
import { useField } from '@/ui/field';

const LENGTH = 6;

/** Only the digits of what was typed or pasted ("123 456", "Code: 123456"). */
export function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '').slice(0, LENGTH);
}

interface CodeInputProps {
  value: string;
  onChange: (digits: string) => void;
  /** All six are there. */
  onComplete: (digits: string) => void;
  disabled?: boolean;
}

/** Six digits in six cells, but one field: paste, autofill and screen readers meet an ordinary input. */
export function CodeInput({ value, onChange, onComplete, disabled = false }: CodeInputProps) {
  const field = useField();
  const [focused, setFocused] = useState(false);
  const at = Math.min(value.length, LENGTH - 1);
  return (
    <div className="relative w-fit max-w-full">
      <div aria-hidden="true" className="flex gap-2">
        {Array.from({ length: LENGTH }, (_, cell) => (
          <span
            key={cell}
            className={cx(
              'grid h-14 w-12 min-w-0 place-items-center rounded-2 border bg-surface font-heading text-[24px] font-[560] tabular-nums',
              cell === 3 && 'ms-2',
              disabled && 'bg-hover text-text-3',
              focused && cell === at
                ? 'border-brand-focus outline-2 -outline-offset-1 outline-brand-focus'
                : field.invalid
                  ? 'border-danger-mark'
                  : 'border-control',
            )}
          >
            {value[cell] ?? ''}
          </span>
        ))}
      </div>
      <input
        id={field.id}
        aria-describedby={field.describedBy}
        aria-invalid={field.invalid || undefined}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9]*"
        readOnly={disabled}
        value={value}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(event) => {
          const digits = digitsOf(event.target.value);
          onChange(digits);
          if (digits.length === LENGTH && digits !== value) onComplete(digits);
        }}
        className="absolute inset-0 w-full cursor-text opacity-0"
      />
    </div>
  );
}
