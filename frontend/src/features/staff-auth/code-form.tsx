import { t } from '@lingui/core/macro';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { sentence } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';

interface CodeFormProps {
  /** Six figures from an app, or one of the long codes on paper. */
  kind?: 'totp' | 'recovery';
  label: ReactNode;
  hint?: string;
  act: ReactNode;
  acting: ReactNode;
  error: unknown;
  pending: boolean;
  onCode: (code: string) => void;
}

/** What was typed or pasted, as the server wants it: apps show "123 456". */
export const cleanCode = (text: string) => text.replaceAll(/\s+/g, '');

/** One code. Paste works, and six figures send themselves. */
export function CodeForm({ kind = 'totp', label, hint, act, acting, error, pending, onCode }: CodeFormProps) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (error) field.current?.select();
  }, [error]);
  const send = (value: string) => {
    const code = cleanCode(value);
    setMissing(code === '');
    if (code !== '' && !pending) onCode(code);
  };
  const change = (value: string) => {
    setText(value);
    setMissing(false);
    if (kind === 'totp' && /^\d{6}$/.test(cleanCode(value)) && cleanCode(value) !== cleanCode(text)) send(value);
  };
  const wrong = missing ? t`Type the code first.` : error ? sentence(error) : undefined;
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        send(text);
      }}
    >
      <Field label={label} required error={wrong} hint={hint}>
        <Input
          ref={field}
          autoFocus
          value={text}
          onChange={(event) => change(event.target.value)}
          inputMode={kind === 'totp' ? 'numeric' : 'text'}
          autoComplete={kind === 'totp' ? 'one-time-code' : 'off'}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={kind === 'totp' ? 7 : 40}
          className="h-11! mono text-[17px]! tracking-[0.08em]!"
        />
      </Field>
      <Button type="submit" variant="primary" wide className="h-9! pointer-coarse:h-11!" loading={pending}>
        {pending ? acting : act}
      </Button>
    </form>
  );
}
