import { Eye, EyeOff } from 'lucide-react';
import { type Ref, useState } from 'react';
import { Icon } from './icon';
import { Input, type InputProps } from './input';

interface PasswordInputProps extends Omit<InputProps, 'type' | 'end'> {
  showLabel: string;
  hideLabel: string;
  ref?: Ref<HTMLInputElement>;
}

/** A password that can be looked at. Paste and password managers work as in any field. */
export function PasswordInput({ showLabel, hideLabel, ref, ...rest }: PasswordInputProps) {
  const [shown, setShown] = useState(false);
  return (
    <Input
      ref={ref}
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...rest}
      end={
        <button
          type="button"
          aria-label={shown ? hideLabel : showLabel}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="-me-1.5 grid size-8 flex-none place-items-center rounded-[6px] text-text-2 hover:bg-hover hover:text-text"
        >
          <Icon as={shown ? EyeOff : Eye} />
        </button>
      }
    />
  );
}
