import { createContext, type ReactNode, useContext, useId, useMemo } from 'react';
import { cx } from './cx';

interface FieldContext {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const Context = createContext<FieldContext | null>(null);

/** What an input needs to be tied to the field around it. Outside a field every value is empty. */
export function useField(): Partial<FieldContext> {
  return useContext(Context) ?? {};
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** Replaces the hint, in words that say what to do. */
  error?: ReactNode;
  /** Said in green instead of the hint, for a check that passed. */
  good?: ReactNode;
  required?: boolean;
  /** At the right of the label: a link, a count. */
  aside?: ReactNode;
  className?: string;
  id?: string;
  children: ReactNode;
}

/** Label above, control, one line below: a hint, or what is wrong, or what is right. */
export function Field({ label, hint, error, good, required = false, aside, className, id: given, children }: FieldProps) {
  const made = useId();
  const id = given ?? made;
  const message = error ?? good ?? hint;
  const value = useMemo(
    () => ({ id, describedBy: message ? `${id}-message` : undefined, invalid: Boolean(error), required }),
    [id, message, error, required],
  );
  return (
    <Context value={value}>
      <div className={cx('flex flex-col gap-1.5', className)}>
        <div className="flex items-baseline justify-between gap-3">
          <label htmlFor={id} className="text-[0.94em] font-[540]">
            {label}
          </label>
          {aside}
        </div>
        {children}
        <p
          id={`${id}-message`}
          aria-live="polite"
          className={cx('t-xs empty:hidden', error ? 'text-danger-text' : good ? 'text-success-text' : 'text-text-3')}
        >
          {message}
        </p>
      </div>
    </Context>
  );
}
