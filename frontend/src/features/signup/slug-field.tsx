import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { type Dispatch, useEffect, useReducer, useState } from 'react';
import { boot } from '@/lib/boot';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Spinner } from '@/ui/spinner';
import { availabilityQuery } from './api';
import { readOpen } from './draft';
import { type SlugEvent, type SlugState, slugReducer, slugStart } from './slug';

/** Waits until nothing was typed for a while. */
function useSettled(value: string, milliseconds: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

/** The address and its live check against the server. */
export function useSlug(start: string): [SlugState, Dispatch<SlugEvent>] {
  const [own] = useState(() => readOpen()?.slug ?? null);
  const [state, dispatch] = useReducer(slugReducer(own), start, slugStart);
  const settled = useSettled(state.value, 280);
  const { data, error } = useQuery({
    ...availabilityQuery(settled),
    enabled: settled !== '',
    // The answer for the word before must never be shown for this one.
    placeholderData: undefined,
  });
  const waiting = state.check.kind === 'checking';
  useEffect(() => {
    if (waiting && data) dispatch({ type: 'answered', slug: settled, answer: data });
    else if (waiting && error) dispatch({ type: 'failed', slug: settled });
  }, [data, error, settled, waiting]);
  return [state, dispatch];
}

/** What stands under the field, and in which tone. */
export function slugMessage(state: SlugState): { error?: string; good?: string; hint?: string } {
  const host = `${state.value}.${boot().tenant_suffix}`;
  switch (state.check.kind) {
    case 'free':
      return { good: t`${host} is free.` };
    case 'refused':
      return { error: state.check.message };
    case 'checking':
      return { hint: t`Checking ${host}` };
    case 'unknown':
      return { hint: t`We could not check this address now. It is checked again when you finish.` };
    case 'empty':
      return { hint: t`Small letters, digits and hyphens. Your learners will type this.` };
  }
}

export function SlugEnd({ state }: { state: SlugState }) {
  if (state.check.kind === 'checking') return <Spinner className="text-text-3" />;
  if (state.check.kind !== 'free') return null;
  return (
    <span className="grid size-5 flex-none place-items-center rounded-full bg-(--success-solid) text-(--success-on)">
      <Icon as={Check} size={12} />
    </span>
  );
}

/** Takes over the server's suggestion by one press. */
export function Suggestion({ state, dispatch }: { state: SlugState; dispatch: Dispatch<SlugEvent> }) {
  if (state.check.kind !== 'refused' || !state.check.suggestion) return null;
  const { suggestion } = state.check;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="t-xs text-text-3">
        <Trans>Free instead</Trans>
      </span>
      <button
        type="button"
        onClick={() => dispatch({ type: 'taken-over', slug: suggestion })}
        className="inline-flex h-9 items-center rounded-2 border border-line-2 bg-surface px-3.5 t-sm font-medium text-text-2 transition-colors duration-[90ms] hover:bg-hover hover:text-text pointer-coarse:h-11"
      >
        {suggestion}
      </button>
    </div>
  );
}

/** The address field of the sign-up form. */
export function SlugField({ state, dispatch }: { state: SlugState; dispatch: Dispatch<SlugEvent> }) {
  return (
    <div className="grid gap-3">
      <Field label={<Trans>Address</Trans>} required {...slugMessage(state)}>
        <Input
          name="slug"
          value={state.value}
          onChange={(event) => dispatch({ type: 'typed', text: event.target.value })}
          autoCapitalize="none"
          autoCorrect="off"
          autoComplete="off"
          spellCheck={false}
          maxLength={63}
          suffix={`.${boot().tenant_suffix}`}
          good={state.check.kind === 'free'}
          end={<SlugEnd state={state} />}
        />
      </Field>
      <Suggestion state={state} dispatch={dispatch} />
    </div>
  );
}
